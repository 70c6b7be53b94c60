package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"spool/internal/access"
	"spool/internal/bus"
	"spool/internal/catalog"
	"spool/internal/config"
	"spool/internal/intake"
	"spool/internal/jobs"
	"spool/internal/objects"
	"spool/internal/probe"
	"spool/internal/s3gate"
	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/videoapi"
	"spool/internal/videos"
	"spool/internal/work"
)

// Server is the whole product in one process.
type Server struct {
	cfg       *config.Config
	log       *slog.Logger
	version   string
	accessKey string
	secretKey string

	lock    *os.File
	db      *store.DB
	bus     *bus.Bus
	folder  *objects.Folder
	tools   tools
	access  *access.Service
	catalog *catalog.Service
	jobs    *jobs.Service
	videos  *videos.Service
	probe   *probe.Service
	gate    *s3gate.Gate
	http    *http.Server
	socket  net.Listener // of the HTTP door; bound early, since records hold its address
	address string       // host:port of the HTTP door
	began   time.Time

	stops []func(context.Context) // in the order of starting; run in reverse
	ended chan error              // a part ended by itself
	once  sync.Once
}

// reserve is how much of the disk stays free: a job that would start with less
// fails at once instead of filling it.
const reserve = 256 << 20

// New makes a server; Start starts it.
func New(cfg *config.Config, version string, log *slog.Logger) *Server {
	return &Server{cfg: cfg, version: version, log: log, ended: make(chan error, 8)}
}

// Start starts every part in order and returns once the doors answer. When it
// fails, what had started is stopped again.
func (s *Server) Start(ctx context.Context) error {
	s.began = time.Now()
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"data folder", s.startData},
		{"database", s.startStore},
		{"bus", s.startBus},
		{"buckets", s.startObjects},
		{"ffmpeg", s.startTools},
		{"http address", s.bindHTTP},
		{"access keys", s.startAccess},
		{"catalog", s.startCatalog},
		{"jobs", s.startJobs},
		{"videos", s.startVideos},
		{"probe", s.startProbe},
		{"worker", s.startWorker},
		{"intake", s.startIntake},
		{"s3", s.startGate},
		{"http", s.startHTTP},
	} {
		if err := step.run(ctx); err != nil {
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
			defer cancel()
			s.Stop(stop)
			return fmt.Errorf("start %s: %w", step.name, err)
		}
	}
	return nil
}

const stopTimeout = 30 * time.Second

// onStop adds what stops a part.
func (s *Server) onStop(f func(context.Context)) { s.stops = append(s.stops, f) }

// Stop stops every part in reverse order: the doors take no more and finish
// what is under way, then jobs are interrupted where they are; they go on after
// the next start. A second call does nothing.
func (s *Server) Stop(ctx context.Context) {
	s.once.Do(func() {
		for i := len(s.stops) - 1; i >= 0; i-- {
			s.stops[i](ctx)
		}
	})
}

// Ended tells when a part has ended by itself: the server can't go on.
func (s *Server) Ended() <-chan error { return s.ended }

// HTTPURL is where the API, the pages and delivery answer.
func (s *Server) HTTPURL() string { return "http://" + reachable(s.address) }

// S3URL is where S3 answers.
func (s *Server) S3URL() string { return "http://" + reachable(s.gate.Addr()) }

// reachable names a server that listens on every interface by one that this
// machine can be reached at.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}

// SignInURL is the link that signs a browser in.
func (s *Server) SignInURL() string {
	return s.HTTPURL() + "/signin?token=" + videoapi.SignInToken(s.secretKey)
}

// KeyPair says where the key pair is, for the person who starts the server; it
// never holds the secret.
func (s *Server) KeyPair() string {
	if s.cfg.AccessKey != "" {
		return s.accessKey + ", from the environment"
	}
	return s.accessKey + ", in the file " + filepath.Join(s.cfg.DataDir, config.KeyFile)
}

// startData makes the data folder and takes it for this process alone.
func (s *Server) startData(context.Context) error {
	if err := os.MkdirAll(s.cfg.DataDir, 0o700); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(s.cfg.DataDir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return errors.Join(fmt.Errorf("another spool is running on %s: stop it, or use another --data", s.cfg.DataDir), lock.Close())
	}
	s.lock = lock
	s.onStop(func(context.Context) { lock.Close() })
	s.accessKey, s.secretKey = s.cfg.AccessKey, s.cfg.SecretKey
	if s.accessKey == "" {
		s.accessKey, s.secretKey, err = config.Keys(s.cfg.DataDir)
	}
	return err
}

func (s *Server) startStore(ctx context.Context) error {
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(s.cfg.DataDir, "spool.db"), s.log)
	if err != nil {
		return err
	}
	s.db = db
	s.onStop(func(context.Context) {
		if err := db.Close(); err != nil {
			s.log.Error("close the database", "error", err)
		}
	})
	return nil
}

