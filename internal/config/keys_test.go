package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

func TestKeysAreMadeOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	pairs := make([]string, 8)
	var wg sync.WaitGroup
	for i := range pairs {
		wg.Go(func() {
			access, secret, err := Keys(dir)
			if err != nil {
				t.Error(err)
			}
			pairs[i] = access + " " + secret
		})
	}
	wg.Wait()
	for _, p := range pairs {
		if p != pairs[0] {
			t.Errorf("two pairs: %s and %s", p, pairs[0])
		}
	}
	if !regexp.MustCompile(`^AKIA[A-Z2-7]{16} [A-Za-z0-9+/]{40}$`).MatchString(pairs[0]) {
		t.Errorf("the pair looks like %s", pairs[0])
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("left behind: %v %v", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestKeysRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, KeyFile)
	write(t, name, "access_key=AKIAONLY\n")
	if _, _, err := Keys(dir); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("error: %v", err)
	}
	write(t, name, "access_key=AKIAX\nsecret_key=12345678\n")
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Keys(dir); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("error: %v", err)
	}
}
