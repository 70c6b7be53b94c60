package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"

	"spool/internal/mediaconvert"
	"spool/internal/testkit"
)

// settings runs the command and gives its status and what it wrote.
func settings(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(append([]string{"settings"}, args...), &out, &err)
	return status, out.String(), err.String()
}

// TestSettingsPage: docs/settings.md is what the table says.
func TestSettingsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(testkit.ModuleRoot(t), "docs", "settings.md"))
	if err != nil {
		t.Fatal(err)
	}
	if _, now, _ := settings("--page"); now != string(page) {
		t.Error("docs/settings.md is not what the table says: run go generate ./cmd/spool")
	}
}

// TestSettingsCommand asks in all the forms that people have paths in.
func TestSettingsCommand(t *testing.T) {
	t.Parallel()
	const level = "outputGroups/*/outputs/*/videoDescription/codecSettings/h264Settings/codecLevel"
	for _, query := range []string{
		level, "/" + level, "/outputGroups/0/outputs/11/videoDescription/codecSettings/h264Settings/codecLevel", "h264settings/codeclevel",
		"Settings.OutputGroups[].Outputs[].VideoDescription.CodecSettings.H264Settings.CodecLevel",
		"settings.outputGroups[0].outputs[1].videoDescription.codecSettings.h264Settings.codecLevel",
	} {
		status, out, stderr := settings(query)
		if status != exitOK || stderr != "" || !strings.HasPrefix(out, "setting     "+level+"\n") {
			t.Errorf("%s: status %d\n%s%s", query, status, out, stderr)
		}
		for _, line := range []string{"verdict     honoured\n", "            LEVEL_4_1  honoured\n"} {
			if !strings.Contains(out, line) {
				t.Errorf("%s: no line %q in\n%s", query, line, out)
			}
		}
	}
	if status, out, stderr := settings("no such thing\x1b"); status != exitRequest || out != "" || !strings.Contains(stderr, "no such thing ") {
		t.Errorf("an unknown setting: status %d\n%s%q", status, out, stderr)
	}
	if status, _, _ := settings("--verdict", "wonderful"); status != exitRequest {
		t.Errorf("an unknown verdict: status %d", status)
	}
	if _, out, _ := settings("--verdict", "refused", "watermark"); !strings.Contains(out, "kantarWatermark") || strings.Contains(out, "  honoured") {
		t.Errorf("refused watermarks:\n%s", out)
	}
}

// TestSettingsJSON: programs get a list, of one or of all.
func TestSettingsJSON(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]int{"": len(mediaconvert.Support()), "h264Settings/codecLevel": 1} {
		args := []string{"--json"}
		if query != "" {
			args = append(args, query)
		}
		status, out, stderr := settings(args...)
		var list []struct {
			Path, Verdict, How string
			Values             []struct{ Value, Verdict string }
		}
		if err := json.Unmarshal([]byte(out), &list); err != nil || status != exitOK || len(list) != want {
			t.Errorf("%q: status %d, %v, %d settings, not %d\n%s", query, status, err, len(list), want, stderr)
		}
		for _, s := range list {
			if s.Path == "" || s.Verdict == "" {
				t.Errorf("%q: %+v", query, s)
			}
		}
		if want == 1 && (list[0].How == "" || len(list[0].Values) < 10) {
			t.Errorf("%+v", list[0])
		}
	}
}

// TestSettingsFit: no line is wider than the terminal, but for headings.
func TestSettingsFit(t *testing.T) {
	t.Parallel()
	for width := 60; width < 200; width += 7 {
		var out bytes.Buffer
		printSettings(&screen{w: &out, width: width}, mediaconvert.Settings())
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(line, "  ") && runewidth.StringWidth(strings.TrimSuffix(line, "\n")) > width {
				t.Fatalf("at %d: %s", width, line)
			}
		}
	}
}
