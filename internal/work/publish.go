package work

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"spool/internal/spool"
)

// journal says what of a verified job goes where. It is on the disk before the
// first object is published, so that a worker that dies half-way goes on where
// it was: nothing is encoded, named or published twice.
type journal struct {
	Inputs   []spool.InputInfo   `json:"inputs"`
	Groups   []spool.OutputGroup `json:"groups"`
	Files    []journalFile       `json:"files"` // in the order of publishing
	Warnings []spool.Warning     `json:"warnings,omitempty"`
	Messages []string            `json:"messages,omitempty"`
	Timings  Timings             `json:"timings"`
	Done     bool                `json:"done"` // all is published
}

type journalFile struct {
	Staged      string `json:"staged"` // name in the staging folder
	Bucket      string `json:"bucket"`
	Key         string `json:"key"`
	ContentType string `json:"contentType"`
	// ContentEncoding is gzip where the file is compressed.
	ContentEncoding string `json:"contentEncoding,omitempty"`
}

const journalName = "journal.json"

func readJournal(dir string) (journal, bool) {
	var j journal
	data, err := os.ReadFile(filepath.Join(dir, journalName))
	if err != nil || json.Unmarshal(data, &j) != nil || len(j.Files) == 0 {
		return journal{}, false
	}
	return j, true
}

// write puts the journal on the disk in one step.
func (j journal) write(dir string) error {
	data, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	tmp := filepath.Join(dir, journalName+".new")
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, filepath.Join(dir, journalName))
	}
	if err == nil {
		err = syncFolder(dir)
	}
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// commit asks whether the job may still be published, and writes the journal:
// from then on it is published, by this worker or by the next.
func (r *Runner) commit(ctx context.Context, dir string, j journal, obs Observer) error {
	if obs.MayPublish != nil {
		if err := obs.MayPublish(ctx); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return j.write(dir)
}

// finish publishes what a journal lists, from wherever it stopped before. From
// here on the job can no longer be stopped: a worker that is told to stop leaves
// the journal for the next one.
func (r *Runner) finish(ctx context.Context, dir, jobID string, j journal, obs Observer) (Result, error) {
	began := time.Now()
	if !j.Done {
		obs.progress(spool.Progress{Phase: spool.PhaseUploading, Percent: 95})
		for i, f := range j.Files {
			if err := ctx.Err(); err != nil {
				return Result{}, err
			}
			if err := r.publish(ctx, dir, jobID, f); err != nil {
				return Result{}, r.takeBack(ctx, dir, jobID, j, f, err)
			}
			if i%64 == 63 {
				obs.progress(spool.Progress{Phase: spool.PhaseUploading, PhasePercent: 100 * i / len(j.Files), Percent: 95 + 5*i/len(j.Files)})
			}
		}
		j.Done = true
		j.Timings.Publish = time.Since(began)
		if err := j.write(dir); err != nil {
			r.Log.Warn("the journal can't be closed; a second delivery would publish again", "job", jobID, "error", err)
		}
	}
	r.clear(dir)
	return Result{Inputs: j.Inputs, Groups: j.Groups, Warnings: j.Warnings, Messages: j.Messages, Timings: j.Timings}, nil
}

func (r *Runner) publish(ctx context.Context, dir, jobID string, f journalFile) error {
	return r.Objects.Publish(ctx, filepath.Join(dir, f.Staged), spool.Object{
		Bucket: f.Bucket, Key: f.Key, ContentType: f.ContentType, ContentEncoding: f.ContentEncoding, ProducedBy: jobID,
	})
}

// takeBack removes what was published of a job that can't be published whole.
func (r *Runner) takeBack(ctx context.Context, dir, jobID string, j journal, at journalFile, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err() // stopped, not failed: the journal waits for the next start
	}
	for _, f := range j.Files {
		o := spool.Object{Bucket: f.Bucket, Key: f.Key, ProducedBy: jobID}
		if err := r.Objects.Remove(context.WithoutCancel(ctx), o); err != nil {
			r.Log.Error("an object of a failed job can't be removed", "job", jobID, "object", o.URI(), "error", err)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		r.Log.Error("the staging folder of a failed job can't be removed", "job", jobID, "error", err)
	}
	uri := spool.S3URI(at.Bucket, at.Key)
	var f *spool.Failure
	switch {
	case errors.Is(cause, syscall.ENOSPC), errors.Is(cause, syscall.EDQUOT):
		f = spool.Failf(spool.CodeDiskFull, "The disk is full: unable to write to output file [%s].", uri)
	case errors.Is(cause, spool.ErrNotFound):
		f = spool.Failf(spool.CodeNotFound, "Unable to write to output file [%s]: the bucket does not exist.", uri)
	case errors.Is(cause, spool.ErrConflict):
		f = spool.Failf(spool.CodeWrite, "Unable to write to output file [%s]: a folder of that name is in the way.", uri)
	default:
		f = spool.Failf(spool.CodeWrite, "Unable to write to output file [%s].", uri)
	}
	f.Detail = cause.Error()
	return f
}

// clear empties a finished job's staging folder but for the journal, which
// answers a second delivery of the same order until Sweep takes it away.
func (r *Runner) clear(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.Name() == journalName {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			r.Log.Warn("a staged file can't be removed", "path", e.Name(), "error", err)
		}
	}
}

// Tidy removes the staging folders of runs that were cut off before they began
// to publish: whoever runs such a job again begins anew, and some nobody will, as
// they were canceled meanwhile. It must not be called while a job runs.
func (r *Runner) Tidy() error {
	entries, err := os.ReadDir(r.Staging)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		dir := filepath.Join(r.Staging, e.Name())
		if _, ok := readJournal(dir); !ok {
			errs = append(errs, os.RemoveAll(dir))
		}
	}
	return errors.Join(errs...)
}

// Sweep removes the staging folders of jobs that finished before a time: no
// second delivery is to be expected any more.
func (r *Runner) Sweep(before time.Time) error {
	entries, err := os.ReadDir(r.Staging)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		dir := filepath.Join(r.Staging, e.Name())
		info, err := os.Stat(filepath.Join(dir, journalName))
		if err != nil || !info.ModTime().Before(before) {
			continue
		}
		if j, ok := readJournal(dir); ok && j.Done {
			errs = append(errs, os.RemoveAll(dir))
		}
	}
	return errors.Join(errs...)
}
