package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"spool/internal/spool"
)

// entry is a preset or a job template as its row has it.
type entry struct {
	kind             spool.ResourceKind
	name, category   string
	created, updated time.Time
	record           []byte // presetRecord | templateRecord
}

// presetRecord is what of a preset is stored as one JSON text.
type presetRecord struct {
	Description string          `json:"description"`
	Settings    json.RawMessage `json:"settings"`
}

// templateRecord is what of a job template is stored as one JSON text.
type templateRecord struct {
	Description          string          `json:"description"`
	Settings             json.RawMessage `json:"settings"`
	Queue                string          `json:"queue,omitempty"`
	Priority             *int            `json:"priority,omitempty"`
	AccelerationMode     string          `json:"accelerationMode,omitempty"`
	StatusUpdateInterval string          `json:"statusUpdateInterval,omitempty"`
	Hops                 []spool.Hop     `json:"hops,omitempty"`
}

func presetEntry(p spool.Preset) (entry, error) {
	e := entry{kind: spool.KindPreset, name: p.Name, category: p.Category, created: p.CreatedAt, updated: p.UpdatedAt}
	var err error
	if e.record, err = json.Marshal(presetRecord{p.Description, p.Settings}); err != nil {
		err = fmt.Errorf("encode preset %s: %w", p.Name, err)
	}
	return e, err
}

func entryPreset(e entry) (spool.Preset, error) {
	var r presetRecord
	if err := json.Unmarshal(e.record, &r); err != nil {
		return spool.Preset{}, fmt.Errorf("the stored preset %s: %w", e.name, err)
	}
	return spool.Preset{Name: e.name, Category: e.category, Description: r.Description, Type: spool.TypeCustom,
		Settings: r.Settings, CreatedAt: e.created, UpdatedAt: e.updated}, nil
}

func templateEntry(t spool.JobTemplate) (entry, error) {
	e := entry{kind: spool.KindTemplate, name: t.Name, category: t.Category, created: t.CreatedAt, updated: t.UpdatedAt}
	var err error
	e.record, err = json.Marshal(templateRecord{t.Description, t.Settings, t.Queue, t.Priority, t.AccelerationMode, t.StatusUpdateInterval, t.Hops})
	if err != nil {
		err = fmt.Errorf("encode job template %s: %w", t.Name, err)
	}
	return e, err
}

func entryTemplate(e entry) (spool.JobTemplate, error) {
	var r templateRecord
	if err := json.Unmarshal(e.record, &r); err != nil {
		return spool.JobTemplate{}, fmt.Errorf("the stored job template %s: %w", e.name, err)
	}
	return spool.JobTemplate{Name: e.name, Category: e.category, Description: r.Description, Type: spool.TypeCustom, Settings: r.Settings,
		Queue: r.Queue, Priority: r.Priority, AccelerationMode: r.AccelerationMode, StatusUpdateInterval: r.StatusUpdateInterval,
		Hops: r.Hops, CreatedAt: e.created, UpdatedAt: e.updated}, nil
}

const entryColumns = `name, category, created, updated, record`

func scanEntry(row scanner, kind spool.ResourceKind, name string) (entry, error) {
	e := entry{kind: kind}
	var created, updated int64
	err := row.Scan(&e.name, &e.category, &created, &updated, &e.record)
	if errors.Is(err, sql.ErrNoRows) {
		return e, noEntry(kind, name)
	}
	if err != nil {
		return e, fmt.Errorf("read %s/%s: %w", kind, name, err)
	}
	e.created, e.updated = fromMicros(created), fromMicros(updated)
	return e, nil
}

// called is a kind in the words of messages.
func called(kind spool.ResourceKind) string {
	if kind == spool.KindTemplate {
		return "job template"
	}
	return "preset"
}

func noEntry(kind spool.ResourceKind, name string) error {
	return spool.Userf(spool.ErrNotFound, "There is no %s %q.", called(kind), name)
}

// LockCatalog counts the presets (spool.KindPreset) or job templates
// (spool.KindTemplate), and makes this transaction the only one that makes
// such until it ends.
func (tx *Tx) LockCatalog(ctx context.Context, kind spool.ResourceKind) (count int, err error) {
	if _, err := tx.sql.ExecContext(ctx, `UPDATE counters SET value = value + 1 WHERE name = 'catalog'`); err != nil {
		return 0, fmt.Errorf("lock the catalog: %w", err)
	}
	if err := tx.sql.QueryRowContext(ctx, `SELECT COUNT(*) FROM catalog WHERE kind = $1`, string(kind)).Scan(&count); err != nil {
		return 0, fmt.Errorf("count the catalog: %w", err)
	}
	return count, nil
}

