package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// server is the running spool serve.
type server struct {
	http, s3       string
	signIn         chan string // the link that it printed
	access, secret string
	logFile        string
	cmd            *exec.Cmd
	ended          chan struct{}
}

var (
	readyLine  = regexp.MustCompile(`^ready http=(\S+) s3=(\S+)`)
	signInLink = regexp.MustCompile(`https?://\S+/signin\?token=[A-Za-z0-9_-]+`)
)

// startServer starts bin/spool on the default ports, or on free ones where those
// are taken.
func startServer(data string) (*server, error) {
	if err := os.MkdirAll(filepath.Join(".cache", "demo"), 0o755); err != nil {
		return nil, err
	}
	s := &server{logFile: filepath.Join(".cache", "demo", "server.log"), ended: make(chan struct{}), signIn: make(chan string, 1)}
	log, err := os.Create(s.logFile)
	if err != nil {
		return nil, err
	}
	s.cmd = exec.Command(filepath.Join("bin", "spool"), "serve", "--data", data,
		"--http", freeOr("127.0.0.1:8080"), "--s3", freeOr("127.0.0.1:9000"))
	s.cmd.Stderr = log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is ours to pass on
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start spool: %w", err)
	}
	ready := make(chan bool, 1)
	go func() {
		defer close(s.ended)
		defer log.Close()
		s.follow(out, log, ready)
		_ = s.cmd.Wait()
	}()
	select {
	case <-ready:
	case <-s.ended:
		return nil, errors.New("spool ended before it was ready:\n" + tail(s.logFile))
	case <-time.After(30 * time.Second):
		s.stop()
		return nil, errors.New("spool was not ready within 30 s:\n" + tail(s.logFile))
	}
	if err := s.readKeys(filepath.Join(data, "keys")); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// follow keeps the server's output and finds the ready line and the sign-in
// link, in whichever order.
func (s *server) follow(out io.Reader, log io.Writer, ready chan<- bool) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := lines.Text()
		fmt.Fprintln(log, line)
		if link := signInLink.FindString(line); link != "" && len(s.signIn) == 0 {
			s.signIn <- link
		}
		if m := readyLine.FindStringSubmatch(line); m != nil && s.http == "" {
			s.http, s.s3 = m[1], m[2]
			ready <- true
		}
	}
	_, _ = io.Copy(log, out)
}

// readKeys takes the key pair from the environment, as the server does, or from
// its file.
func (s *server) readKeys(file string) error {
	s.access, s.secret = os.Getenv("SPOOL_ACCESS_KEY"), os.Getenv("SPOOL_SECRET_KEY")
	if s.access != "" && s.secret != "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the key pair: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch name {
		case "access_key":
			s.access = value
		case "secret_key":
			s.secret = value
		}
	}
	if s.access == "" || s.secret == "" {
		return fmt.Errorf("%s holds no key pair", file)
	}
	return nil
}

// stop ends the server in good order, and by force where that takes too long.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(40 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
}

// freeOr gives the address, or one with port 0 where its port is taken.
func freeOr(address string) string {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "127.0.0.1:0"
	}
	l.Close()
	return address
}

// tail gives the end of a log.
func tail(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}
