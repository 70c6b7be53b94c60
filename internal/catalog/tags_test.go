package catalog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
	"spool/internal/store"
)

// withJob makes the queue q and the job 1-a in it.
func (h *house) withJob(settings string) {
	h.t.Helper()
	h.must(h.db.Tx(h.t.Context(), func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertQueue(h.t.Context(), spool.Queue{Name: "q", Type: "CUSTOM", Status: "ACTIVE", PricingPlan: "ON_DEMAND", Tags: map[string]string{"of": "queue"}}),
			tx.InsertJob(h.t.Context(), spool.Job{JobRequest: spool.JobRequest{
				Queue: "q", Settings: []byte(settings), ClientRequestToken: "tokenOfTheClient",
			}, ID: "1-a", Status: spool.JobError, CreatedAt: epoch,
				Failure: spool.Failf(3404, "3404: 'https://u:pw123@h/x?sig=pw123' not found.")}),
		)
	}))
}

func TestTags(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.withJob(`{}`)
		_, err := h.CreatePreset(ctx, spool.Preset{Name: "p", Settings: []byte(`{}`), Tags: map[string]string{"of": "preset"}})
		h.must(err)
		_, err = h.CreateJobTemplate(ctx, spool.JobTemplate{Name: "p", Settings: []byte(`{}`), Tags: map[string]string{"of": "template"}})
		h.must(err)
		for r, was := range map[spool.Resource]string{
			{Kind: spool.KindJob, Name: "1-a"}:           "",
			{Kind: spool.KindQueue, Name: "q"}:           "queue",
			{Kind: spool.KindPreset, Name: "p"}:          "preset",
			{Kind: spool.KindTemplate, Name: "p"}:        "template",
			{Kind: spool.KindPreset, Name: "System-A"}:   "",
			{Kind: spool.KindTemplate, Name: "System-T"}: "",
		} {
			want := map[string]string{}
			if was != "" {
				want["of"] = was
			}
			same := func(when string) {
				t.Helper()
				got, err := h.Tags(ctx, r)
				if d := cmp.Diff(want, got); d != "" || err != nil {
					t.Errorf("%v %s: %v (-want +got):\n%s", r, when, err, d)
				}
			}
			same("at first")
			h.must(h.Tag(ctx, r, map[string]string{"a": "1", "b": ""}))
			h.must(h.Tag(ctx, r, map[string]string{"a": "2", "ö_.:/=+-@ 9": "x"}))
			want["a"], want["b"], want["ö_.:/=+-@ 9"] = "2", "", "x"
			same("merged")
			h.must(h.Untag(ctx, r, []string{"b", "of", "never there"}))
			delete(want, "b")
			delete(want, "of")
			same("without some")

			many := map[string]string{}
			for i := range 49 {
				many[fmt.Sprint("k", i)] = ""
			}
			h.refused("51 in all", h.Tag(ctx, r, many), spool.ErrInvalid)
			delete(many, "k48")
			h.must(h.Tag(ctx, r, many)) // 50
			for what, tags := range map[string]map[string]string{
				"empty key": {"": "x"}, "aws": {"AWS:x": "x"}, "long key": {strings.Repeat("k", 129): ""},
				"long value": {"k": strings.Repeat("v", 257)}, "sign": {"k": "a;b"},
			} {
				h.refused(what, h.Tag(ctx, r, tags), spool.ErrInvalid)
			}
		}
		for _, r := range []spool.Resource{
			{Kind: spool.KindJob, Name: "p"}, {Kind: spool.KindQueue, Name: "p"}, {Kind: spool.KindPreset, Name: "System-T"},
			{Kind: spool.KindTemplate, Name: "System-A"}, {Kind: spool.KindPreset, Name: ""},
		} {
			_, err := h.Tags(ctx, r)
			h.refused(fmt.Sprint("read of ", r), err, spool.ErrNotFound)
			h.refused(fmt.Sprint("tag of ", r), h.Tag(ctx, r, map[string]string{"a": "b"}), spool.ErrNotFound)
			h.refused(fmt.Sprint("untag of ", r), h.Untag(ctx, r, []string{"a"}), spool.ErrNotFound)
		}
		h.refused("an odd kind", h.Tag(ctx, spool.Resource{Kind: "certificates", Name: "p"}, nil), spool.ErrInvalid)

		// A new resource does not inherit from a dead one of its name.
		h.must(h.DeletePreset(ctx, "p"))
		_, err = h.CreatePreset(ctx, spool.Preset{Name: "p", Settings: []byte(`{}`)})
		h.must(err)
		if tags, err := h.Tags(ctx, spool.Resource{Kind: spool.KindPreset, Name: "p"}); len(tags) != 0 || err != nil {
			t.Errorf("inherited: %v %v", tags, err)
		}
	})
}