func (tx *Tx) insertEntry(ctx context.Context, e entry, tags map[string]string) error {
	res, err := tx.sql.ExecContext(ctx, `INSERT INTO catalog (kind, name, category, created, updated, record, version)
		VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT (kind, name) DO NOTHING`,
		string(e.kind), e.name, e.category, micros(e.created), micros(e.updated), string(e.record))
	if err != nil {
		return fmt.Errorf("write %s/%s: %w", e.kind, e.name, err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("write %s/%s: %w", e.kind, e.name, err)
	} else if n == 0 {
		return spool.Userf(spool.ErrConflict, "A %s named %q exists already.", called(e.kind), e.name)
	}
	return tx.PutTags(ctx, spool.Resource{Kind: e.kind, Name: e.name}, tags)
}

func (tx *Tx) lockEntry(ctx context.Context, kind spool.ResourceKind, name string) (entry, error) {
	return scanEntry(tx.sql.QueryRowContext(ctx, `UPDATE catalog SET version = version + 1 WHERE kind = $1 AND name = $2 RETURNING `+entryColumns,
		string(kind), name), kind, name)
}

func (tx *Tx) saveEntry(ctx context.Context, e entry) error {
	res, err := tx.sql.ExecContext(ctx, `UPDATE catalog SET category = $1, updated = $2, record = $3 WHERE kind = $4 AND name = $5`,
		e.category, micros(e.updated), string(e.record), string(e.kind), e.name)
	if err != nil {
		return fmt.Errorf("write %s/%s: %w", e.kind, e.name, err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("write %s/%s: %w", e.kind, e.name, err)
	} else if n == 0 {
		return noEntry(e.kind, e.name)
	}
	return nil
}

func (tx *Tx) deleteEntry(ctx context.Context, kind spool.ResourceKind, name string) error {
	res, err := tx.sql.ExecContext(ctx, `DELETE FROM catalog WHERE kind = $1 AND name = $2`, string(kind), name)
	if err != nil {
		return fmt.Errorf("delete %s/%s: %w", kind, name, err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("delete %s/%s: %w", kind, name, err)
	} else if n == 0 {
		return noEntry(kind, name)
	}
	return tx.deleteTags(ctx, spool.Resource{Kind: kind, Name: name})
}

func (db *DB) entry(ctx context.Context, kind spool.ResourceKind, name string) (entry, error) {
	return scanEntry(db.read.QueryRowContext(ctx, `SELECT `+entryColumns+` FROM catalog WHERE kind = $1 AND name = $2`,
		string(kind), name), kind, name)
}

// entries gives a page; f.System is not looked at, since those are not here.
func (db *DB) entries(ctx context.Context, kind spool.ResourceKind, f spool.CatalogFilter) (list []entry, more bool, err error) {
	query, order, than := `SELECT `+entryColumns+` FROM catalog WHERE kind = $1`, " DESC", " < "
	if f.Ascending {
		order, than = " ASC", " > "
	}
	args := []any{string(kind)}
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	if f.Category != "" {
		query += ` AND category = ` + arg(f.Category)
	}
	// Names go by their bytes, as in Go: a database's own order follows its locale, and places are compared here and there.
	name := `name` + db.bytewise
	switch {
	case f.After == "":
	case f.ByCreation:
		created, after, err := parsePlace(f.After)
		if err != nil {
			return nil, false, err
		}
		at := arg(micros(created))
		query += ` AND (created` + than + at + ` OR created = ` + at + ` AND ` + name + than + arg(after) + `)`
	default:
		query += ` AND ` + name + than + arg(f.After)
	}
	query += ` ORDER BY `
	if f.ByCreation {
		query += `created` + order + `, `
	}
	query += name + order
	if f.Limit > 0 {
		query += ` LIMIT ` + arg(f.Limit+1)
	}
	rows, err := db.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, false, fmt.Errorf("list %s: %w", kind, err)
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanEntry(rows, kind, "")
		if err != nil {
			return nil, false, err
		}
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		return nil, false, fmt.Errorf("list %s: %w", kind, err)
	}
	if f.Limit > 0 && len(list) > f.Limit {
		return list[:f.Limit], true, nil
	}
	return list, false, nil
}

// parsePlace reads a place in a list by creation, as spool.Preset.Place writes it.
func parsePlace(place string) (created time.Time, name string, err error) {
	stamp, name, ok := strings.Cut(place, "/")
	if created, err = time.Parse("20060102T150405.000000", stamp); !ok || err != nil {
		return created, "", spool.Userf(spool.ErrInvalid, "The page to go on from (%q) does not exist.", place)
	}
	return created, name, nil
}

// InsertPreset writes a new preset with its tags. A name that is taken is
// spool.ErrConflict.
func (tx *Tx) InsertPreset(ctx context.Context, p spool.Preset) error {
	e, err := presetEntry(p)
	if err != nil {
		return err
	}
	return tx.insertEntry(ctx, e, p.Tags)
}

// LockPreset gives a preset as it is now and keeps others from changing it
// until the transaction ends; or spool.ErrNotFound.
func (tx *Tx) LockPreset(ctx context.Context, name string) (spool.Preset, error) {
	e, err := tx.lockEntry(ctx, spool.KindPreset, name)
	if err != nil {
		return spool.Preset{}, err
	}
	return entryPreset(e)
}

// SavePreset writes what can change of a preset: all but its name, its time of
// creation and its tags. An unknown one is spool.ErrNotFound.
func (tx *Tx) SavePreset(ctx context.Context, p spool.Preset) error {
	e, err := presetEntry(p)
	if err != nil {
		return err
	}
	return tx.saveEntry(ctx, e)
}

// DeletePreset deletes a preset and its tags, or gives spool.ErrNotFound.
func (tx *Tx) DeletePreset(ctx context.Context, name string) error {
	return tx.deleteEntry(ctx, spool.KindPreset, name)
}

// Preset gives one preset without its tags, or spool.ErrNotFound.
func (db *DB) Preset(ctx context.Context, name string) (spool.Preset, error) {
	e, err := db.entry(ctx, spool.KindPreset, name)
	if err != nil {
		return spool.Preset{}, err
	}
	return entryPreset(e)
}

// Presets gives a page of presets without their tags, and whether more follow.
// A place that is none is spool.ErrInvalid; a Limit of 0 gives all. All are
// TypeCustom: f.System is the caller's.
func (db *DB) Presets(ctx context.Context, f spool.CatalogFilter) (list []spool.Preset, more bool, err error) {
	entries, more, err := db.entries(ctx, spool.KindPreset, f)
	if err != nil {
		return nil, false, err
	}
	list = make([]spool.Preset, len(entries))
	for i, e := range entries {
		if list[i], err = entryPreset(e); err != nil {
			return nil, false, err
		}
	}
	return list, more, nil
}

// InsertJobTemplate writes a new job template with its tags. A name that is
// taken is spool.ErrConflict.
func (tx *Tx) InsertJobTemplate(ctx context.Context, t spool.JobTemplate) error {
	e, err := templateEntry(t)
	if err != nil {
		return err
	}
	return tx.insertEntry(ctx, e, t.Tags)
}

// LockJobTemplate is LockPreset for job templates.
func (tx *Tx) LockJobTemplate(ctx context.Context, name string) (spool.JobTemplate, error) {
	e, err := tx.lockEntry(ctx, spool.KindTemplate, name)
	if err != nil {
		return spool.JobTemplate{}, err
	}
	return entryTemplate(e)
}

// SaveJobTemplate is SavePreset for job templates.
func (tx *Tx) SaveJobTemplate(ctx context.Context, t spool.JobTemplate) error {
	e, err := templateEntry(t)
	if err != nil {
		return err
	}
	return tx.saveEntry(ctx, e)
}

// DeleteJobTemplate deletes a job template and its tags, or gives spool.ErrNotFound.
func (tx *Tx) DeleteJobTemplate(ctx context.Context, name string) error {
	return tx.deleteEntry(ctx, spool.KindTemplate, name)
}

// JobTemplate gives one job template without its tags, or spool.ErrNotFound.
func (db *DB) JobTemplate(ctx context.Context, name string) (spool.JobTemplate, error) {
	e, err := db.entry(ctx, spool.KindTemplate, name)
	if err != nil {
		return spool.JobTemplate{}, err
	}
	return entryTemplate(e)
}

// JobTemplates is Presets for job templates.
func (db *DB) JobTemplates(ctx context.Context, f spool.CatalogFilter) (list []spool.JobTemplate, more bool, err error) {
	entries, more, err := db.entries(ctx, spool.KindTemplate, f)
	if err != nil {
		return nil, false, err
	}
	list = make([]spool.JobTemplate, len(entries))
	for i, e := range entries {
		if list[i], err = entryTemplate(e); err != nil {
			return nil, false, err
		}
	}
	return list, more, nil
}
