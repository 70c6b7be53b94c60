package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"spool/internal/spool"
)

const jobColumns = `jobs.id, jobs.status, jobs.phase, jobs.percent, jobs.attempt, jobs.retries, jobs.publishing,
	jobs.waits_in, jobs.waits_at, jobs.created, jobs.started, jobs.finished, jobs.request, jobs.result, jobs.share`

// jobResult is what of a job is stored as one JSON text.
type jobResult struct {
	Failure     *spool.Failure          `json:"failure,omitempty"`
	Warnings    []spool.Warning         `json:"warnings,omitempty"`
	Messages    []string                `json:"messages,omitempty"`
	Inputs      []spool.InputInfo       `json:"inputs,omitempty"`
	Groups      []spool.OutputGroup     `json:"groups,omitempty"`
	Transitions []spool.QueueTransition `json:"transitions,omitempty"`
}

type scanner interface{ Scan(dest ...any) error }

func scanJob(row scanner) (spool.Job, error) {
	j, _, err := scanSized(row)
	return j, err
}

// scanSized reads a job and gives how many bytes of its texts it read.
func scanSized(row scanner) (j spool.Job, size int, err error) {
	var created, started, finished int64
	var publishing int
	var request, result, share []byte
	err = row.Scan(&j.ID, &j.Status, &j.Phase, &j.Percent, &j.Attempt, &j.RetryCount, &publishing,
		&j.WaitsIn, &j.WaitsAt, &created, &started, &finished, &request, &result, &share)
	if err != nil {
		return spool.Job{}, 0, err
	}
	j.Publishing = publishing != 0
	j.CreatedAt, j.StartedAt, j.FinishedAt = fromMicros(created), fromMicros(started), fromMicros(finished)
	if err := json.Unmarshal(request, &j.JobRequest); err != nil {
		return spool.Job{}, 0, fmt.Errorf("the stored request of job %s: %w", j.ID, err)
	}
	var r jobResult
	if err := json.Unmarshal(result, &r); err != nil {
		return spool.Job{}, 0, fmt.Errorf("the stored result of job %s: %w", j.ID, err)
	}
	j.Failure, j.RunWarnings, j.RunMessages = r.Failure, r.Warnings, r.Messages
	j.Inputs, j.Groups, j.Transitions = r.Inputs, r.Groups, r.Transitions
	if j.Share, err = readShare(share); err != nil {
		return spool.Job{}, 0, fmt.Errorf("the stored share of job %s: %w", j.ID, err)
	}
	return j, len(request) + len(result), nil
}

func scanJobs(rows *sql.Rows) ([]spool.Job, error) {
	jobs, _, err := scanPage(rows, math.MaxInt)
	return jobs, err
}

// scanPage reads jobs, but for the first no more than so many bytes of them, and
// tells whether it left some out.
func scanPage(rows *sql.Rows, most int) (jobs []spool.Job, cut bool, err error) {
	defer rows.Close()
	for rows.Next() {
		j, size, err := scanSized(rows)
		if err != nil {
			return nil, false, fmt.Errorf("read jobs: %w", err)
		}
		if most -= size; most < 0 && len(jobs) > 0 {
			return jobs, true, nil
		}
		jobs = append(jobs, j)
	}
	if err := rows.Err(); err != nil {
		return nil, false, fmt.Errorf("read jobs: %w", err)
	}
	return jobs, false, nil
}

func resultOf(j spool.Job) (string, error) {
	text, err := json.Marshal(jobResult{j.Failure, j.RunWarnings, j.RunMessages, j.Inputs, j.Groups, j.Transitions})
	if err != nil {
		return "", fmt.Errorf("encode the result of job %s: %w", j.ID, err)
	}
	return string(text), nil
}

