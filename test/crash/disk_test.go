package crash_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

// smallDisk mounts a file system of its own, in a file that takes no more room
// than is written. It skips the test where that is not allowed.
func smallDisk(t *testing.T, megabytes int64) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root may mount a small disk to fill")
	}
	dir := t.TempDir()
	image, point := filepath.Join(dir, "disk.img"), filepath.Join(dir, "disk")
	if err := os.Mkdir(point, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, megabytes<<20); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{"mkfs.ext4", "-q", "-F", "-m", "0", image},
		{"mount", "-o", "loop", image, point},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("no small disk can be mounted here: %v: %v: %s", command, err, out)
		}
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", point).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
			_ = exec.Command("umount", "-l", point).Run()
		}
	})
	return point
}

// filler is the file that takes the room.
const filler = "filler"

// fill takes room until so many bytes are free.
func fill(t *testing.T, disk string, leave int64) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(disk, filler), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	at := fi.Size()
	for step := int64(64 << 20); step >= 4096; {
		var st unix.Statfs_t
		if err := unix.Statfs(disk, &st); err != nil {
			t.Fatal(err)
		}
		take := min(step, int64(st.Bavail)*st.Frsize-leave)
		if take <= 0 {
			return
		}
		switch err := unix.Fallocate(int(f.Fd()), 0, at, take); {
		case errors.Is(err, unix.ENOSPC):
			step /= 2
		case err != nil:
			t.Fatalf("fill the disk: %v", err)
		default:
			at += take
		}
	}
}

// free gives back what fill took.
func free(t *testing.T, disk string) {
	t.Helper()
	if err := os.Remove(filepath.Join(disk, filler)); err != nil {
		t.Fatal(err)
	}
}

// ended waits for the one video of a key.
func ended(t *testing.T, s *harness.Server, key string) spool.Video {
	t.Helper()
	return s.WaitVideo(t, time.Minute, harness.OfKey("uploads", key))
}

// checkFull demands the failure of a full disk, and that nothing is left of the job.
func checkFull(t *testing.T, s *harness.Server, v spool.Video) {
	t.Helper()
	if v.WorkflowStatus != spool.VideoError || v.ErrorCode != spool.CodeDiskFull || !strings.Contains(strings.ToLower(v.ErrorMessage), "disk is full") {
		t.Errorf("%s: %s %d %q, want the error %d", v.SrcVideo, v.WorkflowStatus, v.ErrorCode, v.ErrorMessage, spool.CodeDiskFull)
	}
	if strings.Contains(v.ErrorMessage, s.Data) {
		t.Errorf("the message tells of the server's folders: %q", v.ErrorMessage)
	}
	for _, name := range s.Keys(t, "media", "") {
		if strings.Contains(name, v.GUID) {
			t.Errorf("%s is published of a job that failed", name)
		}
	}
	if left := files(t, s.Data, "staging", v.EncodeJobID); len(left) > 0 {
		t.Errorf("staging still holds %v", left)
	}
}

// TestDiskFull fills the disk at different moments of a server's life.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t, "ffmpeg")
	disk := smallDisk(t, 420)
	s := harness.StartServer(t, harness.Options{Data: filepath.Join(disk, "data"), Config: crashConfig, Files: crashFiles()})
	client := s.S3Client()
	tiny := load(t, "one/before.mp4", tinySpecs()[0])
	must := func(u upload) {
		t.Helper()
		if err := put(t.Context(), client, u); err != nil {
			t.Fatal(err)
		}
	}
	must(tiny)
	if v := ended(t, s, tiny.key); v.WorkflowStatus != spool.VideoComplete {
		t.Fatalf("on an empty disk: %s %s", v.WorkflowStatus, v.ErrorMessage)
	}

	// Too little for a job to start with: it says so, in numbers.
	fill(t, disk, 100<<20)
	tiny.key = "one/little.mp4"
	must(tiny)
	checkFull(t, s, ended(t, s, tiny.key))
	free(t, disk)

	// Nothing left while it encodes, and again each time it has given some back.
	long := load(t, "one/long.mp4", longSpec)
	must(long)
	encoding(t, s, 1)
	fill(t, disk, 0)
	checkFull(t, s, ended(t, s, long.key))

	// Not a block to write anything down in, for a while: the state is told as soon as there is.
	long.key = "one/longer.mp4"
	free(t, disk)
	must(long)
	encoding(t, s, 1)
	refill, stop := time.NewTicker(2*time.Millisecond), time.After(6*time.Second)
	for full := true; full; {
		fill(t, disk, 0)
		select {
		case <-refill.C:
		case <-stop:
			full = false
		}
	}
	refill.Stop()
	free(t, disk)
	checkFull(t, s, ended(t, s, long.key))

	// Uploads find no room: an error, and no trace.
	fill(t, disk, 64<<10)
	before := files(t, s.Data, "objects", "uploads")
	big := upload{key: "one/big.mp4", body: slices.Repeat([]byte("0123456789abcdef"), 1<<18)}
	for _, send := range []func() error{
		func() error { return put(t.Context(), client, big) },
		func() error { return putParts(t.Context(), client, big) },
	} {
		if err := send(); err == nil {
			t.Error("4 MB were acknowledged on a full disk")
		} else if strings.Contains(err.Error(), s.Data) {
			t.Errorf("the answer tells of the server's folders: %v", err)
		}
	}
	after := slices.DeleteFunc(files(t, s.Data, "objects", "uploads"), func(name string) bool {
		return strings.HasPrefix(name, ".sgwtmp/multipart/") && !strings.Contains(name, "/1") // the record of an open upload
	})
	if !slices.Equal(before, after) {
		t.Errorf("the bucket held %v and holds %v", before, after)
	}
	if a := s.Get(t, "/healthz", false); a.Status != http.StatusOK {
		t.Errorf("healthz: %d %s", a.Status, a.Body)
	}
	if a := s.Get(t, "/readyz", false); a.Status != http.StatusServiceUnavailable || !strings.Contains(string(a.Body), "disk") {
		t.Errorf("readyz: %d %s", a.Status, a.Body)
	}

	// There is room again: everything works, without a restart.
	free(t, disk)
	for n := range 3 {
		tiny.key = fmt.Sprintf("one/after-%d.mp4", n)
		must(tiny)
		if v := ended(t, s, tiny.key); v.WorkflowStatus != spool.VideoComplete {
			t.Errorf("after space was freed: %s %s", v.WorkflowStatus, v.ErrorMessage)
		}
	}
	if a := s.Get(t, "/readyz", false); a.Status != http.StatusOK {
		t.Errorf("readyz: %d %s", a.Status, a.Body)
	}
	if code := s.Stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	checkStaging(t, s.Data)
	for id, told := range jobEvents(t, s.Data) {
		if last := told[len(told)-1]; last != "COMPLETE" && last != "ERROR" || slices.Contains(told[:len(told)-1], last) {
			t.Errorf("the events of job %s are %v", id, told)
		}
	}
}
