-- +goose Up
-- Jobs are written anew without the reference to queues: a queue may be deleted
-- while finished jobs tell that they were in it. SQLite can drop a constraint
-- in no other way.
CREATE TABLE jobs_new (
    id          TEXT PRIMARY KEY,
    queue       TEXT    NOT NULL, -- that the job was submitted to
    status      TEXT    NOT NULL,
    priority    INTEGER NOT NULL, -- that the job was submitted with
    waits_in    TEXT    NOT NULL, -- the queue it is in now
    waits_at    INTEGER NOT NULL, -- its priority there
    hop_at      BIGINT  NOT NULL, -- when its next hop is due; 0: never
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
INSERT INTO jobs_new (id, queue, status, priority, waits_in, waits_at, hop_at, created, started, finished,
        phase, percent, attempt, retries, publishing, video_guid, request, result, version)
    SELECT id, queue, status, priority, queue, priority, 0, created, started, finished,
        phase, percent, attempt, retries, publishing, video_guid, request, result, version FROM jobs;
DROP TABLE jobs;
ALTER TABLE jobs_new RENAME TO jobs;

-- One for each way to list, so that a page is read and nothing else.
CREATE INDEX jobs_created ON jobs (created, id);
CREATE INDEX jobs_status ON jobs (status, created, id);
CREATE INDEX jobs_queue ON jobs (queue, created, id);
CREATE INDEX jobs_queue_status ON jobs (queue, status, created, id);
-- What is done all the time looks at jobs that wait, and at those only.
CREATE INDEX jobs_waiting ON jobs (waits_in, waits_at DESC, created, id) WHERE status = 'SUBMITTED';
CREATE INDEX jobs_hops ON jobs (waits_in, hop_at) WHERE status = 'SUBMITTED' AND hop_at > 0;
CREATE INDEX jobs_finished ON jobs (finished) WHERE finished > 0;

-- The counts of a queue are kept beside it: counting a million jobs each second
-- would be all that the dispatcher does.
ALTER TABLE queues ADD COLUMN submitted BIGINT NOT NULL DEFAULT 0;
ALTER TABLE queues ADD COLUMN progressing BIGINT NOT NULL DEFAULT 0;
ALTER TABLE queues ADD COLUMN resumed BIGINT NOT NULL DEFAULT 0; -- when it was last set going after a pause
ALTER TABLE queues ADD COLUMN reservation TEXT NOT NULL DEFAULT ''; -- JSON
UPDATE queues SET
    submitted = (SELECT COUNT(*) FROM jobs WHERE jobs.waits_in = queues.name AND jobs.status = 'SUBMITTED'),
    progressing = (SELECT COUNT(*) FROM jobs WHERE jobs.waits_in = queues.name AND jobs.status = 'PROGRESSING');

-- What searches look at, apart from the jobs: narrow rows in the order of lists.
-- Filled from the settings (DB.prepareSearch).
CREATE TABLE job_inputs (
    created BIGINT NOT NULL,
    job_id  TEXT   NOT NULL,
    uris    TEXT   NOT NULL, -- of the inputs, one a line
    PRIMARY KEY (created, job_id)
);
CREATE TABLE job_terms (
    name    TEXT   NOT NULL, -- of a spool.JobKey
    value   TEXT   NOT NULL,
    created BIGINT NOT NULL,
    job_id  TEXT   NOT NULL,
    PRIMARY KEY (name, value, created, job_id)
);
INSERT INTO counters (name, value) VALUES ('searchable', 0);

-- +goose Down
DELETE FROM counters WHERE name = 'searchable';
DROP TABLE IF EXISTS job_search; -- of SQLite only
DROP TABLE job_terms;
DROP TABLE job_inputs;
ALTER TABLE queues DROP COLUMN reservation;
ALTER TABLE queues DROP COLUMN resumed;
ALTER TABLE queues DROP COLUMN progressing;
ALTER TABLE queues DROP COLUMN submitted;
DROP INDEX jobs_finished;
DROP INDEX jobs_hops;
DROP INDEX jobs_waiting;
DROP INDEX jobs_queue_status;
DROP INDEX jobs_queue;
DROP INDEX jobs_status;
DROP INDEX jobs_created;
CREATE INDEX jobs_created ON jobs (created, id);
CREATE INDEX jobs_status ON jobs (status, created);
CREATE INDEX jobs_waiting ON jobs (queue, status, priority, created);
ALTER TABLE jobs DROP COLUMN hop_at;
ALTER TABLE jobs DROP COLUMN waits_at;
ALTER TABLE jobs DROP COLUMN waits_in;
