package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"
)

// TestTableFits draws a table at every width, in locales that measure "…" as one
// column and as two, and demands that no line is wider,
// that what tells rows apart stays, and that control characters never pass.
func TestTableFits(t *testing.T) { //nolint:paralleltest // the locale is the process's
	for locale, wide := range map[string]bool{"C.UTF-8": false, "ja_JP.UTF-8": true} {
		t.Run(locale, func(t *testing.T) { //nolint:paralleltest // the locale is the process's
			was := runewidth.DefaultCondition.EastAsianWidth
			runewidth.DefaultCondition.EastAsianWidth = wide
			defer func() { runewidth.DefaultCondition.EastAsianWidth = was }()
			testTableFits(t)
		})
	}
}

func testTableFits(t *testing.T) {
	t.Helper()
	rows := func() [][]string {
		return [][]string{
			{"1795223422179-25ocgh", "COMPLETE", "in 1 s", "Default", "just now", "s3://uploads/a/very/long/place/of/a/video.mp4"},
			{"1795223422180-25ocgi", "SUBMITTED", "", "später 猫猫猫猫猫猫猫猫", "3 min ago", "https://example.com/\x1b[31m猫.mp4"},
		}
	}
	columns := []column{
		{title: "ID"}, {title: "STATUS", paint: statusColour}, {title: "PROGRESS", spare: true}, {title: "QUEUE", cut: true, spare: true},
		{title: "CREATED", spare: true}, {title: "INPUT", cut: true},
	}
	for width := 1; width < 200; width++ {
		var out bytes.Buffer
		(&screen{w: &out, width: width}).table(columns, rows())
		if strings.Contains(out.String(), "\x1b") {
			t.Fatalf("an escape of a stranger reached the terminal: %q", out.String())
		}
		if width < 39 {
			continue // lines may break
		}
		for line := range strings.Lines(out.String()) {
			if n := textWidth.StringWidth(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d columns on a terminal of %d: %s", n, width, line)
			}
		}
		if !strings.Contains(out.String(), "1795223422179-25ocgh") || !strings.Contains(out.String(), "mp4") {
			t.Errorf("%d columns:\n%s", width, out.String())
		}
	}
	// A name is what people copy: it stays whole while anything else can go.
	var named bytes.Buffer
	(&screen{w: &named, width: 64}).table(catalogColumns, [][]string{
		{"System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps", "OTT-HLS", "", "16:9, 1280x720, 30 Hz, 3.5 Mb/s, H.264 and AAC"},
	})
	if got := named.String(); got != "NAME                                                   CATEGORY\nSystem-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps  OTT-HLS\n" {
		t.Errorf("64 columns:\n%s", got)
	}
	// Though the id is the widest: the input gives way.
	var short bytes.Buffer
	(&screen{w: &short, width: 45}).table(columns, [][]string{{"1795223422179-25ocgh", "PROGRESSING", "", "", "", "s3://up/a.mp4"}})
	if got := short.String(); !strings.Contains(got, "1795223422179-25ocgh  PROGRESSING  s3:…/a.mp4\n") {
		t.Errorf("45 columns:\n%s", got)
	}
	var out bytes.Buffer
	(&screen{w: &out}).table(columns, rows())
	if !strings.Contains(out.String(), "s3://uploads/a/very/long/place/of/a/video.mp4\n") {
		t.Errorf("without a terminal nothing is cut:\n%s", out.String())
	}
}

// TestShorten keeps both ends, at any width.
func TestShorten(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", "s3://bucket/folder/name.mp4", "猫猫猫猫猫猫", "a猫b猫c猫d"} {
		for width := 1; width < 40; width++ {
			got := shorten(text, width)
			if n := textWidth.StringWidth(got); n > width && text != "" {
				t.Errorf("%q in %d columns: %q has %d", text, width, got, n)
			}
			if textWidth.StringWidth(text) <= width && got != text {
				t.Errorf("%q in %d columns was cut to %q", text, width, got)
			}
		}
	}
}

// TestAgo says times as people do.
func TestAgo(t *testing.T) {
	t.Parallel()
	s := &screen{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	for past, want := range map[time.Duration]string{
		-time.Second: "just now", time.Second: "just now", 59 * time.Second: "59 s ago", time.Minute: "1 min ago",
		90 * time.Minute: "1 h ago", 47 * time.Hour: "47 h ago", 49 * time.Hour: "2 days ago",
	} {
		at := s.now.Add(-past)
		if got := s.ago(&at); got != want {
			t.Errorf("%v: %q, want %q", past, got, want)
		}
	}
	if got := s.ago(nil); got != "" {
		t.Errorf("an unknown time: %q", got)
	}
}

// TestEstimate guesses the rest of a job from its pace.
func TestEstimate(t *testing.T) {
	t.Parallel()
	var e estimate
	begin := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	if got := e.left(10, begin); got != 0 {
		t.Errorf("at first nobody knows: %v", got)
	}
	if got := e.left(20, begin.Add(10*time.Second)); got != 80*time.Second {
		t.Errorf("1 %% a second and 80 to go: %v", got)
	}
	if got := e.left(5, begin.Add(11*time.Second)); got != 0 {
		t.Errorf("a run that began anew: %v", got)
	}
}
