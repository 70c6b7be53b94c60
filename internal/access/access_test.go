package access_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"spool/internal/access"
	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	storetest.Stop()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

const rootSecret = "the secret of the root, for tests only"

// open makes a service as a process of its own has it.
func open(t *testing.T, dsn, secret string) (*access.Service, *store.DB) {
	t.Helper()
	db := storetest.Open(t, dsn)
	s, err := access.New(t.Context(), access.Options{
		Store: db, Root: spool.AccessKey{Access: "AKIAROOT", Secret: secret}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		InTx: func(ctx context.Context, f func(tx access.Tx) error) error {
			return storetest.Twice(ctx, db, func(tx *store.Tx) error { return f(tx) })
		},
		Refresh: 10 * time.Millisecond, MaxKeys: 4,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, db
}

// run runs a service until the test ends.
func run(t *testing.T, s *access.Service) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(20 * time.Second); !holds(); <-again.C {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		s, _ := open(t, dsn, rootSecret)
		other, _ := open(t, dsn, rootSecret) // another process on the same database
		run(t, other)

		k, err := s.Create(ctx, spool.RoleSubmit, "for Ö")
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^AKIA[A-Z2-7]{16}$`).MatchString(k.Access) || !regexp.MustCompile(`^[A-Za-z0-9+/]{40}$`).MatchString(k.Secret) {
			t.Errorf("the pair %s %s has another form than AWS's", k.Access, k.Secret)
		}
		if got, ok := s.Key(k.Access); !ok || got != k || got.Role != spool.RoleSubmit {
			t.Errorf("at once: %+v %v, want %+v", got, ok, k)
		}
		until(t, "the other process knows the key", func() bool {
			got, ok := other.Key(k.Access)
			return ok && got == k
		})
		if root, ok := s.Key("AKIAROOT"); !ok || root.Role != spool.RoleAdmin || root.Secret != rootSecret {
			t.Errorf("root: %+v %v", root, ok)
		}
		for _, none := range []string{"", "AKIA", k.Access + "A", strings.ToLower(k.Access)} {
			if got, ok := s.Key(none); ok || got != (spool.AccessKey{}) {
				t.Errorf("%q is known: %+v", none, got)
			}
		}
		list, err := s.List(ctx)
		want := []spool.AccessKey{{Access: "AKIAROOT", Role: spool.RoleAdmin}, {Access: k.Access, Role: spool.RoleSubmit, CreatedAt: k.CreatedAt}}
		if d := cmp.Diff(want, list, cmpopts.IgnoreFields(spool.AccessKey{}, "Note")); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}

		if err := s.Revoke(ctx, k.Access); err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Key(k.Access); ok {
			t.Errorf("known after it was revoked: %+v", got)
		}
		until(t, "the other process forgets the key", func() bool { _, ok := other.Key(k.Access); return !ok })
		if err := s.Revoke(ctx, k.Access); !errors.Is(err, spool.ErrNotFound) {
			t.Errorf("revoked twice: %v", err)
		}
		if err := s.Revoke(ctx, "AKIAROOT"); !errors.Is(err, spool.ErrInvalid) {
			t.Errorf("the root revoked: %v", err)
		}
		if _, ok := s.Key("AKIAROOT"); !ok {
			t.Error("the root is gone")
		}
	})
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, _ := open(t, storetest.SQLite(t), rootSecret)
	for _, role := range []spool.Role{"", "root", "ADMIN"} {
		if _, err := s.Create(ctx, role, ""); !errors.Is(err, spool.ErrInvalid) {
			t.Errorf("role %q: %v", role, err)
		}
	}
	for _, note := range []string{"a\nb", "\x1b[31m", strings.Repeat("x", 257), "\xff"} {
		if _, err := s.Create(ctx, spool.RoleRead, note); !errors.Is(err, spool.ErrInvalid) {
			t.Errorf("note %q: %v", note, err)
		}
	}
	for range 4 {
		if _, err := s.Create(ctx, spool.RoleRead, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Create(ctx, spool.RoleRead, ""); !errors.Is(err, spool.ErrQuota) {
		t.Errorf("one too many: %v", err)
	}
}

// The database alone gives no secret away, and what is changed in it opens no more.
func TestSealed(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dsn := storetest.SQLite(t)
	s, _ := open(t, dsn, rootSecret)
	k, err := s.Create(ctx, spool.RoleRead, "")
	if err != nil {
		t.Fatal(err)
	}
	twin, err := s.Create(ctx, spool.RoleAdmin, "")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(dsn, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var stored string
	if err := raw.QueryRowContext(ctx, `SELECT secret FROM access_keys WHERE access = $1`, k.Access).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(stored, k.Secret) || len(stored) < 40 {
		t.Errorf("the secret is stored as %s", stored)
	}
	if _, ok := func() (spool.AccessKey, bool) { again, _ := open(t, dsn, rootSecret); return again.Key(k.Access) }(); !ok {
		t.Error("a new process does not know the key")
	}
	if another, _ := open(t, dsn, "the secret of another root"); true {
		if got, ok := another.Key(k.Access); ok {
			t.Errorf("opened under another root secret: %+v", got)
		}
		if list, err := another.List(ctx); len(list) != 3 || err != nil {
			t.Errorf("what does not open must be listed: %+v %v", list, err)
		}
		if err := another.Revoke(ctx, twin.Access); err != nil {
			t.Errorf("what does not open must be revocable: %v", err)
		}
	}
	for what, change := range map[string]string{
		"a higher role":     `role = 'admin'`,
		"another's name":    `access = 'AKIAOTHER'`,
		"another's secret":  `secret = (SELECT secret FROM access_keys WHERE access = '` + k.Access + `')`,
		"a short secret":    `secret = 'AAAA'`,
		"no base64":         `secret = '?'`,
		"no secret":         `secret = ''`,
		"the root's access": `access = 'AKIAROOT'`,
	} {
		victim, err := s.Create(ctx, spool.RoleRead, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.ExecContext(ctx, `UPDATE access_keys SET `+change+` WHERE access = $1`, victim.Access); err != nil {
			t.Fatal(err)
		}
		after, _ := open(t, dsn, rootSecret)
		for _, name := range []string{victim.Access, "AKIAOTHER"} {
			if got, ok := after.Key(name); ok {
				t.Errorf("%s: it opens still: %+v", what, got)
			}
		}
		if root, ok := after.Key("AKIAROOT"); !ok || root.Secret != rootSecret || root.Role != spool.RoleAdmin {
			t.Errorf("%s: the root is %+v now", what, root)
		}
		if _, err := raw.ExecContext(ctx, `DELETE FROM access_keys WHERE access <> $1`, k.Access); err != nil {
			t.Fatal(err)
		}
	}
}
