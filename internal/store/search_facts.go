package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"spool/internal/spool"
)

// facts are what searches and queries know of a job.
type facts struct {
	uris  string // of the inputs, one a line
	terms []term
}

type term struct {
	name  spool.JobKey
	value string
}

// factsOf reads the facts off a request. Settings that cannot be read have
// none: it is not here that they are checked.
func factsOf(r spool.JobRequest) facts {
	var s struct {
		Inputs []struct {
			FileInput string `json:"fileInput"`
		} `json:"inputs"`
		OutputGroups []struct {
			Outputs []struct {
				VideoDescription  codecOf   `json:"videoDescription"`
				AudioDescriptions []codecOf `json:"audioDescriptions"`
			} `json:"outputs"`
		} `json:"outputGroups"`
	}
	_ = json.Unmarshal(r.Settings, &s)
	var f facts
	var uris []string
	for _, in := range s.Inputs {
		if in.FileInput != "" {
			uris = append(uris, in.FileInput)
		}
	}
	f.uris = strings.Join(uris, "\n")
	add := func(name spool.JobKey, value string) {
		if t := (term{name, value}); value != "" && !slices.Contains(f.terms, t) {
			f.terms = append(f.terms, t)
		}
	}
	add(spool.JobKeyVersionRequested, r.JobEngineVersion)
	add(spool.JobKeyVersionUsed, r.JobEngineUsed)
	for _, g := range s.OutputGroups {
		for _, o := range g.Outputs {
			add(spool.JobKeyVideoCodec, o.VideoDescription.CodecSettings.Codec)
			for _, a := range o.AudioDescriptions {
				add(spool.JobKeyAudioCodec, a.CodecSettings.Codec)
			}
		}
	}
	return f
}

type codecOf struct {
	CodecSettings struct {
		Codec string `json:"codec"`
	} `json:"codecSettings"`
}

// makeSearchable writes the facts of a job that was written before.
func (tx *Tx) makeSearchable(ctx context.Context, id string, created int64, r spool.JobRequest) error {
	f := factsOf(r)
	if len(f.terms) > 0 {
		rows, args := make([]string, len(f.terms)), []any{created, id}
		for i, t := range f.terms {
			rows[i] = fmt.Sprintf("($%d, $%d, $1, $2)", len(args)+1, len(args)+2)
			args = append(args, string(t.name), t.value)
		}
		if _, err := tx.sql.ExecContext(ctx, `INSERT INTO job_terms (name, value, created, job_id) VALUES `+strings.Join(rows, ", "), args...); err != nil {
			return fmt.Errorf("write what job %s is found by: %w", id, err)
		}
	}
	if f.uris == "" {
		return nil
	}
	if _, err := tx.sql.ExecContext(ctx, `INSERT INTO job_inputs (created, job_id, uris) VALUES ($1, $2, $3)`, created, id, f.uris); err != nil {
		return fmt.Errorf("write the inputs of job %s: %w", id, err)
	}
	return nil
}

// prepareSearch makes jobs searchable that were written before searches were.
func (db *DB) prepareSearch(ctx context.Context) error {
	err := db.Tx(ctx, func(tx *Tx) error {
		// The update is the lock: of several servers that start at once, one does it.
		res, err := tx.sql.ExecContext(ctx, `UPDATE counters SET value = 1 WHERE name = 'searchable' AND value = 0`)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return tx.searchOld(ctx)
	})
	if err != nil {
		return fmt.Errorf("make the jobs searchable: %w", err)
	}
	return nil
}

func (tx *Tx) searchOld(ctx context.Context) error {
	const batch = 500
	last := place{created: -1}
	for {
		rows, err := tx.sql.QueryContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE (created, id) > ($1, $2) ORDER BY created, id LIMIT $3`,
			last.created, last.id, batch)
		if err != nil {
			return fmt.Errorf("read jobs: %w", err)
		}
		jobs, err := scanJobs(rows)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			if err := tx.makeSearchable(ctx, j.ID, micros(j.CreatedAt), j.JobRequest); err != nil {
				return err
			}
			last = place{micros(j.CreatedAt), j.ID}
		}
		if len(jobs) < batch {
			return nil
		}
	}
}
