package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"spool/internal/spool"
)

// tables says where the resources of a kind are, and by which column they are
// named. The texts stand in statements: they come from here only.
var tables = map[spool.ResourceKind]struct{ table, column string }{
	spool.KindJob:      {"jobs", "id"},
	spool.KindQueue:    {"queues", "name"},
	spool.KindPreset:   {"catalog", "name"},
	spool.KindTemplate: {"catalog", "name"},
}

func readTags(row scanner, r spool.Resource) (map[string]string, error) {
	var text []byte
	err := row.Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the tags of %s/%s: %w", r.Kind, r.Name, err)
	}
	tags := map[string]string{}
	if err := json.Unmarshal(text, &tags); err != nil {
		return nil, fmt.Errorf("the stored tags of %s/%s: %w", r.Kind, r.Name, err)
	}
	return tags, nil
}

// Tags gives the tags of a resource, by key; none when it has none or does not
// exist.
func (db *DB) Tags(ctx context.Context, r spool.Resource) (map[string]string, error) {
	return readTags(db.read.QueryRowContext(ctx, `SELECT tags FROM tags WHERE kind = $1 AND name = $2`, string(r.Kind), r.Name), r)
}

// LockTags gives the tags of a resource as they are now and keeps others from
// changing them until the transaction ends.
func (tx *Tx) LockTags(ctx context.Context, r spool.Resource) (map[string]string, error) {
	// Writing a row is the lock that both databases know, even for one that is not there yet.
	return readTags(tx.sql.QueryRowContext(ctx, `INSERT INTO tags (kind, name, tags, version) VALUES ($1, $2, '{}', 0)
		ON CONFLICT (kind, name) DO UPDATE SET version = tags.version + 1 RETURNING tags`, string(r.Kind), r.Name), r)
}

// PutTags gives a resource these tags instead of those it had; none takes all
// away. Whoever makes a resource calls it, even without tags: what is left of
// an older resource of the same name must not show.
func (tx *Tx) PutTags(ctx context.Context, r spool.Resource, tags map[string]string) error {
	if len(tags) == 0 {
		return tx.deleteTags(ctx, r)
	}
	text, err := json.Marshal(tags)
	if err != nil {
		return fmt.Errorf("encode the tags of %s/%s: %w", r.Kind, r.Name, err)
	}
	_, err = tx.sql.ExecContext(ctx, `INSERT INTO tags (kind, name, tags, version) VALUES ($1, $2, $3, 0)
		ON CONFLICT (kind, name) DO UPDATE SET tags = excluded.tags, version = tags.version + 1`, string(r.Kind), r.Name, string(text))
	if err != nil {
		return fmt.Errorf("write the tags of %s/%s: %w", r.Kind, r.Name, err)
	}
	return nil
}

// deleteTags is part of deleting a resource.
func (tx *Tx) deleteTags(ctx context.Context, r spool.Resource) error {
	if _, err := tx.sql.ExecContext(ctx, `DELETE FROM tags WHERE kind = $1 AND name = $2`, string(r.Kind), r.Name); err != nil {
		return fmt.Errorf("delete the tags of %s/%s: %w", r.Kind, r.Name, err)
	}
	return nil
}

// HasResource tells whether there is such a job, queue, preset or template.
func (db *DB) HasResource(ctx context.Context, r spool.Resource) (bool, error) {
	return hasResource(ctx, db.read, r)
}

// HasResource tells whether there is such a job, queue, preset or template as
// the transaction sees them.
func (tx *Tx) HasResource(ctx context.Context, r spool.Resource) (bool, error) {
	return hasResource(ctx, tx.sql, r)
}

func hasResource(ctx context.Context, db querier, r spool.Resource) (bool, error) {
	at, ok := tables[r.Kind]
	if !ok {
		return false, fmt.Errorf("a kind of resources that has no table: %q", r.Kind)
	}
	query, args := `SELECT COUNT(*) FROM `+at.table+` WHERE `+at.column+` = $1`, []any{r.Name}
	if at.table == "catalog" {
		query, args = query+` AND kind = $2`, append(args, string(r.Kind))
	}
	var n int
	if err := db.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		return false, fmt.Errorf("look for %s/%s: %w", r.Kind, r.Name, err)
	}
	return n > 0, nil
}