func TestPolicyAndCertificates(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for _, want := range []spool.InputPolicy{{}, {NoHTTP: true, NoS3: true}, {NoHTTPS: true}, {}} {
			h.must(h.PutPolicy(ctx, want))
			if got, err := h.Policy(ctx); got != want || err != nil {
				t.Errorf("put %+v, got %+v: %v", want, got, err)
			}
		}
		const arn = "arn:aws-us-gov:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
		h.refused("an unknown certificate", h.DisassociateCertificate(ctx, arn), spool.ErrNotFound)
		h.must(h.AssociateCertificate(ctx, arn))
		h.must(h.AssociateCertificate(ctx, arn))
		h.must(h.DisassociateCertificate(ctx, arn))
		h.refused("a forgotten certificate", h.DisassociateCertificate(ctx, arn), spool.ErrNotFound)
		for _, bad := range []string{"", "x", arn + "\n", arn + "/x", "arn:aws:iam::111122223333:server-certificate/x", "arn:aws:acm:us-east-1:1:certificate/x"} {
			h.refused(bad, h.AssociateCertificate(ctx, bad), spool.ErrInvalid)
		}
	})
}

func TestShare(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.withJob(`{"inputs":[{"fileInput":"HTTPS://u:pw123@h.example/a.mp4?X-Amz-Signature=pw123#pw123","inputClippings":[],
			"decryptionSettings":{"encryptedDecryptionKey":"pw123","initializationVector":"pw123"}}],
			"outputGroups":[{"x":{"staticKeyProvider":{"staticKeyValue":"pw123","url":"https://keys.example/k?t=pw123"}}}],"big":12345678901234567890}`)
		h.refused("an unknown job", h.Share(ctx, "none", "case"), spool.ErrNotFound)
		h.refused("no case", h.Share(ctx, "1-a", " "), spool.ErrInvalid)
		if _, err := os.Stat(h.bundles); err == nil {
			t.Error("something was written for what was refused")
		}
		h.must(h.Share(ctx, "1-a", "../../case 1"))
		h.must(h.Share(ctx, "1-a", "../../case 2"))
		job, err := h.db.Job(ctx, "1-a")
		h.must(err)
		if job.Share == nil || job.Share.CaseID != "../../case 2" || !job.Share.At.After(epoch) {
			t.Errorf("shared: %+v", job.Share)
		}
		files, err := filepath.Glob(h.bundles + "/*")
		h.must(err)
		if len(files) != 1 || filepath.Base(files[0]) != "job-1-a.json" {
			t.Fatalf("files: %v", files)
		}
		text, err := os.ReadFile(files[0])
		h.must(err)
		for _, secret := range []string{"pw123", "tokenOfTheClient"} {
			if strings.Contains(string(text), secret) {
				t.Errorf("the bundle holds the secret %s:\n%s", secret, text)
			}
		}
		for _, fact := range []string{"h.example/a.mp4", "12345678901234567890", `"spool": "v9"`, `"code": 3404`, "not found", "../../case 2", `"errorCode": 3404`} {
			if !strings.Contains(string(text), fact) {
				t.Errorf("the bundle lacks %s:\n%s", fact, text)
			}
		}
		if !json.Valid(text) {
			t.Errorf("the bundle is no JSON:\n%s", text)
		}
		if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the bundle's mode: %v %v", info.Mode(), err)
		}
	})
}

// TestReadingTagsWaitsForNoWriter: lists are read by tools that poll, and on
// SQLite there is one writer at a time.
func TestReadingTagsWaitsForNoWriter(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.withJob(`{}`)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		h.must(h.db.Tx(t.Context(), func(tx *store.Tx) error { // holds the lock of the job, on SQLite that of all
			if _, err := tx.LockJob(t.Context(), "1-a"); err != nil {
				return err
			}
			_, err := h.Tags(ctx, spool.Resource{Kind: spool.KindJob, Name: "1-a"})
			return err
		}))
	})
}
