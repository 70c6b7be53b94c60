package lists

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"spool/internal/jobs"
	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
)

var (
	sizes = flag.String("lists.sizes", "200,2000", "how many jobs there are in the tables, the small one first")
	runs  = flag.Int("lists.runs", 20, "times that each question is asked")
	keep  = flag.String("lists.keep", "", "folder to keep the SQLite tables in: filled once, they serve again")
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	storetest.Stop()
	os.Exit(code)
}

// begin is when the first job was submitted.
var begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const gap = 3 * time.Second // between two submissions

// job makes the nth of so many jobs. Most are done; few wait or run.
func job(n, of int) spool.Job {
	created := begin.Add(time.Duration(n) * gap)
	folder := "uploads"
	if n < of/10 {
		folder = "archive" // only the oldest have it
	}
	j := spool.Job{
		JobRequest: spool.JobRequest{
			Queue: []string{"Default", "Default", "day", "night"}[n%4], Role: "arn:aws:iam::000000000000:role/media",
			StatusUpdateInterval: "SECONDS_60", UserMetadata: map[string]string{"assetID": strconv.Itoa(n)},
			Settings: settings(fmt.Sprintf("s3://in-%d/%s/%s/customer-%04d/clip-%07d.mp4", n%3, folder, created.Format("2006/01/02"), n%997, n)),
		},
		ID:        fmt.Sprintf("%013d-%06s", created.UnixMilli(), strconv.FormatInt(int64(n), 36)),
		Status:    spool.JobComplete,
		CreatedAt: created, StartedAt: created.Add(time.Second), FinishedAt: created.Add(time.Minute),
		Phase: spool.PhaseUploading, Percent: 100, Attempt: 1,
		Groups: []spool.OutputGroup{{Type: spool.GroupHLS, Outputs: []spool.Output{{Width: 1920, Height: 1080, Duration: time.Minute}}}},
	}
	j.ID = strings.ReplaceAll(j.ID, " ", "0")
	switch {
	case n%(of/50) == 1: // fifty in all
		j.Queue = "rare"
	case n%25 == 3:
		j.Status = spool.JobError
	case n%50 == 9:
		j.Status = spool.JobCanceled
	case n >= of-of/100:
		j.Status, j.FinishedAt = spool.JobSubmitted, time.Time{}
	case n >= of-of/100-10:
		j.Status, j.FinishedAt = spool.JobProgressing, time.Time{}
	}
	return j
}

