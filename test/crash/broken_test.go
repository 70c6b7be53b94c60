package crash_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"spool/internal/spool"
	"spool/test/harness"
)

// broken runs one job, breaks something while it encodes, and demands that the
// job ends with an error that says so, leaves nothing, and that the next one works.
func broken(t *testing.T, breakIt func(s *harness.Server), mend func(s *harness.Server), says string, codes ...int) {
	t.Helper()
	s := harness.StartServer(t, harness.Options{Config: crashConfig, Files: crashFiles()})
	long := load(t, "one/long.mp4", longSpec)
	if err := put(t.Context(), s.S3Client(), long); err != nil {
		t.Fatal(err)
	}
	encoding(t, s, 1)
	breakIt(s)
	v := ended(t, s, long.key)
	if v.WorkflowStatus != spool.VideoError || !slices.Contains(codes, v.ErrorCode) || !strings.Contains(v.ErrorMessage, says) {
		t.Errorf("%s %d %q; want one of the errors %d that says %q", v.WorkflowStatus, v.ErrorCode, v.ErrorMessage, codes, says)
	}
	if strings.Contains(v.ErrorMessage, s.Data) || strings.ContainsRune(v.ErrorMessage, '\n') {
		t.Errorf("the message is not for users: %q", v.ErrorMessage)
	}
	if left := files(t, s.Data, "objects", "media"); len(left) > 0 {
		t.Errorf("published of a job that failed: %v", left)
	}
	checkStaging(t, s.Data)
	mend(s)
	tiny := load(t, "one/tiny.mp4", tinySpecs()[0])
	if err := put(t.Context(), s.S3Client(), tiny); err != nil {
		t.Fatal(err)
	}
	if v := ended(t, s, tiny.key); v.WorkflowStatus != spool.VideoComplete {
		t.Errorf("the next job: %s %d %s", v.WorkflowStatus, v.ErrorCode, v.ErrorMessage)
	}
	if code := s.Stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	checkLeftovers(t, s)
}

func nothing(*harness.Server) {}

func TestBucketRemovedWhileEncoding(t *testing.T) {
	t.Parallel()
	media := aws.String("media")
	broken(t, func(s *harness.Server) {
		if _, err := s.S3Client().DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: media}); err != nil {
			t.Fatal(err)
		}
	}, func(s *harness.Server) {
		if _, err := s.S3Client().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: media}); err != nil {
			t.Fatal(err)
		}
	}, "bucket does not exist", spool.CodeNotFound)
}

func TestStagingRemovedWhileEncoding(t *testing.T) {
	t.Parallel()
	broken(t, func(s *harness.Server) {
		if err := os.RemoveAll(filepath.Join(s.Data, "staging")); err != nil {
			t.Fatal(err)
		}
	}, nothing, "", spool.CodeFileOpen, spool.CodeUnexpected) // FFmpeg notices, or verifying does
}

func TestFFmpegKilledByAnother(t *testing.T) {
	t.Parallel()
	broken(t, func(s *harness.Server) {
		pids := ffmpegs(t, s.Data)
		if len(pids) == 0 {
			t.Error("no ffmpeg is at work")
		}
		for _, pid := range pids {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Error(err)
			}
		}
	}, nothing, "FFmpeg crashed (killed)", spool.CodeUnexpected)
}

// ffmpegs gives the processes of ffmpeg that work in a data folder.
func ffmpegs(t *testing.T, data string) (pids []int) {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		line, err := os.ReadFile(name)
		program, _, _ := bytes.Cut(line, []byte{0})
		if err != nil || filepath.Base(string(program)) != "ffmpeg" || !bytes.Contains(line, []byte(data+"/")) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// TestSecondServerIsRefused starts a second server on a data folder in use.
func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	s := harness.StartServer(t, harness.Options{Config: crashConfig, Files: crashFiles()})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	second := harness.Spool(t, "serve", "--data", s.Data, "--http", "127.0.0.1:0", "--s3", "127.0.0.1:0")
	stop := context.AfterFunc(ctx, func() { _ = second.Process.Kill() })
	defer stop()
	out, err := second.CombinedOutput()
	if err == nil || second.ProcessState.ExitCode() != 1 {
		t.Errorf("the second server ended with %v, want code 1", err)
	}
	if !strings.Contains(string(out), "another spool is running on "+s.Data) || strings.Contains(string(out), "ready") {
		t.Errorf("it said:\n%s", out)
	}
	tiny := load(t, "one/tiny.mp4", tinySpecs()[0])
	if err := put(t.Context(), s.S3Client(), tiny); err != nil {
		t.Fatal(err)
	}
	if v := ended(t, s, tiny.key); v.WorkflowStatus != spool.VideoComplete {
		t.Errorf("the first server, after that: %s %s", v.WorkflowStatus, v.ErrorMessage)
	}
	s.Kill()
	s = s.Restart() // the lock goes with the process
	checkWorld(t, s, map[string]upload{tiny.key: tiny}, map[string]upload{tiny.key: tiny})
}