func (s *Server) startBus(ctx context.Context) error {
	b, err := bus.Start(ctx, bus.Options{Dir: filepath.Join(s.cfg.DataDir, "bus"), Log: s.log})
	if err != nil {
		return err
	}
	s.bus = b
	s.onStop(func(ctx context.Context) {
		if err := b.Close(ctx); err != nil {
			s.log.Error("close the bus", "error", err)
		}
	})
	return nil
}

func (s *Server) startObjects(ctx context.Context) error {
	f, err := objects.OpenFolder(filepath.Join(s.cfg.DataDir, "objects"))
	if err != nil {
		return err
	}
	f.Owner = s.accessKey
	s.folder = f
	s.onStop(func(context.Context) {
		if err := f.Close(); err != nil {
			s.log.Error("close the buckets", "error", err)
		}
	})
	for _, b := range s.cfg.Buckets {
		if err := f.EnsureBucket(ctx, b.Name); err != nil {
			return err
		}
	}
	n, err := f.RemoveTemp(ctx, s.began)
	if n > 0 {
		s.log.Info("removed what unfinished uploads left", "files", n)
	}
	return err
}

func (s *Server) startTools(ctx context.Context) (err error) {
	s.tools, err = findTools(ctx)
	return err
}

// background runs a part until the server stops.
func (s *Server) background(name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		// A part that is stopped while it still starts says so; that is no end by itself.
		if err := run(ctx); err != nil && ctx.Err() == nil {
			s.ended <- fmt.Errorf("%s ended: %w", name, err)
		}
	}()
	s.onStop(func(stop context.Context) {
		cancel()
		select {
		case <-done:
		case <-stop.Done():
			s.log.Error("a part does not stop", "part", name)
		}
	})
}

func (s *Server) startIntake(ctx context.Context) error {
	in := intake.New(intake.Options{
		Pipelines: s.cfg.Pipelines, Identity: s.cfg.Identity, Objects: s.folder, Store: s.db, Bus: s.bus,
		Submit: func(ctx context.Context, req spool.JobRequest, also func(intake.Tx, spool.Job) error) (spool.Job, error) {
			return s.jobs.SubmitWith(ctx, req, func(tx jobs.Tx, job spool.Job) error {
				full, ok := tx.(intake.Tx)
				if !ok {
					return errors.New("the store's transactions know no videos")
				}
				return also(full, job)
			})
		},
		InTx: func(ctx context.Context, f func(intake.Tx) error) error {
			return s.db.Tx(ctx, func(tx *store.Tx) error { return f(tx) })
		},
		NewID: newID, Log: s.log, Library: s.catalog.Library,
	})
	stop, err := in.Start(ctx)
	if err != nil {
		return err
	}
	s.onStop(func(context.Context) { stop() })
	return nil
}

func (s *Server) startGate(ctx context.Context) error {
	gate, err := s3gate.Start(ctx, s3gate.Options{
		Root: s.folder.Root(), Listen: s.cfg.S3, AccessKey: s.accessKey, SecretKey: s.secretKey, Keys: s.access,
		Identity: s.cfg.Identity, Publisher: s.bus, Log: s.log,
	})
	if err != nil {
		return err
	}
	s.gate = gate
	stopping, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-stopping:
			return
		case <-gate.Done():
		}
		select {
		case <-stopping: // both: it was asked to end
			return
		default:
		}
		err := gate.Stop(context.Background()) // it has ended: this only says why
		if err == nil {
			err = errors.New("without an error")
		}
		s.ended <- fmt.Errorf("the S3 server ended by itself: %w", err)
	}()
	s.onStop(func(ctx context.Context) {
		close(stopping)
		<-watched
		if err := gate.Stop(ctx); err != nil {
			s.log.Error("stop the S3 gateway", "error", err)
		}
	})
	return nil
}

// worker makes the part that runs jobs in this process.
func (s *Server) worker() (*work.Worker, error) {
	staging := filepath.Join(s.cfg.DataDir, "staging")
	if err := os.MkdirAll(staging, 0o700); err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "local"
	}
	return work.NewWorker(work.Options{
		Name: fmt.Sprintf("%s-%d", host, os.Getpid()), Slots: s.cfg.Slots, Bus: s.bus, Log: s.log,
		Runner: &work.Runner{
			Tools: s.tools, CC: s.tools, Objects: folderObjects{s.folder}, Staging: staging, Reserve: reserve, Log: s.log,
			Fetcher: s.fetcher(),
		},
	}), nil
}

// fetcher brings http(s) inputs, within the bounds of the configuration.
func (s *Server) fetcher() *objects.Fetcher {
	return objects.NewFetcher(objects.FetchOptions{
		AllowPrivate: s.cfg.Inputs.AllowPrivateAddresses, MaxBytes: s.cfg.Inputs.MaxBytes, Timeout: s.cfg.Inputs.Timeout,
		Free: s.folder.FreeBytes, Reserve: reserve,
	})
}
