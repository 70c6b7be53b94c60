package ffmpeg_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
)

var update = flag.Bool("update", false, "write the golden files anew")

// found is what a probe of one file gave.
type found struct {
	Media   *spool.Media `json:"media,omitempty"`
	Code    int          `json:"code,omitempty"`
	Message string       `json:"message,omitempty"`
}

// TestFootage probes every file of the real footage and compares with
// testdata/footage.json, in which each fact was compared with the manifest.
func TestFootage(t *testing.T) {
	t.Parallel()
	dir := footage(t)
	golden := filepath.Join("testdata", "footage.json")
	want := map[string]found{}
	if text, err := os.ReadFile(golden); err == nil {
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]found{}
	var mu sync.Mutex
	t.Run("files", func(t *testing.T) {
		for _, e := range entries {
			name := e.Name()
			if name == "MANIFEST.tsv" {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				f := probeOne(t, filepath.Join(dir, name), "s3://uploads/"+name)
				mu.Lock()
				got[name] = f
				mu.Unlock()
				if w, ok := want[name]; !*update && (!ok || !cmp.Equal(w, f)) {
					t.Errorf("not as expected (-want +got):\n%s", cmp.Diff(w, f))
				}
			})
		}
	})
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is expected but not there", name)
		}
	}
	if *update {
		text, err := json.MarshalIndent(got, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func probeOne(t *testing.T, path, uri string) found {
	t.Helper()
	media, err := tools(t).Probe(t.Context(), path, uri)
	if err == nil {
		return found{Media: &media}
	}
	var f *spool.Failure
	if !errors.As(err, &f) {
		t.Fatalf("probe: %v", err)
	}
	if strings.Contains(f.Message, filepath.Dir(path)) {
		t.Errorf("the message shows the path on this machine: %s", f.Message)
	}
	return found{Code: f.Code, Message: f.Message}
}
