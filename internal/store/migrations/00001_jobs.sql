-- +goose Up
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('outbox', 0), ('dispatch', 0);

CREATE TABLE outbox (
    id      BIGINT PRIMARY KEY,
    subject TEXT   NOT NULL,
    msg_id  TEXT   NOT NULL,
    payload TEXT   NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX outbox_subject ON outbox (subject);

CREATE TABLE queues (
    name         TEXT PRIMARY KEY,
    description  TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    pricing_plan TEXT    NOT NULL,
    concurrent   INTEGER NOT NULL,
    tags         TEXT    NOT NULL,
    created      BIGINT  NOT NULL,
    updated      BIGINT  NOT NULL
);

CREATE TABLE jobs (
    id          TEXT PRIMARY KEY,
    queue       TEXT    NOT NULL REFERENCES queues (name),
    status      TEXT    NOT NULL,
    priority    INTEGER NOT NULL,
    created     BIGINT  NOT NULL,
    started     BIGINT  NOT NULL,
    finished    BIGINT  NOT NULL,
    phase       TEXT    NOT NULL,
    percent     INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,
    retries     INTEGER NOT NULL,
    publishing  INTEGER NOT NULL,
    video_guid  TEXT    NOT NULL,
    request     TEXT    NOT NULL,
    result      TEXT    NOT NULL,
    version     BIGINT  NOT NULL
);
CREATE INDEX jobs_created ON jobs (created, id);
CREATE INDEX jobs_status ON jobs (status, created);
CREATE INDEX jobs_waiting ON jobs (queue, status, priority, created);

CREATE TABLE job_tokens (
    token   TEXT PRIMARY KEY,
    job_id  TEXT   NOT NULL,
    created BIGINT NOT NULL
);

-- +goose Down
DROP TABLE job_tokens;
DROP TABLE jobs;
DROP TABLE queues;
DROP TABLE outbox;
DROP TABLE counters;
