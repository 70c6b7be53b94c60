package harness

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// How long a server may take to be ready, and to stop.
const (
	readyWithin = 20 * time.Second
	stopWithin  = 40 * time.Second
)

// Options say how a server is started.
type Options struct {
	Config string   // YAML; empty: the built-in configuration
	Files  Files    // further files beside the configuration, such as jobs
	Data   string   // data folder; empty: a new one that goes with the test
	Args   []string // further flags
	Env    []string // further variables
}

// Files are texts by relative name.
type Files map[string]string

// Server is a running spool serve.
type Server struct {
	HTTP      string // http://127.0.0.1:PORT
	S3        string
	Data      string
	AccessKey string
	SecretKey string

	t       testing.TB
	options Options
	cmd     *exec.Cmd
	log     *logBuffer
	signIn  chan string   // the link that it printed
	ended   chan struct{} // closed when the process is gone
	code    int           // exit code, once ended; −1 after a signal
}

// What the server prints once it is ready.
var (
	readyLine  = regexp.MustCompile(`^ready http=(http://\S+) s3=(http://\S+)`)
	signInLink = regexp.MustCompile(`http://\S+/signin\?token=[A-Za-z0-9_-]+`)
)

// StartServer starts a server on free ports and waits until it says that it is ready.
// It is stopped with the test, and its log is shown when the test failed.
func StartServer(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{t: t, options: o, Data: o.Data, AccessKey: "AKIA" + random(8), SecretKey: random(20)}
	if s.Data == "" {
		s.Data = filepath.Join(t.TempDir(), "data")
	}
	s.start()
	return s
}

// Restart starts a server anew on the data and with the keys of one that was
// stopped or killed. Its ports are others.
func (s *Server) Restart() *Server {
	s.t.Helper()
	select {
	case <-s.ended:
	default:
		s.t.Fatal("harness: the server still runs; stop or kill it first")
	}
	next := &Server{t: s.t, options: s.options, Data: s.Data, AccessKey: s.AccessKey, SecretKey: s.SecretKey}
	next.start()
	return next
}

func (s *Server) start() {
	s.t.Helper()
	args := []string{"serve", "--data", s.Data, "--http", "127.0.0.1:0", "--s3", "127.0.0.1:0"}
	if s.options.Config != "" {
		args = append(args, "--config", s.writeConfig())
	}
	s.cmd = exec.Command(Spool(s.t).Path, append(args, s.options.Args...)...)
	s.cmd.Env = append(os.Environ(), "SPOOL_ACCESS_KEY="+s.AccessKey, "SPOOL_SECRET_KEY="+s.SecretKey)
	s.cmd.Env = append(s.cmd.Env, s.options.Env...)
	s.log = &logBuffer{}
	s.cmd.Stderr = s.log
	out, in := io.Pipe()
	s.cmd.Stdout = in
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	s.ended, s.signIn = make(chan struct{}), make(chan string, 1)
	started := make(chan error, 1)
	go func() {
		// The death signal comes when the thread that started the child ends.
		runtime.LockOSThread()
		defer close(s.ended)
		err := s.cmd.Start()
		started <- err
		if err == nil {
			_ = s.cmd.Wait()
			s.code = s.cmd.ProcessState.ExitCode()
		}
		in.Close()
	}()
	if err := <-started; err != nil {
		s.t.Fatalf("harness: start spool: %v", err)
	}
	s.t.Cleanup(s.cleanUp)
	ready := make(chan []string, 1)
	go s.watchOutput(out, ready)
	select {
	case m := <-ready:
		s.HTTP, s.S3 = m[1], m[2]
	case <-s.ended:
		s.t.Fatalf("harness: spool ended with code %d before it was ready:\n%s", s.code, s.log)
	case <-time.After(readyWithin):
		s.t.Fatalf("harness: spool was not ready within %v:\n%s", readyWithin, s.log)
	}
}

// writeConfig puts the configuration and its files beside the data folder.
func (s *Server) writeConfig() string {
	s.t.Helper()
	dir := s.Data + "-config"
	files := Files{"spool.yaml": s.options.Config}
	for name, text := range s.options.Files {
		files[name] = text
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	return filepath.Join(dir, "spool.yaml")
}

// watchOutput finds the ready line and the sign-in link, and keeps all output in the log.
func (s *Server) watchOutput(out io.Reader, ready chan<- []string) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(s.log, lines.Text())
		if link := signInLink.FindString(lines.Text()); link != "" && len(s.signIn) == 0 {
			s.signIn <- link
		}
		if m := readyLine.FindStringSubmatch(lines.Text()); m != nil && len(ready) == 0 {
			ready <- m
		}
	}
	_, _ = io.Copy(io.Discard, out)
}

// Stop asks the server to end (SIGTERM) and gives its exit code. It fails the
// test where the server takes too long.
func (s *Server) Stop() int {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(stopWithin):
		s.signal(syscall.SIGKILL)
		<-s.ended
		s.t.Errorf("harness: spool did not stop within %v of SIGTERM:\n%s", stopWithin, s.log)
	}
	return s.code
}

// Kill ends the server at once (SIGKILL): the server only, since its children
// must not outlive it by themselves.
func (s *Server) Kill() {
	s.t.Helper()
	s.signal(syscall.SIGKILL)
	<-s.ended
}

func (s *Server) signal(sig syscall.Signal) {
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Errorf("harness: signal spool: %v", err)
	}
}

// SignIn gives the link that the server printed.
func (s *Server) SignIn(t testing.TB) string {
	t.Helper()
	select {
	case link := <-s.signIn:
		s.signIn <- link // for the next who asks
		return link
	case <-time.After(readyWithin):
		t.Fatalf("harness: spool printed no sign-in link:\n%s", s.log)
		return ""
	}
}

// Ended is closed when the server is gone.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// Log gives what the server has written so far.
func (s *Server) Log() string { return s.log.String() }

// Leftovers gives the command lines of living processes that name the data
// folder: none may be there after the server is gone.
func (s *Server) Leftovers() []string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		line, err := os.ReadFile(f)
		if err == nil && bytes.Contains(line, []byte(s.Data)) {
			found = append(found, strings.ReplaceAll(strings.TrimRight(string(line), "\x00"), "\x00", " "))
		}
	}
	return found
}

func (s *Server) cleanUp() {
	select {
	case <-s.ended:
	default:
		s.Stop()
	}
	if s.t.Failed() {
		s.t.Logf("the server's log:\n%s", s.log)
	}
}

func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return strings.ToUpper(hex.EncodeToString(b))
}

// logBuffer collects text from several goroutines; it keeps the last half
// megabyte.
type logBuffer struct {
	mu  sync.Mutex
	buf []byte
}

// Write adds text.
func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = append(l.buf, p...)
	if over := len(l.buf) - 1<<19; over > 0 {
		l.buf = l.buf[over:]
	}
	return len(p), nil
}

// String gives the text.
func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.buf)
}
