package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"spool/internal/spool"
)

// videoQuery reads videos. How far the encoding has come is the job's to know:
// it changes too often to be written twice.
const videoQuery = `SELECT v.record, v.status, COALESCE(j.status, ''), COALESCE(j.phase, ''), COALESCE(j.percent, 0)
	FROM videos v LEFT JOIN jobs j ON j.id = v.job_id`

func scanVideo(row scanner) (spool.Video, error) {
	var v spool.Video
	var record []byte
	var status, jobStatus, phase string
	var percent int
	if err := row.Scan(&record, &status, &jobStatus, &phase, &percent); err != nil {
		return v, err
	}
	if err := json.Unmarshal(record, &v); err != nil {
		return v, fmt.Errorf("a stored video record: %w", err)
	}
	if spool.VideoStatus(status) == spool.VideoEncode && spool.JobStatus(jobStatus) == spool.JobProgressing {
		v.Phase, v.Percent = spool.JobPhase(phase), percent
	}
	return v, nil
}

func oneVideo(row scanner, what string) (spool.Video, error) {
	v, err := scanVideo(row)
	if errors.Is(err, sql.ErrNoRows) {
		return v, spool.Userf(spool.ErrNotFound, "There is no video %s.", what)
	}
	if err != nil {
		return v, fmt.Errorf("read video %s: %w", what, err)
	}
	return v, nil
}

// InsertVideo writes a new video, unless there is one from the same source:
// then it changes nothing and gives false. source names one upload of one object
// in one pipeline; of two transactions that insert it at once the database lets
// one through. content names the object's bytes at that place, see VideoKnown.
func (tx *Tx) InsertVideo(ctx context.Context, v spool.Video, source, content string) (bool, error) {
	record, err := json.Marshal(v)
	if err != nil {
		return false, fmt.Errorf("encode video %s: %w", v.GUID, err)
	}
	res, err := tx.sql.ExecContext(ctx, `INSERT INTO videos (guid, source, content, status, started, job_id, record, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0) ON CONFLICT (source) DO NOTHING`,
		v.GUID, source, content, string(v.WorkflowStatus), micros(v.StartTime), v.EncodeJobID, string(record))
	if err != nil {
		return false, fmt.Errorf("write video %s: %w", v.GUID, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("write video %s: %w", v.GUID, err)
	}
	return n == 1, nil
}

// LockVideo gives one video as it is now, and a number that grows with each
// call, and keeps others from changing it until the transaction ends; or
// spool.ErrNotFound.
func (tx *Tx) LockVideo(ctx context.Context, guid string) (spool.Video, int64, error) {
	var version int64
	err := tx.sql.QueryRowContext(ctx, `UPDATE videos SET version = version + 1 WHERE guid = $1 RETURNING version`, guid).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return spool.Video{}, 0, spool.Userf(spool.ErrNotFound, "There is no video %q.", guid)
	}
	if err != nil {
		return spool.Video{}, 0, fmt.Errorf("lock video %s: %w", guid, err)
	}
	v, err := oneVideo(tx.sql.QueryRowContext(ctx, videoQuery+` WHERE v.guid = $1`, guid), guid)
	return v, version, err
}

// SaveVideo writes a video that LockVideo gave in this transaction.
func (tx *Tx) SaveVideo(ctx context.Context, v spool.Video) error {
	record, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode video %s: %w", v.GUID, err)
	}
	res, err := tx.sql.ExecContext(ctx, `UPDATE videos SET status = $1, job_id = $2, record = $3 WHERE guid = $4`,
		string(v.WorkflowStatus), v.EncodeJobID, string(record), v.GUID)
	if err != nil {
		return fmt.Errorf("write video %s: %w", v.GUID, err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("write video %s: %d rows changed: %w", v.GUID, n, errors.Join(err, spool.ErrNotFound))
	}
	return nil
}

// Video gives one video, or spool.ErrNotFound.
func (db *DB) Video(ctx context.Context, guid string) (spool.Video, error) {
	return oneVideo(db.read.QueryRowContext(ctx, videoQuery+` WHERE v.guid = $1`, guid), guid)
}

// VideoOfJob gives the video that a job was made for, or spool.ErrNotFound.
func (db *DB) VideoOfJob(ctx context.Context, jobID string) (spool.Video, error) {
	return oneVideo(db.read.QueryRowContext(ctx, videoQuery+` WHERE v.job_id = $1`, jobID), "of job "+jobID)
}

// VideoKnown tells whether there is a video from this content; see InsertVideo.
func (db *DB) VideoKnown(ctx context.Context, content string) (bool, error) {
	var n int
	if err := db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM videos WHERE content = $1`, content).Scan(&n); err != nil {
		return false, fmt.Errorf("look for a video: %w", err)
	}
	return n > 0, nil
}

// Videos lists videos, newest first, and tells whether more follow. An unknown
// f.After is spool.ErrInvalid. A Limit of 0 gives all.
func (db *DB) Videos(ctx context.Context, f spool.VideoFilter) (videos []spool.Video, more bool, err error) {
	query := videoQuery + ` WHERE 1 = 1`
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	if f.Status != "" {
		query += ` AND v.status = ` + arg(string(f.Status))
	}
	if f.After != "" {
		var started int64
		err := db.read.QueryRowContext(ctx, `SELECT started FROM videos WHERE guid = $1`, f.After).Scan(&started)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, false, spool.Userf(spool.ErrInvalid, "The page to go on from (%q) does not exist.", f.After)
		}
		if err != nil {
			return nil, false, fmt.Errorf("list videos: %w", err)
		}
		query += ` AND (v.started, v.guid) < (` + arg(started) + `, ` + arg(f.After) + `)`
	}
	query += ` ORDER BY v.started DESC, v.guid DESC`
	if f.Limit > 0 {
		query += ` LIMIT ` + arg(f.Limit+1)
	}
	if videos, err = db.videos(ctx, query, args...); err != nil {
		return nil, false, err
	}
	if f.Limit > 0 && len(videos) > f.Limit {
		return videos[:f.Limit], true, nil
	}
	return videos, false, nil
}

// OpenVideos gives the videos whose state is behind their job's: those to mend
// when an event was lost.
func (db *DB) OpenVideos(ctx context.Context) ([]spool.Video, error) {
	return db.videos(ctx, videoQuery+` WHERE (v.status = 'Ingest' AND j.status <> 'SUBMITTED')
		OR (v.status = 'Encode' AND j.status IN ('COMPLETE', 'ERROR', 'CANCELED')) ORDER BY v.started`)
}

func (db *DB) videos(ctx context.Context, query string, args ...any) ([]spool.Video, error) {
	rows, err := db.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list videos: %w", err)
	}
	defer rows.Close()
	var videos []spool.Video
	for rows.Next() {
		v, err := scanVideo(rows)
		if err != nil {
			return nil, fmt.Errorf("list videos: %w", err)
		}
		videos = append(videos, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list videos: %w", err)
	}
	return videos, nil
}
