package work

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"spool/internal/plan"
	"spool/internal/spool"
)

// logs writes the loudness logs of a group's outputs as CSV and adds them to these.
func (v *verifier) logs(g *plan.Group, outputs []spool.Output) error {
	for i := range min(len(g.Outputs), len(outputs)) {
		if err := v.outputLogs(g, &g.Outputs[i], &outputs[i]); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) outputLogs(g *plan.Group, o *plan.Output, done *spool.Output) error {
	for _, l := range o.Logs {
		text, err := os.ReadFile(filepath.Join(v.dir, l.Staged))
		if err != nil {
			return v.unfinished("the loudness log %s is missing", l.Staged)
		}
		name := fmt.Sprintf("loudness_%d.csv", len(v.files)) // one sound may be in several outputs
		if err := os.WriteFile(filepath.Join(v.dir, name), []byte(loudnessCSV(string(text), l.Peaks)), 0o600); err != nil {
			return fmt.Errorf("stage a loudness log: %w", err)
		}
		f, err := v.add(g, name, l.Key, spool.FileReport, "text/csv", 0)
		if err != nil {
			return err
		}
		done.Files = append(done.Files, f)
	}
	return nil
}

// loudnessCSV turns what FFmpeg's meter wrote into a table: a line for each step,
// with the loudness of the last 0.4 s and 3 s and of all up to there in LKFS, the
// loudness range in LU, and the highest true peak so far in dBFS.
func loudnessCSV(text string, peaks bool) string {
	var out strings.Builder
	out.WriteString("seconds,momentary_lkfs,short_term_lkfs,integrated_lkfs,range_lu")
	if peaks {
		out.WriteString(",true_peak_dbfs")
	}
	out.WriteByte('\n')
	row := map[string]string{}
	flush := func() {
		if row["at"] == "" {
			return
		}
		fmt.Fprintf(&out, "%s,%s,%s,%s,%s", row["at"], row["M"], row["S"], row["I"], row["LRA"])
		if peaks {
			out.WriteString("," + row["true_peak"])
		}
		out.WriteByte('\n')
		clear(row)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if _, at, ok := strings.Cut(line, "pts_time:"); ok && strings.HasPrefix(line, "frame:") {
			flush()
			if n, err := strconv.ParseFloat(at, 64); err == nil {
				row["at"] = strconv.FormatFloat(n, 'f', 1, 64)
			}
			continue
		}
		key, value, ok := strings.Cut(strings.TrimPrefix(line, "lavfi.r128."), "=")
		n, err := strconv.ParseFloat(value, 64)
		if !ok || err != nil {
			continue
		}
		if key == "true_peak" {
			n = 20 * math.Log10(max(n, 1e-6))
		}
		row[key] = strconv.FormatFloat(n, 'f', 2, 64)
	}
	flush()
	return out.String()
}
