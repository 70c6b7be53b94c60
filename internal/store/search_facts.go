package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
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
		if in.FileInput != "" && !unheard(in.FileInput) {
			uris = append(uris, in.FileInput)
		}
	}
	f.uris = strings.Join(uris, "\n")
	add := func(name spool.JobKey, value string) {
		if t := (term{name, value}); value != "" && !unheard(value) && !slices.Contains(f.terms, t) {
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
func (tx *Tx) makeSearchable(ctx context.Context, id string, created int64, f facts) error {
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
	if tx.db.postgres {
		return nil
	}
	// The index knows jobs by their time of creation, which is the order of lists.
	// Those of one microsecond share an entry.
	_, err := tx.sql.ExecContext(ctx, `INSERT OR REPLACE INTO job_search (rowid, uris)
		SELECT created, group_concat(uris, char(10)) FROM job_inputs WHERE created = $1 GROUP BY created`, created)
	if err != nil {
		return fmt.Errorf("index the inputs of job %s: %w", id, err)
	}
	return nil
}

// forget removes what a job is found by.
func (tx *Tx) forget(ctx context.Context, j spool.Job) error {
	created := micros(j.CreatedAt)
	for _, t := range factsOf(j.JobRequest).terms {
		_, err := tx.sql.ExecContext(ctx, `DELETE FROM job_terms WHERE name = $1 AND value = $2 AND created = $3 AND job_id = $4`,
			string(t.name), t.value, created, j.ID)
		if err != nil {
			return fmt.Errorf("delete what job %s is found by: %w", j.ID, err)
		}
	}
	if _, err := tx.sql.ExecContext(ctx, `DELETE FROM job_inputs WHERE created = $1 AND job_id = $2`, created, j.ID); err != nil {
		return fmt.Errorf("delete the inputs of job %s: %w", j.ID, err)
	}
	if tx.db.postgres {
		return nil
	}
	// An entry that is shared may say too much: what it leads to is looked at.
	_, err := tx.sql.ExecContext(ctx, `DELETE FROM job_search WHERE rowid = $1 AND NOT EXISTS (SELECT 1 FROM job_inputs WHERE created = $1)`, created)
	if err != nil {
		return fmt.Errorf("delete the inputs of job %s from the index: %w", j.ID, err)
	}
	return nil
}

// searchTable is the index of trigrams on SQLite. It keeps which entries have a
// trigram and no more: neither their text nor where in it.
const searchTable = `CREATE VIRTUAL TABLE IF NOT EXISTS job_search USING fts5
	(uris, tokenize = 'trigram case_sensitive 1', content = '', contentless_delete = 1, detail = none)`

// indexTrigrams makes the index of trigrams on PostgreSQL, unless it is there,
// and tells whether it is. The extension that it needs is part of PostgreSQL but
// not always installed, and not every user may switch it on: without it searches
// are slow, and that is all.
func (db *DB) indexTrigrams(ctx context.Context) bool {
	err := db.Tx(ctx, func(tx *Tx) error {
		for _, statement := range []string{
			`SELECT pg_advisory_xact_lock(` + strconv.Itoa(searchLock) + `)`, // of several servers that start at once
			`CREATE EXTENSION IF NOT EXISTS pg_trgm`,
			// What is new is searched through one by one until the list of it is merged: a short one.
			`CREATE INDEX IF NOT EXISTS job_inputs_trigrams ON job_inputs USING gin (uris gin_trgm_ops) WITH (gin_pending_list_limit = 256)`,
		} {
			if _, err := tx.sql.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		db.log.Warn("searching jobs by their inputs will read through all jobs: have an administrator run CREATE EXTENSION pg_trgm in this database",
			"error", err)
	}
	return err == nil
}

// searchLock is the advisory lock under which the index is made.
const searchLock = retryLock + 1
