package captions

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// quick fails when a file that is small took long: what it costs to read must go
// with its size, and what these files cost otherwise are minutes.
func quick(t *testing.T) {
	t.Helper()
	start := time.Now()
	t.Cleanup(func() {
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// A style sheet is read once, and not for each cue, tag or selector that it is for.
func TestLargeStyleSheet(t *testing.T) {
	t.Parallel()
	quick(t)
	rules := "::cue" + strings.Repeat(", ::cue", 10_000) + " { " + strings.Repeat("color: red;", 12_000) + " }\n"
	cues := strings.Repeat("00:01.000 --> 00:02.000\n<b>A</b>\n\n", 20_000)
	got, err := Read(WebVTT, []byte("WEBVTT\n\nSTYLE\n"+rules+"\n"+cues), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff("00:00:01.000 00:00:02.000 <#ff0000><b>A</b></>", show(got)[19_999]); d != "" {
		t.Error(d)
	}
	_, err = Read(WebVTT, []byte("WEBVTT\n\nSTYLE\n"+rules+"\nSTYLE\n"+rules+"\n"+cues), ReadOptions{})
	if err == nil || !strings.Contains(err.Error(), "blocks have more than 256 KB together") {
		t.Errorf("the error is %v", err)
	}
}
