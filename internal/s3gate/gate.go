package s3gate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"spool/internal/spool"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"
	"golang.org/x/sys/unix"
)

// Publisher takes the events. It returns when the message is kept for good;
// a message id that it has seen already is no error and no second message.
type Publisher interface {
	Publish(ctx context.Context, subject, msgID string, data []byte) error
}

// Options say what to serve and where.
type Options struct {
	Root      string // folder of the buckets, absolute; made when missing
	Listen    string // "127.0.0.1:9000"; port 0 picks a free one
	AccessKey string // of the root account
	SecretKey string
	Keys      Keys           // all that may sign requests, the root's among them
	Identity  spool.Identity // region and partition of requests and events
	Publisher Publisher
	Log       *slog.Logger

	// CORSOrigin is the origin whose pages may use buckets that have no CORS
	// rules of their own. Empty means all: requests are signed, never by cookie.
	CORSOrigin string
	// VersionsDir, outside Root, switches on what PutBucketVersioning needs;
	// empty leaves it NotImplemented.
	VersionsDir string
}

// Bounds of the server: beyond them clients get SlowDown and try again.
const (
	maxConnections = 4096
	maxRequests    = 1024
	maxParts       = 10_000
	maxCopy        = 5 << 30 // bytes; S3's limit for one CopyObject
)

// Gate is a running S3 server.
type Gate struct {
	addr  string
	stop  context.CancelFunc
	ended chan struct{} // closed when the server has returned
	err   error         // of the server; valid once ended is closed
}

// Start serves S3 and returns when it accepts connections. ctx bounds the
// start only; Stop ends the server. The process must not run two at once, and
// its working folder becomes Root: use absolute paths everywhere.
func Start(ctx context.Context, opt Options) (*Gate, error) {
	if !filepath.IsAbs(opt.Root) {
		return nil, fmt.Errorf("start the S3 server: the root %q is not an absolute path", opt.Root)
	}
	if opt.Publisher == nil || opt.Log == nil || opt.Keys == nil {
		return nil, errors.New("start the S3 server: it needs a publisher, the access keys and a log")
	}
	if opt.CORSOrigin == "" {
		opt.CORSOrigin = "*"
	}
	if err := os.MkdirAll(opt.Root, 0o755); err != nil {
		return nil, fmt.Errorf("start the S3 server: %w", err)
	}
	root, err := filepath.EvalSymlinks(opt.Root)
	if err != nil {
		return nil, fmt.Errorf("start the S3 server: %w", err)
	}
	store, err := posix.New(root, meta.XattrMeta{}, posix.PosixOpts{
		CopyObjectThreshold: maxCopy,
		VersioningDir:       opt.VersionsDir,
	})
	if err != nil {
		return nil, fmt.Errorf("start the S3 server: %w", err)
	}
	b := &guard{
		Backend: store,
		disk:    disk{root: root},
		owner:   opt.AccessKey,
		events:  announcer{identity: opt.Identity, publisher: opt.Publisher, log: opt.Log},
	}
	if err := b.adoptBuckets(); err != nil {
		return nil, fmt.Errorf("start the S3 server: %w", err)
	}
	listen, release, err := reservePort(opt.Listen)
	if err != nil {
		return nil, fmt.Errorf("start the S3 server on %s: %w", opt.Listen, err)
	}
	defer release()
	return b.serve(ctx, opt, listen)
}

func (g *guard) serve(ctx context.Context, opt Options, listen string) (*Gate, error) {
	run, stop := context.WithCancel(context.Background())
	gate := &Gate{addr: listen, stop: stop, ended: make(chan struct{})}
	listening := make(chan struct{})
	go func() {
		defer close(gate.ended)
		gate.err = embedgw.RunVersityGW(run, roles{g, opt.Keys}, &embedgw.Config{
			RootUserAccess:    opt.AccessKey,
			RootUserSecret:    opt.SecretKey,
			Region:            opt.Identity.Region,
			IAMService:        newUsers(opt),
			Ports:             []string{listen},
			MaxConnections:    maxConnections,
			MaxRequests:       maxRequests,
			MultipartMaxParts: maxParts,
			CORSAllowOrigin:   opt.CORSOrigin,
			KeepAlive:         true,
			Quiet:             true,
			S3Options:         []s3api.Option{s3api.WithOnListen(func() { close(listening) })},
		})
	}()
	select {
	case <-listening:
		return gate, nil
	case <-gate.ended:
		stop()
		return nil, fmt.Errorf("start the S3 server on %s: %w", listen, gate.err)
	case <-ctx.Done():
		stop()
		<-gate.ended
		return nil, fmt.Errorf("start the S3 server on %s: %w", listen, context.Cause(ctx))
	}
}

// Addr gives host:port as it listens, with the real port.
func (g *Gate) Addr() string { return g.addr }

// Done is closed when the server has ended, by Stop or by a failure.
func (g *Gate) Done() <-chan struct{} { return g.ended }

// Stop takes no more requests, lets those under way end (10 s at most), and
// returns when the server has ended or ctx is done.
func (g *Gate) Stop(ctx context.Context) error {
	g.stop()
	select {
	case <-g.ended:
		return g.err
	case <-ctx.Done():
		return fmt.Errorf("stop the S3 server: %w", context.Cause(ctx))
	}
}

// reservePort turns port 0 into a free one and keeps others from taking it
// until release: the gateway cannot tell which port it got. The socket is bound
// but does not listen; with SO_REUSEADDR, which Go sets too, the gateway may
// then bind and listen on the same port, and nobody else gets it for port 0.
func reservePort(listen string) (addr string, release func(), err error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", nil, err
	}
	if port != "0" {
		return listen, func() {}, nil
	}
	at, err := net.ResolveTCPAddr("tcp", listen)
	if err != nil {
		return "", nil, err
	}
	var want unix.Sockaddr = &unix.SockaddrInet4{}
	family := unix.AF_INET
	if ip := at.IP.To4(); ip != nil {
		want = &unix.SockaddrInet4{Addr: [4]byte(ip)}
	} else if at.IP != nil {
		want, family = &unix.SockaddrInet6{Addr: [16]byte(at.IP)}, unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", nil, err
	}
	release = func() { _ = unix.Close(fd) }
	got := 0
	if err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err == nil {
		err = unix.Bind(fd, want)
	}
	if err == nil {
		got, err = boundPort(fd)
	}
	if err != nil {
		release()
		return "", nil, err
	}
	if at.IP != nil {
		host = at.IP.String() // one address, where a name may have many
	}
	return net.JoinHostPort(host, strconv.Itoa(got)), release, nil
}

func boundPort(fd int) (int, error) {
	sa, err := unix.Getsockname(fd)
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return sa.Port, nil
	case *unix.SockaddrInet6:
		return sa.Port, nil
	}
	return 0, err
}
