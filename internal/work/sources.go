package work

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/plan"
	"spool/internal/spool"
)

// sources brings every file that a job reads to this machine and finds out what
// is in those that the plan asks about. paths are in the order of plan.Sources.
func (r *Runner) sources(ctx context.Context, dir string, settings *types.JobSettings, order spool.WorkOrder, obs Observer) (facts plan.Facts, paths []string, err error) {
	facts = plan.Facts{Media: map[string]spool.Media{}, Started: order.Started}
	if r.Tools.HasEncoder(plan.EncoderFDK) {
		facts.Encoders = []string{plan.EncoderFDK}
	}
	for i, s := range plan.Sources(settings) {
		path, err := r.fetch(ctx, dir, i, s.URI, order.Policy, obs)
		if err != nil {
			return facts, nil, err
		}
		paths = append(paths, path)
		if s.Image {
			if facts.Media[s.URI], err = imageOf(path, s.URI); err != nil {
				return facts, nil, err
			}
		}
		if s.LUT {
			if err := stageLUT(path, filepath.Join(dir, plan.LUTName(i)), s.URI); err != nil {
				return facts, nil, err
			}
		}
		if !s.Probe {
			continue
		}
		media, err := r.Tools.Probe(ctx, path, s.URI)
		if err != nil {
			return facts, nil, err
		}
		if hollow(media) {
			return facts, nil, spool.Failf(spool.CodeDemux, "The input [%s] declares %s and holds %d bytes: its timestamps are broken.",
				s.URI, media.Duration.Round(time.Second), media.Size)
		}
		facts.Media[s.URI] = media
	}
	return facts, paths, nil
}

// maxFinding bounds what a survey task may report, in bytes.
const maxFinding = 32 << 20

// survey measures what the plan needs to know beforehand.
func (r *Runner) survey(ctx context.Context, dir string, settings *types.JobSettings, facts *plan.Facts, paths []string) error {
	facts.Findings = map[string]string{}
	for range surveyRounds {
		tasks, err := plan.Survey(settings, *facts)
		if err != nil {
			return err
		}
		tasks = slices.DeleteFunc(tasks, func(t plan.Task) bool { _, known := facts.Findings[t.ID]; return known })
		if len(tasks) == 0 {
			return nil
		}
		if err := r.measure(ctx, dir, tasks, firstURI(settings), facts, paths); err != nil {
			return err
		}
	}
	return nil
}

// surveyRounds is how often a survey may ask for more.
const surveyRounds = 8

// measure runs tasks of a survey and keeps what they find.
func (r *Runner) measure(ctx context.Context, dir string, tasks []plan.Task, uri string, facts *plan.Facts, paths []string) error {
	for _, task := range tasks {
		out, err := r.Tools.Encode(ctx, Command{
			Args: Resolve(task.Args, paths, dir), Dir: dir, URI: uri, Pixels: task.Pixels, Length: task.Duration,
			Deadline: min(mostDeadline, max(leastDeadline, slowdown*task.Duration)), Stall: stallAfter,
		})
		if err != nil {
			return err
		}
		found := out.Log
		report := filepath.Join(dir, task.ID+".txt")
		if info, err := os.Lstat(report); err == nil && info.Mode().IsRegular() && info.Size() <= maxFinding {
			text, err := os.ReadFile(report)
			if err != nil {
				return fmt.Errorf("read the report of %s: %w", task.ID, err)
			}
			found = string(text)
		}
		facts.Findings[task.ID] = found
	}
	return nil
}

func firstURI(settings *types.JobSettings) string {
	if sources := plan.Sources(settings); len(sources) > 0 {
		return sources[0].URI
	}
	return ""
}

// A file of a few kilobytes can have a hole of hours in its timestamps, which
// would be filled with copies of one picture: hours of work for nothing
// (hostile-input.md). Real video takes more than hollowRate however little
// happens in it: the entry of one small frame each second alone takes as much.
const (
	hollowRate = 100 // bits/s
	hollowFrom = 10 * time.Minute
)

// hollow tells whether there is far too little in a file for what it declares.
func hollow(m spool.Media) bool {
	return m.Duration > hollowFrom && float64(8*m.Size) < hollowRate*m.Duration.Seconds()
}

// fetch gives a local file that holds an input.
func (r *Runner) fetch(ctx context.Context, dir string, i int, uri string, policy spool.InputPolicy, obs Observer) (string, error) {
	if isPlaylist(uri) {
		return r.hlsInput(ctx, dir, i, uri, policy, obs)
	}
	return r.bring(ctx, uri, filepath.Join(dir, fmt.Sprintf("input_%d", i)), policy, func(done, total int64) {
		if total > 0 {
			obs.progress(spool.Progress{Phase: spool.PhaseProbing, PhasePercent: int(done * 90 / total)})
		}
	})
}

// bring gives a local file that holds what an address names: an object's own
// file, or dst, into which it is fetched.
func (r *Runner) bring(ctx context.Context, uri, dst string, policy spool.InputPolicy, progress func(done, total int64)) (string, error) {
	if strings.HasPrefix(uri, "s3://") {
		bucket, key, err := spool.ParseS3URI(uri)
		if err != nil {
			return "", spool.Failf(spool.CodeFileAccess, "Unable to open input file [%s]: %s.", uri, err)
		}
		path, err := r.Objects.Path(ctx, bucket, key)
		switch {
		case errors.Is(err, spool.ErrNotFound):
			return "", spool.Failf(spool.CodeNotFound, "Unable to open input file [%s]: [Failed probe/open: [Can't read input stream: [Failed to read data: HeadObject failed]]]", uri)
		case errors.Is(err, spool.ErrInvalid):
			return "", spool.Failf(spool.CodeFileAccess, "Unable to open input file [%s]: %s.", uri, err)
		}
		return path, err
	}
	u, err := url.Parse(uri)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return "", spool.Failf(spool.CodeHTTPMalformed, "3452: URL '%s' is malformed.", uri)
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	return dst, r.Fetcher.Fetch(ctx, uri, dst, policy, progress)
}
