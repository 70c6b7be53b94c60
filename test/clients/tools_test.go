package clients

import (
	"context"
	"errors"
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

// commandWithin bounds one call of a client; the suite of the browser is one.
const commandWithin = 5 * time.Minute

// cli is the AWS CLI, set up as the README says and with nothing of the
// machine's own.
type cli struct {
	t    *testing.T
	s    *harness.Server
	path string
	dir  string // where it runs
	env  []string
}

// newCLI finds the AWS CLI, Debian's before others, or skips.
func newCLI(t *testing.T, s *harness.Server) *cli {
	t.Helper()
	path := "/usr/bin/aws"
	if _, err := os.Stat(path); err != nil {
		testkit.NeedTools(t, "aws")
		path, _ = exec.LookPath("aws")
	}
	config := write(t, "config", "[default]\nregion = us-east-1\noutput = json\ns3 =\n    addressing_style = path\n    signature_version = s3v4\n")
	return &cli{t, s, path, t.TempDir(), append(environment(s),
		"AWS_CONFIG_FILE="+config, "AWS_SHARED_CREDENTIALS_FILE="+config+".none", "AWS_PAGER=")}
}

// environment has the key pair and the addresses for a client, and nothing of
// the machine's own AWS settings.
func environment(s *harness.Server) []string {
	own := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
	return append(own, "AWS_ACCESS_KEY_ID="+s.AccessKey, "AWS_SECRET_ACCESS_KEY="+s.SecretKey, "AWS_REGION="+harness.Region,
		"AWS_DEFAULT_REGION="+harness.Region, "AWS_EC2_METADATA_DISABLED=true", "NO_PROXY=127.0.0.1", "SPOOL_HTTP="+s.HTTP, "SPOOL_S3="+s.S3)
}

// as gives the same CLI with another key pair.
func (c *cli) as(access, secret string) *cli {
	other := *c
	other.env = append(append([]string{}, c.env...), "AWS_ACCESS_KEY_ID="+access, "AWS_SECRET_ACCESS_KEY="+secret)
	return &other
}

// run calls the CLI and gives its output and what it printed as an error.
func (c *cli) run(args ...string) (out, problem string) {
	c.t.Helper()
	endpoint := c.s.S3
	if args[0] == "mediaconvert" {
		endpoint = c.s.HTTP
	}
	return run(c.t, c.dir, c.env, c.path, append([]string{"--endpoint-url", endpoint}, args...)...)
}

// ok demands that a call goes well.
func (c *cli) ok(args ...string) string {
	c.t.Helper()
	out, problem := c.run(args...)
	if problem != "" {
		c.t.Fatalf("aws %q: %s", args, problem)
	}
	return out
}

// refused demands a call's error exactly as the CLI prints it.
func (c *cli) refused(kind, operation, message string, args ...string) {
	c.t.Helper()
	_, problem := c.run(args...)
	want := "An error occurred (" + kind + ") when calling the " + operation + " operation: " + message
	// Version 1 prints its own name before it.
	if got := strings.TrimPrefix(strings.TrimSpace(problem), "aws: [ERROR]: "); got != want {
		c.t.Errorf("aws %q says\n  %s\nnot\n  %s", args, got, want)
	}
}

// run runs a client in a folder. problem is empty when it ended with 0, else what
// it wrote to its standard error, or its code.
func run(t *testing.T, dir string, env []string, name string, args ...string) (out, problem string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	var said strings.Builder
	cmd.Stderr = &said
	answer, err := cmd.Output()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && (!ended || said.Len() == 0) {
		return string(answer), filepath.Base(name) + ": " + err.Error()
	}
	if err != nil {
		return string(answer), said.String()
	}
	return string(answer), ""
}

// needBuilt skips where a file that the build makes is missing; in CI it is a failure.
func needBuilt(t *testing.T, path, how string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing; %s makes it", path, how)
	}
	t.Skipf("%s is missing; %s makes it", path, how)
}

// npmCI installs the modules of a folder unless they are there.
func npmCI(t *testing.T, dir string) {
	t.Helper()
	testkit.NeedTools(t, "node", "npm")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err == nil {
		return
	}
	if out, problem := run(t, dir, os.Environ(), "npm", "ci", "--no-audit", "--no-fund"); problem != "" {
		t.Fatalf("npm ci in %s: %s%s", dir, out, problem)
	}
}
