package app

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"spool/internal/delivery"
	"spool/internal/httpx"
	"spool/internal/jobapi"
	"spool/internal/spool"
	"spool/internal/videoapi"
	"spool/internal/webui"
)

func (s *Server) bindHTTP(context.Context) error {
	l, err := net.Listen("tcp", s.cfg.HTTP)
	if err != nil {
		return err
	}
	s.socket, s.address = l, l.Addr().String()
	s.onStop(func(context.Context) { l.Close() })
	return nil
}

// bodyTimeout is how long a request's body, of 1 MB at most, may take to arrive.
const bodyTimeout = 30 * time.Second

func (s *Server) startHTTP(context.Context) error {
	s.http = &http.Server{Handler: httpx.BodyDeadline(s.handler(), bodyTimeout), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	go func() {
		if err := s.http.Serve(s.socket); !errors.Is(err, http.ErrServerClosed) {
			s.ended <- err
		}
	}()
	s.onStop(func(ctx context.Context) {
		// Event streams end with their client or not at all: they get no grace.
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		if err := s.http.Shutdown(ctx); err != nil {
			if err := s.http.Close(); err != nil {
				s.log.Warn("close the HTTP door", "error", err)
			}
		}
	})
	return nil
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	door := jobapi.New(jobapi.Options{
		Stages: jobapi.Stages{
			Jobs: s.jobs, Queries: s.jobs, Queues: s.jobs, Presets: s.catalog, Templates: s.catalog,
			Tags: s.catalog, Account: s.catalog, Library: s.catalog, Prober: s.probe,
		},
		Keys: s.access, Identity: s.cfg.Identity, Log: s.log, BaseURL: s.baseURLFor,
		Capacity: s.jobs.Capacity, Rate: s.cfg.Limits.RequestsPerSecond,
	})
	api := videoapi.New(videoapi.Options{
		Videos: s.videos, Keys: s.access, Ring: s.access, Pipelines: s.cfg.Pipelines, S3URL: s.s3URLFor,
		AccessKey: s.accessKey, SecretKey: s.secretKey, Region: s.cfg.Identity.Region, Version: s.version, Log: s.log,
	})
	mux.Handle("/api/", api)
	mux.Handle("/signin", api)
	mux.Handle(delivery.Prefix, delivery.New(delivery.Options{Objects: s.folder, Buckets: s.delivers, Log: s.log}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, health{Status: "ok"}) })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.metrics())
	mux.Handle("/", webui.New(webui.Options{ConnectOrigins: func(r *http.Request) []string { return []string{s.s3URLFor(r), s.publicURL()} }}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A mux would redirect a client whose path it could write in a neater way;
		// no signature survives that.
		if strings.HasPrefix(r.URL.Path, jobapi.Prefix) {
			door.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// baseURLFor gives the HTTP door as viewers reach it where the configuration
// says so, or else by the name that the client came by.
func (s *Server) baseURLFor(r *http.Request) string {
	if s.cfg.PublicURL != "" {
		return s.cfg.PublicURL
	}
	return "http://" + r.Host
}

// s3URLFor gives the S3 door by the host name that the client came by, so that
// a browser on another machine finds it.
func (s *Server) s3URLFor(r *http.Request) string {
	host, port, err := net.SplitHostPort(reachable(s.gate.Addr()))
	if err != nil {
		return ""
	}
	if name, _, err := net.SplitHostPort(r.Host); err == nil {
		host = name
	} else if r.Host != "" {
		host = strings.Trim(r.Host, "[]") // an IPv6 address without a port
	}
	return "http://" + net.JoinHostPort(host, port)
}

type health struct {
	Status string            `json:"status"`
	Parts  map[string]string `json:"parts,omitempty"` // what is wrong, by part
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone if it fails
}

// readyz says whether work can be done: the database and the bus answer,
// S3 takes uploads, and the disk has room.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	h := health{Status: "ready", Parts: map[string]string{}}
	if err := s.db.Ping(ctx); err != nil {
		h.Parts["database"] = "does not answer"
	}
	if err := s.bus.Ping(ctx); err != nil {
		h.Parts["bus"] = "does not answer"
	}
	select {
	case <-s.gate.Done():
		h.Parts["s3"] = "has ended: restart the server"
	default:
	}
	if free, err := s.folder.FreeBytes(); err != nil || free < reserve {
		h.Parts["disk"] = "is full: jobs would fail"
	}
	status := http.StatusOK
	if len(h.Parts) > 0 {
		h.Status, status = "not ready", http.StatusServiceUnavailable
	}
	answer(w, status, h)
}

// metrics serves Prometheus metrics of this server alone.
func (s *Server) metrics() http.Handler {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		&queueMetrics{server: s}, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "spool_disk_free_bytes", Help: "Free bytes where the objects are.",
		}, func() float64 {
			free, err := s.folder.FreeBytes()
			if err != nil {
				return 0
			}
			return float64(free)
		}))
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
}

// queueMetrics counts the jobs of each queue when asked.
type queueMetrics struct{ server *Server }

var queueJobs = prometheus.NewDesc("spool_queue_jobs", "Jobs that wait or run, by queue and status.", []string{"queue", "status"}, nil)

// Describe implements prometheus.Collector.
func (*queueMetrics) Describe(ch chan<- *prometheus.Desc) { ch <- queueJobs }

// Collect implements prometheus.Collector.
func (m *queueMetrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	queues, err := m.server.jobs.ListQueues(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(queueJobs, err)
		return
	}
	for _, q := range queues {
		ch <- prometheus.MustNewConstMetric(queueJobs, prometheus.GaugeValue, float64(q.Submitted), q.Name, string(spool.JobSubmitted))
		ch <- prometheus.MustNewConstMetric(queueJobs, prometheus.GaugeValue, float64(q.Progressing), q.Name, string(spool.JobProgressing))
	}
}
