-- +goose Up
CREATE TABLE videos (
    guid    TEXT PRIMARY KEY,
    source  TEXT   NOT NULL UNIQUE,
    content TEXT   NOT NULL,
    status  TEXT   NOT NULL,
    started BIGINT NOT NULL,
    job_id  TEXT   NOT NULL,
    record  TEXT   NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX videos_started ON videos (started, guid);
CREATE INDEX videos_status ON videos (status, started, guid);
CREATE INDEX videos_content ON videos (content);
CREATE INDEX videos_job ON videos (job_id);

CREATE TABLE pipelines (
    name   TEXT   NOT NULL,
    bucket TEXT   NOT NULL,
    since  BIGINT NOT NULL,
    PRIMARY KEY (name, bucket)
);

-- +goose Down
DROP TABLE pipelines;
DROP TABLE videos;
