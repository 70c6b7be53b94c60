package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"spool/internal/bus"
	"spool/internal/objects"
	"spool/internal/spool"
	"spool/internal/work"
)

// heard is a log that tells of each line.
type heard struct {
	slog.Handler
	lines chan string
}

func (h heard) Handle(ctx context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	select {
	case h.lines <- line:
	default: // nobody reads any more
	}
	return h.Handler.Handle(ctx, r)
}

func (h heard) WithAttrs(a []slog.Attr) slog.Handler { return heard{h.Handler.WithAttrs(a), h.lines} }

// floor is a worker on a bus of its own that may publish, with its reports.
type floor struct {
	bus     *bus.Bus
	lines   chan string
	reports chan spool.Report
}

func newFloor(t *testing.T, b bench) floor {
	t.Helper()
	f := floor{lines: make(chan string, 1000), reports: make(chan spool.Report, 100)}
	log := slog.New(heard{slog.NewTextHandler(t.Output(), nil), f.lines})
	var err error
	if f.bus, err = bus.Start(t.Context(), bus.Options{Dir: t.TempDir(), Log: log}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	w := work.NewWorker(work.Options{Name: "w", Slots: 2, Bus: f.bus, Runner: b.runner, Log: log})
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		stop, done := context.WithTimeout(context.Background(), stopTimeout)
		defer done()
		if err := f.bus.Close(stop); err != nil {
			t.Error(err)
		}
	})
	if _, err := f.bus.Answer(spool.SubjectMayPublish+"*", func(string, []byte) []byte { return []byte(`{"yes":true}`) }); err != nil {
		t.Fatal(err)
	}
	if _, err := f.bus.Consume(t.Context(), spool.StreamReports, spool.ConsumerJobs, 1, func(_ context.Context, m spool.Message) error {
		var r spool.Report
		err := json.Unmarshal(m.Data, &r)
		f.reports <- r
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return f
}

// order puts a job's order on the bus.
func (f floor) order(t *testing.T, o spool.WorkOrder, msgID string) {
	t.Helper()
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.bus.Publish(t.Context(), spool.SubjectWork+o.JobID, msgID, data); err != nil {
		t.Fatal(err)
	}
}

func wait[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(time.Minute):
		t.Fatal("not in a minute: " + what)
		panic("unreachable")
	}
}

// TestReportNamesNoFiles: what a worker tells of a job does not grow with how
// many files it made; the bus and the database would not take it.
func TestReportNamesNoFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t, streamAndStills, fiveSeconds(t))
	f := newFloor(t, b)
	f.order(t, b.order, "1")
	for {
		r := wait(t, f.reports, "the job is done")
		if r.Kind == spool.ReportInputs {
			continue
		}
		if r.Kind != spool.ReportDone || len(r.Groups) != 2 {
			t.Fatalf("report %+v", r)
		}
		for _, g := range r.Groups {
			for _, o := range g.Outputs {
				if len(o.Files) > 0 || len(o.Paths) == 0 || o.Duration == 0 {
					t.Errorf("output %+v", o)
				}
			}
		}
		if n := r.Groups[1].Outputs[0].Captures; n != 5 {
			t.Errorf("%d captures", n)
		}
		return
	}
}

// TestOrderComesTwice: an order that comes again while its job runs waits until
// that run is over.
func TestOrderComesTwice(t *testing.T) {
	t.Parallel()
	asked, release := make(chan struct{}, 10), make(chan struct{})
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(origin.Close)
	b := newBench(t, strings.Replace(streamAndStills, "s3://in/clip.mp4", origin.URL+"/clip.mp4", 1), "")
	b.runner.Fetcher = objects.NewFetcher(objects.FetchOptions{AllowPrivate: true})
	f := newFloor(t, b)
	f.order(t, b.order, "1")
	wait(t, asked, "the job runs")
	f.order(t, b.order, "2")
	for refused := false; !refused; {
		select {
		case line := <-f.lines:
			refused = strings.Contains(line, "runs here already")
		case <-asked:
			t.Fatal("the job runs twice at once")
		case <-time.After(time.Minute):
			t.Fatal("the order did not come again")
		}
	}
	close(release)
	if r := wait(t, f.reports, "the job ends"); r.Kind != spool.ReportFailed || r.Failure == nil || r.Failure.Code != spool.CodeHTTPNotFound {
		t.Errorf("report %+v", r)
	}
	wait(t, asked, "the order that waited has its turn")
}
