// Package storetest gives tests the real databases: SQLite, and a PostgreSQL
// server of the test process's own where its programs are installed. It is for
// tests only and leaves nothing behind.
package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"spool/internal/store"
)

// Each runs f once on each database, in parallel, with the dsn of a new and
// empty one. The package's TestMain must call Stop in the end.
func Each(t *testing.T, f func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, Postgres(t))
	})
}

// SQLite gives the dsn of a new database in the test's folder.
func SQLite(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "spool.db") }

// Open opens a database for the length of the test.
func Open(t *testing.T, dsn string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), dsn, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

var (
	startOnce sync.Once
	running   *server
	errStart  error
	databases atomic.Int64
)

var errAbsent = errors.New("PostgreSQL's programs initdb and postgres are neither on PATH nor under /usr/lib/postgresql")

// Postgres gives the dsn of a new database, or skips the test where PostgreSQL
// is not installed.
func Postgres(t *testing.T) string {
	t.Helper()
	return create(t, "")
}

// EnglishPostgres is Postgres with a database that sorts texts as people do and
// not by their bytes, as many are.
func EnglishPostgres(t *testing.T) string {
	t.Helper()
	return create(t, " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
}

func create(t *testing.T, how string) string {
	t.Helper()
	startOnce.Do(func() { running, errStart = start() })
	if errors.Is(errStart, errAbsent) {
		t.Skip(errStart)
	}
	if errStart != nil {
		t.Fatal(errStart)
	}
	name := fmt.Sprintf("t%d", databases.Add(1))
	if err := running.exec(t.Context(), "CREATE DATABASE "+name+how); err != nil {
		t.Fatal(err)
	}
	return running.dsn(name)
}

// PlainPostgres is Postgres for a user who may make tables and no more, as on a
// server that others look after.
func PlainPostgres(t *testing.T) string {
	t.Helper()
	dsn := Postgres(t)
	at, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := "plain" + at.Path[1:]
	Exec(t, dsn, "CREATE ROLE "+name+" LOGIN", "GRANT ALL ON SCHEMA public TO "+name)
	q := at.Query()
	q.Set("user", name)
	at.RawQuery = q.Encode()
	return at.String()
}

// Exec runs statements on a database, past the store.
func Exec(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	db := raw(t, dsn)
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// Plan gives the lines in which a database says how it would run a query.
func Plan(t *testing.T, dsn, query string) (lines []string) {
	t.Helper()
	db := raw(t, dsn)
	defer db.Close()
	explain, dest := "EXPLAIN ", []any{new(string)}
	if strings.HasPrefix(dsn, "sqlite:") {
		var n int
		explain, dest = "EXPLAIN QUERY PLAN ", []any{&n, &n, &n, dest[0]}
	}
	rows, err := db.QueryContext(t.Context(), explain+query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, *dest[len(dest)-1].(*string))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func raw(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, dsn = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// Stop stops the server, if one was started, and removes its files.
func Stop() {
	if running == nil {
		return
	}
	running.stop()
	running = nil
}

type server struct {
	dir     string
	owner   string
	process *exec.Cmd
	output  *bytes.Buffer
}

func (s *server) dsn(database string) string {
	q := url.Values{"host": {s.dir}, "user": {s.owner}}
	return "postgres:///" + database + "?" + q.Encode()
}

func (s *server) exec(ctx context.Context, statement string) error {
	db, err := sql.Open("pgx", s.dsn("postgres"))
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// start makes a cluster in a folder of its own and starts a server that
// listens on a socket there only.
func start() (_ *server, err error) {
	initdb, postgres := program("initdb"), program("postgres")
	if initdb == "" || postgres == "" {
		return nil, errAbsent
	}
	dir, err := os.MkdirTemp("", "spool-pg-")
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	s := &server{dir: dir, output: &bytes.Buffer{}}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	attributes, err := s.unprivileged()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initial := exec.Command(initdb, "-D", data, "-U", s.owner, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initial.Dir, initial.SysProcAttr = dir, attributes
	if out, err := initial.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make a PostgreSQL cluster: %w\n%s", err, out)
	}
	// Nothing here outlives the test: no need to sync.
	cmd := exec.Command(postgres, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=300",
		"-c", "deadlock_timeout=20ms")
	cmd.Dir, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = dir, attributes, s.output, s.output
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	s.process = cmd
	again := time.NewTicker(20 * time.Millisecond) // it gives no signal when it is ready
	defer again.Stop()
	for deadline := time.Now().Add(30 * time.Second); ; <-again.C {
		err := s.exec(context.Background(), "SELECT 1")
		if err == nil {
			return s, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, s.output)
		}
	}
}

// unprivileged has the server run as another user when this process is root,
// which PostgreSQL refuses, and gives that user the folder.
func (s *server) unprivileged() (*syscall.SysProcAttr, error) {
	// The server must not outlive a test process that is killed.
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT}
	u, err := user.Current()
	if os.Getuid() == 0 {
		if u, err = user.Lookup("postgres"); err != nil {
			u, err = user.Lookup("nobody")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("find a user for PostgreSQL: %w", err)
	}
	s.owner = u.Username
	if os.Getuid() != 0 {
		return attributes, nil
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2, os.Chown(s.dir, uid, gid)); err != nil {
		return nil, fmt.Errorf("give the folder to %s: %w", u.Username, err)
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, nil
}

func (s *server) stop() {
	if s.process != nil {
		_ = s.process.Process.Signal(syscall.SIGINT) // stop at once, with open connections
		_ = s.process.Wait()
	}
	_ = os.RemoveAll(s.dir)
}

// program finds one of PostgreSQL's programs; "" when there is none.
func program(name string) string {
	if at, err := exec.LookPath(name); err == nil {
		if at, err = filepath.EvalSymlinks(at); err == nil { // it looks for its files beside itself
			return at
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return ""
	}
	return slices.Max(found)
}