// InsertJob writes a new job with its tags, which are not part of its request
// from then on: they can change. The queue that it
// waits in must exist: spool.ErrInvalid at the end of the transaction if not.
func (tx *Tx) InsertJob(ctx context.Context, j spool.Job) error {
	tags := j.Tags
	j.Tags = nil
	request, err := json.Marshal(j.JobRequest)
	if err != nil {
		return fmt.Errorf("encode the request of job %s: %w", j.ID, err)
	}
	result, err := resultOf(j)
	if err != nil {
		return err
	}
	if j.WaitsIn == "" {
		j.WaitsIn, j.WaitsAt = j.Queue, j.Priority
	}
	_, err = tx.sql.ExecContext(ctx, `INSERT INTO jobs (id, status, phase, percent, attempt, retries, publishing, waits_in, waits_at,
		created, started, finished, request, result, queue, priority, video_guid, hop_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, 0)`,
		j.ID, string(j.Status), string(j.Phase), j.Percent, j.Attempt, j.RetryCount, number(j.Publishing), j.WaitsIn, j.WaitsAt,
		micros(j.CreatedAt), micros(j.StartedAt), micros(j.FinishedAt), string(request), result,
		j.Queue, j.Priority, j.VideoGUID)
	if err != nil {
		return fmt.Errorf("write job %s: %w", j.ID, err)
	}
	tx.count(j.WaitsIn, j.Status, 1)
	if err := tx.makeSearchable(ctx, j.ID, micros(j.CreatedAt), factsOf(j.JobRequest)); err != nil {
		return err
	}
	if len(tags) == 0 { // no older job had this id
		return nil
	}
	return tx.PutTags(ctx, spool.Resource{Kind: spool.KindJob, Name: j.ID}, tags)
}

