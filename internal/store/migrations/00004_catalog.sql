-- +goose Up
INSERT INTO counters (name, value) VALUES ('catalog', 0);

CREATE TABLE catalog (
    kind     TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    category TEXT   NOT NULL,
    created  BIGINT NOT NULL,
    updated  BIGINT NOT NULL,
    record   TEXT   NOT NULL,
    version  BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);
CREATE INDEX catalog_created ON catalog (kind, created, name);

CREATE TABLE tags (
    kind    TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    tags    TEXT   NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);
INSERT INTO tags (kind, name, tags, version) SELECT 'queues', name, tags, 0 FROM queues WHERE tags NOT IN ('null', '{}');
ALTER TABLE queues DROP COLUMN tags;

CREATE TABLE policy (
    name   TEXT PRIMARY KEY,
    record TEXT NOT NULL
);

CREATE TABLE certificates (
    arn     TEXT PRIMARY KEY,
    created BIGINT NOT NULL
);

ALTER TABLE jobs ADD COLUMN share TEXT NOT NULL DEFAULT '';

CREATE TABLE access_keys (
    access  TEXT PRIMARY KEY,
    secret  TEXT   NOT NULL,
    role    TEXT   NOT NULL,
    note    TEXT   NOT NULL,
    created BIGINT NOT NULL
);

-- +goose Down
DROP TABLE access_keys;
ALTER TABLE jobs DROP COLUMN share;
DROP TABLE certificates;
DROP TABLE policy;
ALTER TABLE queues ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
DROP TABLE tags;
DROP TABLE catalog;
DELETE FROM counters WHERE name = 'catalog';