// settings are about 4 kB long, as jobs with one ladder are.
func settings(input string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `{"inputs":[{"fileInput":%q,"audioSelectors":{"Audio Selector 1":{"defaultSelection":"DEFAULT"}},"videoSelector":{"colorSpace":"FOLLOW"},`+
		`"timecodeSource":"ZEROBASED"}],"outputGroups":[{"name":"Apple HLS","outputGroupSettings":{"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":`+
		`{"destination":"s3://out/hls/","segmentLength":6,"minSegmentLength":0,"segmentControl":"SEGMENTED_FILES"}},"outputs":[`, input)
	for i := range 5 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"nameModifier":"_%d","containerSettings":{"container":"M3U8","m3u8Settings":{"audioFramesPerPes":4,"pcrControl":"PCR_EVERY_PES_PACKET",`+
			`"pmtPid":480,"programNumber":1,"videoPid":481}},"videoDescription":{"width":%d,"height":%d,"scalingBehavior":"DEFAULT","timecodeInsertion":"DISABLED",`+
			`"antiAlias":"ENABLED","sharpness":50,"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":%d,"qvbrSettings":`+
			`{"qvbrQualityLevel":7},"gopSize":2,"gopSizeUnits":"SECONDS","numberBFramesBetweenReferenceFrames":2,"sceneChangeDetect":"ENABLED","codecProfile":"MAIN",`+
			`"entropyEncoding":"CABAC","adaptiveQuantization":"AUTO","qualityTuningLevel":"SINGLE_PASS_HQ"}}},"audioDescriptions":[{"audioSourceName":"Audio Selector 1",`+
			`"codecSettings":{"codec":"AAC","aacSettings":{"bitrate":96000,"codingMode":"CODING_MODE_2_0","sampleRate":48000}}}]}`,
			i, 1920>>i&^1, 1080>>i&^1, 5_000_000>>i)
	}
	b.WriteString(`]}],"timecodeConfig":{"source":"ZEROBASED"}}`)
	return []byte(b.String())
}

// table is a database with so many jobs.
type table struct {
	of      int
	db      *store.DB
	service *jobs.Service
}

// open opens a database and fills it, in transactions of a thousand jobs, unless
// that was done before.
func open(t *testing.T, dsn string, of int) table {
	t.Helper()
	ctx, db := t.Context(), storetest.Open(t, dsn)
	service, err := jobs.New(ctx, jobs.Options{
		Store: db, Log: slog.New(slog.DiscardHandler), Identity: spool.DefaultIdentity(),
		InTx: func(ctx context.Context, f func(jobs.Tx) error) error {
			return db.Tx(ctx, func(tx *store.Tx) error { return f(tx) })
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	full := table{of, db, service}
	if _, err := db.Job(ctx, job(of-1, of).ID); err == nil {
		return full
	}
	for _, name := range []string{"day", "night", "rare"} {
		if _, err := service.CreateQueue(ctx, spool.Queue{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	const batch = 1000
	for from := 0; from < of; from += batch {
		err := db.Tx(ctx, func(tx *store.Tx) error {
			for n := from; n < min(from+batch, of); n++ {
				if err := tx.InsertJob(ctx, job(n, of)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if strings.HasPrefix(dsn, "postgres") {
		storetest.Exec(t, dsn, "VACUUM ANALYZE") // it does so by itself sooner or later
	}
	t.Logf("%d jobs written in %s, %d bytes of settings each", of, time.Since(began).Round(time.Millisecond), len(job(1, of).Settings))
	return full
}

// question is one thing that clients ask; it gives how many jobs came.
type question struct {
	name string
	ask  func(ctx context.Context, s *jobs.Service, n, of int) (int, error)
	some bool // there is an answer with jobs in it
}

func list(set func(f *spool.JobFilter, n, of int)) func(context.Context, *jobs.Service, int, int) (int, error) {
	return func(ctx context.Context, s *jobs.Service, n, of int) (int, error) {
		f := spool.JobFilter{Limit: 20}
		set(&f, n, of)
		found, _, err := s.List(ctx, f)
		return len(found), err
	}
}

func after(f *spool.JobFilter, n, of int) {
	j := job(max(n, of/4), of)
	f.After = j.Place()
}

var questions = []question{
	{"GetJob", func(ctx context.Context, s *jobs.Service, n, of int) (int, error) {
		_, err := s.Get(ctx, job(n, of).ID)
		return 1, err
	}, true},
	{"ListJobs", list(func(*spool.JobFilter, int, int) {}), true},
	{"ListJobs ascending", list(func(f *spool.JobFilter, _, _ int) { f.Ascending = true }), true},
	{"ListJobs, a page in the middle", list(after), true},
	{"ListJobs queue", list(func(f *spool.JobFilter, _, _ int) { f.Queue = "Default" }), true},
	{"ListJobs queue of 50 jobs", list(func(f *spool.JobFilter, _, _ int) { f.Queue = "rare" }), true},
	{"ListJobs status ERROR", list(func(f *spool.JobFilter, _, _ int) { f.Status = spool.JobError }), true},
	{"ListJobs status PROGRESSING", list(func(f *spool.JobFilter, _, _ int) { f.Status = spool.JobProgressing }), true},
	{"ListJobs queue, status", list(func(f *spool.JobFilter, _, _ int) { f.Queue, f.Status = "night", spool.JobError }), true},
	{"ListJobs queue, status, in the middle", list(func(f *spool.JobFilter, n, of int) {
		f.Queue, f.Status = "night", spool.JobComplete
		after(f, n, of)
	}), true},
	{"ListJobs, no such queue", list(func(f *spool.JobFilter, _, _ int) { f.Queue = "none" }), false},
	{"SearchJobs file name", list(func(f *spool.JobFilter, n, of int) { f.InputFile = fmt.Sprintf("clip-%07d.mp4", n) }), true},
	{"SearchJobs whole URI", list(func(f *spool.JobFilter, n, of int) {
		uri := string(job(n, of).Settings)
		f.InputFile = uri[strings.Index(uri, "s3://"):strings.Index(uri, `","audioSelectors`)]
	}), true},
	{"SearchJobs folder of 0.1 %", list(func(f *spool.JobFilter, n, _ int) { f.InputFile = fmt.Sprintf("/customer-%04d/", n%997%100) }), true},
	{"SearchJobs folder, status", list(func(f *spool.JobFilter, n, _ int) {
		f.InputFile, f.Status = fmt.Sprintf("/customer-%04d/", n%997), spool.JobError
	}), false},
	{"SearchJobs what all have", list(func(f *spool.JobFilter, _, _ int) { f.InputFile = ".mp4" }), true},
	{"SearchJobs what the oldest 10 % have", list(func(f *spool.JobFilter, _, _ int) { f.InputFile = "/archive/" }), true},
	{"SearchJobs what none has", list(func(f *spool.JobFilter, n, _ int) { f.InputFile = fmt.Sprintf("film-%d.mkv", n) }), false},
	{"SearchJobs two characters", list(func(f *spool.JobFilter, n, _ int) { f.InputFile = fmt.Sprintf("%02d", n%100) }), true},
	{"SearchJobs one character that all have", list(func(f *spool.JobFilter, _, _ int) { f.InputFile = "c" }), true},
	{"SearchJobs two characters that none has", list(func(f *spool.JobFilter, _, _ int) { f.InputFile = "zz" }), false},
	{"SearchJobs what all have, queue of 50 jobs", list(func(f *spool.JobFilter, _, _ int) { f.InputFile, f.Queue = ".mp4", "rare" }), true},
	{"SearchJobs what none has, queue and status", list(func(f *spool.JobFilter, _, _ int) {
		f.InputFile, f.Queue, f.Status = "/zip/uploads/customer", "night", spool.JobError
	}), false},
	{"jobs query, four values", list(func(f *spool.JobFilter, n, _ int) {
		f.Where = []spool.JobTerm{{Key: spool.JobKeyVideoCodec, Values: []string{"H_264", "AV1"}}, {Key: spool.JobKeyQueue, Values: []string{"rare"}},
			{Key: spool.JobKeyInput, Values: []string{fmt.Sprintf("clip-%07d", n)}}}
	}), true},
	{"CreateJob", func(ctx context.Context, s *jobs.Service, n, of int) (int, error) {
		_, err := s.Submit(ctx, spool.JobRequest{Settings: job(n, of).Settings})
		return 1, err
	}, true},
	{"ListQueues", func(ctx context.Context, s *jobs.Service, _, _ int) (int, error) {
		queues, err := s.ListQueues(ctx)
		return len(queues), err
	}, true},
}

// TestLists asks each question of each table, in turn so that all tables meet
// the same machine, and prints how long it took.
func TestLists(t *testing.T) {
	var counts []int
	for _, text := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 200 {
			t.Fatalf("-lists.sizes: %q is no number of 200 or more", text)
		}
		counts = append(counts, n)
	}
	for name, dsn := range map[string]func(*testing.T, int) string{
		"SQLite": func(t *testing.T, of int) string {
			if *keep == "" {
				return storetest.SQLite(t)
			}
			return "sqlite:" + filepath.Join(*keep, fmt.Sprintf("lists-%d.db", of))
		},
		"PostgreSQL": func(t *testing.T, _ int) string { return storetest.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			tables := make([]table, len(counts))
			for i, of := range counts {
				tables[i] = open(t, dsn(t, of), of)
			}
			var b strings.Builder
			fmt.Fprintf(&b, "\n%s, milliseconds\n\n| question |", name)
			for _, of := range counts {
				fmt.Fprintf(&b, " p50 of %d | p99 |", of)
			}
			fmt.Fprintf(&b, " p50, last to first | p99, last to first |\n|---|%s\n", strings.Repeat("---|", 2*len(counts)+2))
			for _, q := range questions {
				fmt.Fprintf(&b, "| %s |", q.name)
				took := measure(t, q, tables)
				first, last := took[0], took[len(took)-1]
				for _, times := range took {
					fmt.Fprintf(&b, " %.2f | %.2f |", at(times, 50), at(times, 99))
				}
				fmt.Fprintf(&b, " %.1f | %.1f |\n", at(last, 50)/at(first, 50), at(last, 99)/at(first, 99))
			}
			t.Log(b.String())
			for _, full := range tables {
				if *keep != "" && name == "SQLite" {
					break // they are to serve again as they are
				}
				began := time.Now()
				if n, err := full.db.DeleteJobs(t.Context(), begin.AddDate(1, 0, 0), 100); err != nil || n != 100 {
					t.Fatalf("%d old jobs deleted, %v", n, err)
				}
				t.Logf("100 old jobs of %d deleted in %s", full.of, time.Since(began).Round(time.Microsecond))
			}
		})
	}
}

// at gives a percentile of times in order, in milliseconds.
func at(times []time.Duration, percent int) float64 {
	return float64(times[len(times)*percent/100]) / float64(time.Millisecond)
}

// measure asks one question of all tables in turn and gives the times of each,
// in order.
func measure(t *testing.T, q question, tables []table) [][]time.Duration {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 1))
	took := make([][]time.Duration, len(tables))
	for range *runs {
		for i, full := range tables {
			n := full.of/10 + random.IntN(full.of*9/10) // the oldest are deleted in the end
			began := time.Now()
			found, err := q.ask(t.Context(), full.service, n, full.of)
			took[i] = append(took[i], time.Since(began))
			if err != nil || q.some && found == 0 {
				t.Fatalf("%s (%d of %d): %d jobs, %v", q.name, n, full.of, found, err)
			}
		}
	}
	for i := range took {
		slices.Sort(took[i])
	}
	return took
}