// ClaimToken binds a client request token to a job unless it was bound at or
// after since: then it gives the job that has it, and changes nothing. Two
// claims of one token at once are decided by the database.
func (tx *Tx) ClaimToken(ctx context.Context, token, jobID string, now, since time.Time) (holder string, err error) {
	res, err := tx.sql.ExecContext(ctx, `INSERT INTO job_tokens (token, job_id, created) VALUES ($1, $2, $3)
		ON CONFLICT (token) DO UPDATE SET job_id = excluded.job_id, created = excluded.created
		WHERE job_tokens.created < $4`, token, jobID, micros(now), micros(since))
	if err != nil {
		return "", fmt.Errorf("claim a request token: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return jobID, err
	}
	if err := tx.sql.QueryRowContext(ctx, `SELECT job_id FROM job_tokens WHERE token = $1`, token).Scan(&holder); err != nil {
		return "", fmt.Errorf("read a request token: %w", err)
	}
	return holder, nil
}

// TokenJob gives the job that a client request token has been bound to at or
// after since, or spool.ErrNotFound.
func (db *DB) TokenJob(ctx context.Context, token string, since time.Time) (spool.Job, error) {
	var id string
	err := db.read.QueryRowContext(ctx, `SELECT job_id FROM job_tokens WHERE token = $1 AND created >= $2`, token, micros(since)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return spool.Job{}, spool.Userf(spool.ErrNotFound, "No job has been made with this token lately.")
	}
	if err != nil {
		return spool.Job{}, fmt.Errorf("read a request token: %w", err)
	}
	return db.Job(ctx, id)
}

// DeleteTokens forgets the client request tokens bound before a time.
func (db *DB) DeleteTokens(ctx context.Context, before time.Time) error {
	if _, err := db.write.ExecContext(ctx, `DELETE FROM job_tokens WHERE created < $1`, micros(before)); err != nil {
		return fmt.Errorf("forget request tokens: %w", err)
	}
	return nil
}

// Job gives one job, or spool.ErrNotFound.
func (db *DB) Job(ctx context.Context, id string) (spool.Job, error) {
	if unheard(id) {
		return spool.Job{}, noJob(id)
	}
	return oneJob(db.read.QueryRowContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE id = $1`, id), id)
}

// LockJob gives one job as it is now and keeps others from changing it until
// the transaction ends; or spool.ErrNotFound.
func (tx *Tx) LockJob(ctx context.Context, id string) (spool.Job, error) {
	if unheard(id) {
		return spool.Job{}, noJob(id)
	}
	// An update is the row lock that both databases know.
	j, err := oneJob(tx.sql.QueryRowContext(ctx, `UPDATE jobs SET version = version + 1 WHERE id = $1 RETURNING `+jobColumns, id), id)
	if err == nil {
		tx.locked[id] = counted{j.WaitsIn, j.Status}
	}
	return j, err
}

func noJob(id string) error { return spool.Userf(spool.ErrNotFound, "There is no job %q.", id) }

func oneJob(row *sql.Row, id string) (spool.Job, error) {
	j, err := scanJob(row)
	if errors.Is(err, sql.ErrNoRows) {
		return j, noJob(id)
	}
	if err != nil {
		return j, fmt.Errorf("read job %s: %w", id, err)
	}
	return j, nil
}

// SaveJob writes what can change of a job: all but its request and its time of
// creation. The job must have been read by LockJob in this transaction.
func (tx *Tx) SaveJob(ctx context.Context, j spool.Job) error {
	was, locked := tx.locked[j.ID]
	if !locked {
		return fmt.Errorf("write job %s: it was not read for that in this transaction", j.ID)
	}
	result, err := resultOf(j)
	if err != nil {
		return err
	}
	res, err := tx.sql.ExecContext(ctx, `UPDATE jobs SET status = $1, phase = $2, percent = $3, attempt = $4, retries = $5,
		publishing = $6, waits_in = $7, waits_at = $8, started = $9, finished = $10, result = $11 WHERE id = $12`,
		string(j.Status), string(j.Phase), j.Percent, j.Attempt, j.RetryCount,
		number(j.Publishing), j.WaitsIn, j.WaitsAt, micros(j.StartedAt), micros(j.FinishedAt), result, j.ID)
	if err != nil {
		return fmt.Errorf("write job %s: %w", j.ID, err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("write job %s: %d rows changed: %w", j.ID, n, errors.Join(err, spool.ErrNotFound))
	}
	is := counted{j.WaitsIn, j.Status}
	if is != was {
		tx.count(was.queue, was.status, -1)
		tx.count(is.queue, is.status, 1)
		tx.locked[j.ID] = is
	}
	return nil
}

// SaveProgress writes how far an attempt has come; it changes nothing when the
// job is no longer PROGRESSING with that attempt, or is further already.
func (tx *Tx) SaveProgress(ctx context.Context, id string, attempt int, phase spool.JobPhase, percent int) error {
	_, err := tx.sql.ExecContext(ctx, `UPDATE jobs SET phase = $1, percent = $2
		WHERE id = $3 AND attempt = $4 AND status = 'PROGRESSING' AND percent <= $2`, string(phase), percent, id, attempt)
	if err != nil {
		return fmt.Errorf("write the progress of job %s: %w", id, err)
	}
	return nil
}

// NextJob gives the job of a queue that is to run next, the highest priority
// first and then the earliest (behaviour.md 1.8), or spool.ErrNotFound when
// none waits.
func (tx *Tx) NextJob(ctx context.Context, queue string) (spool.Job, error) {
	return oneJob(tx.sql.QueryRowContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE waits_in = $1 AND status = 'SUBMITTED'
		ORDER BY waits_at DESC, created, id LIMIT 1`, queue), "in queue "+queue)
}

// LockDispatch makes this transaction the only one that chooses jobs to run, on
// any machine, until it ends.
func (tx *Tx) LockDispatch(ctx context.Context) error {
	if _, err := tx.sql.ExecContext(ctx, `UPDATE counters SET value = value + 1 WHERE name = 'dispatch'`); err != nil {
		return fmt.Errorf("take the dispatch lock: %w", err)
	}
	return nil
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
