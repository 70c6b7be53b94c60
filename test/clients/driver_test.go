package clients

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spool/internal/testkit"
	"spool/test/harness"
)

// driver is one client of MediaConvert that does what a test asks: a real SDK
// under a shell that is as thin as possible.
type driver interface {
	hello() hello
	// do makes one call, and fails the test where the client is gone.
	do(t *testing.T, c call) outcome
}

// hello is what a client says of itself.
type hello struct {
	Client     string   // name and version
	Operations []string // that it knows
	Paginators []string // the operations that it can page through
}

// call is one call of an operation, or of its paginator.
type call struct {
	Do        string `json:"do"` // hello | call | pages
	Operation string `json:"operation,omitempty"`
	Input     any    `json:"input,omitempty"` // names as the SDKs have them: PascalCase
	Keys      *keys  `json:"keys,omitempty"`  // nil: not signed
	Size      int    `json:"size,omitempty"`  // of a page
}

// keys sign a call.
type keys struct {
	Access string `json:"access"`
	Secret string `json:"secret"`
	Token  string `json:"token,omitempty"`
}

// outcome is what a client made of an answer. Times are RFC 3339, if the client
// took them for times; a member that it does not set is absent.
type outcome struct {
	Status int            // 0 where the client does not tell
	Output map[string]any // of a call
	Pages  []any          // of a paginator; of one that joins them, a single one
	Error  *clientError
}

// clientError is an error as the client types it.
type clientError struct {
	Code    string // ParamValidation: the client sent nothing
	Message string
	Typed   bool // it is of the class that the client has for the code
}

// script is a client in a program of its own that is asked line by line.
type script struct {
	in   io.Writer
	out  *bufio.Reader
	said *logFile
	self hello
}

// logFile keeps what a script writes to its standard error.
type logFile struct{ path string }

func (l *logFile) String() string {
	text, err := os.ReadFile(l.path)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// startScript starts a client's script; it ends with the test.
func startScript(t *testing.T, dir string, env []string, name string, args ...string) *script {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), commandWithin)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	said := &logFile{filepath.Join(t.TempDir(), "stderr")}
	stderr, err := os.Create(said.path)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer cancel()
		in.Close() // the script ends with its input
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s %q: %v\n%s", name, args, err, said)
		}
		stderr.Close()
	})
	s := &script{in: in, out: bufio.NewReaderSize(out, 1<<20), said: said}
	s.ask(t, call{Do: "hello"}, &s.self)
	return s
}

func (s *script) hello() hello { return s.self }

func (s *script) do(t *testing.T, c call) outcome {
	t.Helper()
	var o outcome
	s.ask(t, c, &o)
	return o
}

func (s *script) ask(t *testing.T, c call, answer any) {
	t.Helper()
	line, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.in.Write(append(line, '\n')); err != nil {
		t.Fatalf("the client is gone: %v\n%s", err, s.said)
	}
	told, err := s.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("the client is gone: %v\n%s", err, s.said)
	}
	if err := json.Unmarshal(told, answer); err != nil {
		t.Fatalf("%v in %s", err, told)
	}
}

// jsDriver starts the SDK for JavaScript.
func jsDriver(t *testing.T, s *harness.Server) driver {
	dir := filepath.Join(testkit.ModuleRoot(t), "test", "clients", "js")
	npmCI(t, dir)
	return startScript(t, dir, environment(s), "node", "driver.mjs")
}

// pythonDriver gives the start of boto3, or of the AWS CLI, under one
// interpreter of Python.
func pythonDriver(interpreter string, args ...string) func(*testing.T, *harness.Server) driver {
	return func(t *testing.T, s *harness.Server) driver {
		config := write(t, "config", "[default]\noutput = json\ncli_timestamp_format = iso8601\n")
		env := append(environment(s), "AWS_CONFIG_FILE="+config, "AWS_SHARED_CREDENTIALS_FILE="+config+".none", "AWS_PAGER=",
			"AWS_MAX_ATTEMPTS=1", "PYTHONDONTWRITEBYTECODE=1")
		start := func(env []string) *script {
			return startScript(t, t.TempDir(), env, interpreter, append([]string{pythonScript(t, "driver.py")}, args...)...)
		}
		d := start(env)
		if missing := without(operationsOfGo(), d.hello().Operations); len(missing) > 0 && len(d.hello().Operations) > 0 {
			t.Logf("%s is older than %q; it gets their models", d.hello().Client, missing)
			d = start(append(env, "AWS_DATA_PATH="+pythonScript(t, "models")))
		}
		return d
	}
}

// pythonScript gives the path of a file for Python.
func pythonScript(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(testkit.ModuleRoot(t), "test", "clients", "py", name)
}

// pythons gives the interpreters that have a module, each once: the one of the
// path, and with SPOOL_CLIENTS=all Debian's too, whose older clients take as
// long again.
func pythons(t *testing.T, module string) []string {
	t.Helper()
	var found, homes []string
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		out, err := exec.CommandContext(t.Context(), name, "-c", "import sys, "+module+"; print(sys.prefix)").Output()
		if home := strings.TrimSpace(string(out)); err == nil && !slices.Contains(homes, home) {
			found, homes = append(found, name), append(homes, home)
		}
	}
	if len(found) > 1 && os.Getenv("SPOOL_CLIENTS") != "all" {
		return found[:1]
	}
	return found
}

// without gives what is in one list and not in the other.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(v string) bool { return slices.Contains(other, v) })
}

// untilWithin bounds the wait for what a job or a query becomes; between two
// questions is a tick.
const (
	untilWithin = time.Minute
	untilTick   = 50 * time.Millisecond
)
