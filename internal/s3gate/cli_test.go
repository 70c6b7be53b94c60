package s3gate_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAWSCommand(t *testing.T) {
	t.Parallel()
	bin := "/usr/bin/aws"
	if _, err := os.Stat(bin); err != nil {
		if bin, err = exec.LookPath("aws"); err != nil {
			t.Skip("no AWS CLI here")
		}
	}
	dir := t.TempDir()
	cli := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), bin, append([]string{"--endpoint-url", "http://" + gate.Addr()}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secretKey, "AWS_DEFAULT_REGION=eu-central-1",
			"AWS_CONFIG_FILE="+filepath.Join(dir, "none"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(dir, "none"), "AWS_EC2_METADATA_DISABLED=true")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("aws %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	b := "cli-" + md5Hex([]byte(t.Name()))[:8]
	cli("s3", "mb", "s3://"+b)
	small, big := "my cat video (final)+1.mp4", "big [1080p].mov"
	content := map[string][]byte{small: []byte("small"), big: bytes.Repeat([]byte("spool"), 4<<20)}
	var want []string
	for _, name := range []string{small, big} {
		if err := os.WriteFile(filepath.Join(dir, name), content[name], 0o600); err != nil {
			t.Fatal(err)
		}
		cli("s3", "cp", "--no-progress", name, "s3://"+b+"/in/"+name)
	}
	want = append(want, "ObjectCreated:Put in/"+small, "ObjectCreated:CompleteMultipartUpload in/"+big)
	cli("s3", "cp", "--no-progress", "s3://"+b+"/in/"+small, "s3://"+b+"/-copy")
	want = append(want, "ObjectCreated:Copy -copy")
	cli("s3", "cp", "--no-progress", "s3://"+b+"/in/"+big, "back")
	if got, err := os.ReadFile(filepath.Join(dir, "back")); err != nil || !bytes.Equal(got, content[big]) {
		t.Errorf("%d bytes come back, %v", len(got), err)
	}
	if out := cli("s3", "ls", "--recursive", "s3://"+b); !strings.Contains(out, small) || !strings.Contains(out, big) {
		t.Errorf("ls: %s", out)
	}
	cli("s3", "rm", "s3://"+b+"/-copy")
	cli("s3", "rm", "--recursive", "s3://"+b+"/in")
	want = append(want, "ObjectRemoved:Delete -copy", "ObjectRemoved:Delete in/"+small, "ObjectRemoved:Delete in/"+big)
	got := recorded.names(t, b)
	slices.Sort(got[min(4, len(got)):]) // the CLI removes at once
	slices.Sort(want[4:])
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	var identity struct{ Buckets []struct{ Name string } }
	if err := json.Unmarshal([]byte(cli("s3api", "list-buckets")), &identity); err != nil || len(identity.Buckets) == 0 {
		t.Errorf("list-buckets: %v, %v", identity, err)
	}
}
