package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// DB is an open database. Its methods may be called from many goroutines.
// Plain methods read what is committed; what writes goes through Tx.
type DB struct {
	write *sql.DB // SQLite: exactly one connection, so writers queue here and SQLITE_BUSY never surfaces
	read  *sql.DB // SQLite: a pool of its own (WAL readers never wait for the writer); PostgreSQL: the same as write
	log   *slog.Logger
	// bytewise is what follows a column in SQL to compare it by its bytes.
	bytewise string
	written  chan struct{}
	postgres bool
	trigrams bool // there is an index of trigrams, see search
	many     int  // see manyJobs
	most     int  // see pageBytes
}

// Open opens the database named by dsn, "sqlite:/abs/path.db" or
// "postgres://user@host/name", and brings its schema up to date. A SQLite file
// is made when absent; its folder must exist.
func Open(ctx context.Context, dsn string, log *slog.Logger) (*DB, error) {
	db := &DB{log: log, written: make(chan struct{}, 1), many: manyJobs, most: pageBytes}
	var err error
	var dialect goose.Dialect
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		dialect = goose.DialectSQLite3
		err = db.openSQLite(strings.TrimPrefix(dsn, "sqlite:"))
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		dialect, db.postgres = goose.DialectPostgres, true
		err = db.openPostgres(dsn)
	default:
		return nil, errors.New(`the database must be given as "sqlite:/path/to/file.db" or "postgres://user@host/name"`)
	}
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		func() error { return db.migrate(ctx, dialect) },
		func() error { return db.prepareSearch(ctx) },
	} {
		if err := step(); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

func (db *DB) openSQLite(path string) (err error) {
	if !filepath.IsAbs(path) {
		return fmt.Errorf("the SQLite file %q must be given as an absolute path", path)
	}
	// An acknowledged job must survive a power failure: synchronous=FULL syncs the WAL at each commit.
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"}}
	at := (&url.URL{Scheme: "file", Path: path}).String() + "?" + pragmas.Encode()
	// A transaction takes the write lock at BEGIN: taking it later can fail at once with SQLITE_BUSY.
	if db.write, err = sql.Open("sqlite", at+"&_txlock=immediate"); err != nil {
		return fmt.Errorf("open the SQLite file %s: %w", path, err)
	}
	db.bytewise = ` COLLATE BINARY`
	db.write.SetMaxOpenConns(1)
	if db.read, err = sql.Open("sqlite", at+"&_pragma=query_only(1)"); err != nil {
		return errors.Join(fmt.Errorf("open the SQLite file %s: %w", path, err), db.write.Close())
	}
	db.read.SetMaxOpenConns(4)
	return nil
}

func (db *DB) openPostgres(dsn string) (err error) {
	if db.write, err = sql.Open("pgx", dsn); err != nil {
		return fmt.Errorf("open the PostgreSQL database: %w", err)
	}
	db.bytewise = ` COLLATE "C"`
	db.write.SetMaxOpenConns(16)
	db.write.SetConnMaxIdleTime(5 * time.Minute)
	db.read = db.write
	return nil
}

func (db *DB) migrate(ctx context.Context, dialect goose.Dialect) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	opts := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if dialect == goose.DialectPostgres {
		// Several servers may start at once on one database.
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return fmt.Errorf("make the migration lock: %w", err)
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, db.write, files, opts...)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("bring the database schema up to date: %w", err)
	}
	for _, m := range done {
		db.log.Info("database schema migrated", "version", m.Source.Version, "took", m.Duration)
	}
	return nil
}

// Ping tells whether the database answers; for health checks.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.read.PingContext(ctx); err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	return nil
}

// Close closes the database. A second call does nothing.
func (db *DB) Close() error {
	err := db.write.Close()
	if db.read != db.write {
		err = errors.Join(db.read.Close(), err)
	}
	if err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// Tx is a transaction under way. It is valid only inside the function given to
// DB.Tx, and only in that goroutine.
type Tx struct {
	db     *DB
	sql    *sql.Tx
	locked map[string]counted // jobs read by LockJob, as they were
	counts map[string]counts  // changes of queues' counts, written at the end, see flushCounts
	outbox []outgoing         // written last, see flushOutbox
}

// querier is what queries need: a DB's pools and a transaction have it.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// retryFor bounds how long a transaction is tried again after PostgreSQL broke
// a deadlock. It is a time and not a count: each deadlock lets one of the two
// transactions through, so that the others' turn comes, but under load nobody
// knows after how many rounds.
const retryFor = 30 * time.Second

// retryLock is the advisory lock that transactions tried again hold, so that
// they meet first-comers only and not each other, in any process. The number
// is "spool" in ASCII.
const retryLock = 0x73706f6f6c

// Tx runs f in a transaction and commits when f returns nil; any error rolls
// back and is returned as it is. f may run again when PostgreSQL broke a
// deadlock: it must have no effect outside of the transaction. f must not call
// methods of DB that write: on SQLite that would wait for itself.
func (db *DB) Tx(ctx context.Context, f func(tx *Tx) error) error {
	begun := time.Now()
	for try := 0; ; try++ {
		err := db.once(ctx, try > 0, f)
		var pg *pgconn.PgError
		if time.Since(begun) < retryFor && errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01") {
			// A random pause, or the same two meet again.
			t := time.NewTimer(rand.N(time.Millisecond << min(try+1, 6)))
			select {
			case <-t.C:
				continue
			case <-ctx.Done():
				t.Stop()
			}
		}
		return err
	}
}

func (db *DB) once(ctx context.Context, again bool, f func(tx *Tx) error) error {
	t, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer func() { _ = t.Rollback() }() // does nothing after a commit
	if again {
		// Only PostgreSQL's errors lead here.
		if _, err := t.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", retryLock); err != nil {
			return fmt.Errorf("wait for the turn to try a transaction again: %w", err)
		}
	}
	tx := &Tx{db: db, sql: t, locked: map[string]counted{}, counts: map[string]counts{}}
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.flushCounts(ctx); err != nil {
		return err
	}
	if err := tx.flushOutbox(ctx); err != nil {
		return err
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit a transaction: %w", err)
	}
	if len(tx.outbox) > 0 {
		db.wakeRelay()
	}
	return nil
}

// micros gives a time as it is stored.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is the inverse of micros.
func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
