package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"spool/internal/spool"
)

// Policy gives the input policy; the zero one, which allows all, when none was put.
func (db *DB) Policy(ctx context.Context) (spool.InputPolicy, error) {
	var p spool.InputPolicy
	var text []byte
	err := db.read.QueryRowContext(ctx, `SELECT record FROM policy WHERE name = 'input'`).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("read the input policy: %w", err)
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return p, fmt.Errorf("the stored input policy: %w", err)
	}
	return p, nil
}

// PutPolicy writes the input policy over the one before.
func (tx *Tx) PutPolicy(ctx context.Context, p spool.InputPolicy) error {
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode the input policy: %w", err)
	}
	_, err = tx.sql.ExecContext(ctx, `INSERT INTO policy (name, record) VALUES ('input', $1)
		ON CONFLICT (name) DO UPDATE SET record = excluded.record`, string(text))
	if err != nil {
		return fmt.Errorf("write the input policy: %w", err)
	}
	return nil
}

// InsertCertificate notes a certificate; one that is known already stays as it is.
func (tx *Tx) InsertCertificate(ctx context.Context, arn string, now time.Time) error {
	_, err := tx.sql.ExecContext(ctx, `INSERT INTO certificates (arn, created) VALUES ($1, $2) ON CONFLICT (arn) DO NOTHING`, arn, micros(now))
	if err != nil {
		return fmt.Errorf("write a certificate: %w", err)
	}
	return nil
}

// DeleteCertificate forgets a certificate; an unknown one is spool.ErrNotFound.
func (tx *Tx) DeleteCertificate(ctx context.Context, arn string) error {
	res, err := tx.sql.ExecContext(ctx, `DELETE FROM certificates WHERE arn = $1`, arn)
	if err != nil {
		return fmt.Errorf("delete a certificate: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("delete a certificate: %w", err)
	} else if n == 0 {
		return spool.Userf(spool.ErrNotFound, "The certificate %q is not associated.", arn)
	}
	return nil
}

// Certificates gives the ARNs of the certificates, in the order in which they came.
func (db *DB) Certificates(ctx context.Context) ([]string, error) {
	rows, err := db.read.QueryContext(ctx, `SELECT arn FROM certificates ORDER BY created, arn`)
	if err != nil {
		return nil, fmt.Errorf("list certificates: %w", err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var arn string
		if err := rows.Scan(&arn); err != nil {
			return nil, fmt.Errorf("list certificates: %w", err)
		}
		list = append(list, arn)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list certificates: %w", err)
	}
	return list, nil
}

// PutShare notes that a job was shared, over what was noted before; an unknown
// job is spool.ErrNotFound. It touches nothing else of the job, so it is no
// matter whether the job runs.
func (tx *Tx) PutShare(ctx context.Context, jobID string, s spool.Share) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode the share of job %s: %w", jobID, err)
	}
	res, err := tx.sql.ExecContext(ctx, `UPDATE jobs SET share = $1 WHERE id = $2`, string(text), jobID)
	if err != nil {
		return fmt.Errorf("write the share of job %s: %w", jobID, err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("write the share of job %s: %w", jobID, err)
	} else if n == 0 {
		return spool.Userf(spool.ErrNotFound, "There is no job %q.", jobID)
	}
	return nil
}

// readShare reads the column of PutShare.
func readShare(text []byte) (*spool.Share, error) {
	if len(text) == 0 {
		return nil, nil
	}
	s := &spool.Share{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, err
	}
	return s, nil
}
