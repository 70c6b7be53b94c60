package mediaconvert

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"spool/internal/spool"
)

// checkProblems: errors are lists of problems that can be shown: with pointers,
// texts, and no more of them than one answer holds.
func checkProblems(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var problems spool.Problems
	if !errors.As(err, &problems) || len(problems) == 0 || len(problems) > maxProblems {
		t.Fatalf("an error that is no list of 1 to %d problems: %v", maxProblems, err)
	}
	for _, p := range problems {
		if p.Message == "" || p.Pointer != "" && p.Pointer[0] != '/' || !utf8.ValidString(p.String()) || strings.Contains(p.Message, "%!") {
			t.Fatalf("a problem that can't be shown: %q", p.String())
		}
	}
}

// bounded runs f and fails when it takes far more room than its input.
func bounded(t *testing.T, input int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	const fixed, each = 64 << 20, 2000 // tables of the SDK are made once; a byte of input takes less than 2 kB in passing
	if got := after.TotalAlloc - before.TotalAlloc; got > fixed+each*uint64(input) {
		t.Fatalf("%d bytes of input took %d bytes", input, got)
	}
}

// FuzzSettings: settings of any bytes, as the body of a job and as stored ones:
// nothing panics, room is bounded, and errors are problems that can be shown.
func FuzzSettings(f *testing.F) {
	for _, tt := range ruleCases {
		var doc struct{ Settings json.RawMessage }
		if err := json.Unmarshal(changed(f, tt.change...), &doc); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(doc.Settings))
	}
	f.Add([]byte(`{"inputs":[` + strings.TrimSuffix(strings.Repeat("{},", 150), ",") + `]}`))
	f.Add([]byte(`{"outputGroups":[{"outputs":[` + strings.TrimSuffix(strings.Repeat("{},", 150), ",") + `]}]}`))
	if _, err := os.Stat(filepath.Join("..", "..", "..", "shared", "mediaconvert")); err == nil {
		g := newMaker(f, loadModel(f), rand.Uint64())
		for range 20 {
			raw, err := json.Marshal(g.settings())
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		bounded(t, len(data), func() {
			s, err := DecodeSettings(data)
			checkProblems(t, err)
			if err != nil {
				return
			}
			job, err := (&Request{Settings: s, Role: "r", form: FormWire}).Resolve(nil)
			checkProblems(t, err)
			if err != nil {
				return
			}
			if _, err := DecodeSettings(job.Settings); err != nil {
				t.Fatalf("resolved settings are not read: %v", err)
			}
			checkProblems(t, CheckReserved(job.Settings, job.AccelerationMode))
		})
	})
}

// FuzzCatalogBodies: the bodies of presets and job templates, on the wire and as
// files.
func FuzzCatalogBodies(f *testing.F) {
	for _, tt := range ruleCases {
		f.Add(changed(f, tt.change...), true)
	}
	f.Add([]byte(`{"name":"p","settings":{"containerSettings":{"container":"MP4"},`+qvbr+`}}`), false)
	f.Add([]byte(`{"Preset":{"Name":"p","Settings":{"ContainerSettings":{"Container":"WEBM"}}}}`), true)
	f.Add([]byte(`{"name":"t","settings":{"outputGroups":[`+dashOf("", "MPD", qvbr)+`]},"hopDestinations":[{"waitMinutes":5}]}`), false)
	f.Fuzz(func(t *testing.T, data []byte, file bool) {
		form := FormWire
		if file {
			form = FormFile
		}
		bounded(t, len(data), func() {
			p, err := DecodeCreatePreset(data, form)
			checkProblems(t, err)
			if err == nil && !json.Valid(p.Settings) {
				t.Fatalf("the settings of a preset are no JSON: %s", p.Settings)
			}
			tmpl, err := DecodeCreateJobTemplate(data, form)
			checkProblems(t, err)
			if err == nil && !json.Valid(tmpl.Settings) {
				t.Fatalf("the settings of a job template are no JSON: %s", tmpl.Settings)
			}
			_, err = DecodeUpdatePreset(data)
			checkProblems(t, err)
			_, err = DecodeUpdateJobTemplate(data)
			checkProblems(t, err)
		})
	})
}

// FuzzSmallBodies: the bodies of the other operations.
func FuzzSmallBodies(f *testing.F) {
	for _, body := range []string{
		`{"name":"q","pricingPlan":"RESERVED","reservationPlanSettings":{"commitment":"ONE_YEAR","renewalType":"EXPIRE","reservedSlots":2},"tags":{"a":"b"}}`,
		`{"status":"PAUSED","concurrentJobs":3}`, `{"filterList":[{"key":"status","values":["ERROR"]}],"maxResults":20,"order":"ASCENDING"}`,
		`{"arn":"arn:aws:mediaconvert:us-east-1:000000000000:queues/Default","tags":{"a":null}}`, `{"tagKeys":["a"]}`, `{"policy":{"httpInputs":"DISALLOWED"}}`,
		`{"arn":"arn:aws:acm:us-east-1:000000000000:certificate/x"}`, `{"jobId":"1-a","supportCaseId":"2"}`, `{"inputFiles":[{"fileUrl":"s3://in/a.mp4"}]}`, `{"mode":"GET_ONLY"}`, ``, `[]`, `null`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		bounded(t, len(data), func() {
			_, err := DecodeQueueRequest(data)
			checkProblems(t, err)
			_, err = DecodeQueueUpdate(data)
			checkProblems(t, err)
			_, err = DecodeStartJobsQuery(data)
			checkProblems(t, err)
			_, _, err = DecodeTagResource(data, testIdentity)
			userError(t, err)
			_, err = DecodeUntagResource(data)
			checkProblems(t, err)
			_, err = DecodePutPolicy(data)
			checkProblems(t, err)
			_, err = DecodeAssociateCertificate(data)
			userError(t, err)
			_, _, err = DecodeCreateResourceShare(data)
			userError(t, err)
			_, err = DecodeProbe(data)
			userError(t, err)
			checkProblems(t, DecodeDescribeEndpoints(data))
		})
	})
}

// userError: an error is one that a user may be shown.
func userError(t *testing.T, err error) {
	t.Helper()
	var shown *spool.UserError
	if err != nil && !errors.As(err, &shown) {
		checkProblems(t, err)
	}
}
