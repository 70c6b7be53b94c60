package harness

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// StartBriefly starts a server on the data of one that was stopped or killed,
// and kills it after a time, ready or not: what it was doing then was starting.
func (s *Server) StartBriefly(life time.Duration) {
	s.t.Helper()
	args := []string{"serve", "--data", s.Data, "--http", "127.0.0.1:0", "--s3", "127.0.0.1:0"}
	if s.options.Config != "" {
		args = append(args, "--config", s.writeConfig())
	}
	cmd := exec.CommandContext(s.t.Context(), Spool(s.t).Path, append(args, s.options.Args...)...)
	cmd.Env = append(os.Environ(), "SPOOL_ACCESS_KEY="+s.AccessKey, "SPOOL_SECRET_KEY="+s.SecretKey)
	cmd.Env = append(cmd.Env, s.options.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("harness: start spool: %v", err)
	}
	timer := time.AfterFunc(life, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait()
	if !cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled() {
		s.t.Errorf("harness: spool ended by itself with code %d within %v of its start", cmd.ProcessState.ExitCode(), life)
	}
}

// PID is the process of the server.
func (s *Server) PID() int { return s.cmd.Process.Pid }
