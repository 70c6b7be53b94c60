package clients

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/test/harness"
)

// awkward are names that need care in shells, URLs, XML or file systems.
var awkward = []string{
	"-lead.mp4", "100% [a] {b}.mp4", "a & b = c?.mp4", "it's \"quoted\".mp4", "my cat video (final)+1.mp4",
	"sub folder/c;d,e@f:g.mp4", "tilde~ #1 %41.mp4", "vidéo d’été — 東京 & co.mov",
}

func cliS3(t *testing.T, s *harness.Server) {
	c := newCLI(t, s)
	c.ok("s3", "mb", "s3://cli-files")
	if out := c.ok("s3", "ls"); !strings.Contains(out, " cli-files\n") || !strings.Contains(out, " uploads\n") {
		t.Errorf("s3 ls lists the buckets as %q", out)
	}
	cliCopies(c)
	cliSync(c)
	cliAPI(c)
	cliPresign(c)
}

// cliCopies moves small and large files there and back.
func cliCopies(c *cli) {
	t := c.t
	t.Helper()
	large := make([]byte, 9<<20) // the CLI sends 8 MiB and more in parts
	for i := range large {
		large[i] = byte(rand.IntN(256))
	}
	files := map[string][]byte{"-small +1.bin": []byte("small"), "large é.bin": large}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(c.dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		c.ok("s3", "cp", "--only-show-errors", "./"+name, "s3://cli-files/cp/"+name)
		c.ok("s3", "cp", "--only-show-errors", "s3://cli-files/cp/"+name, "back")
		if got, err := os.ReadFile(filepath.Join(c.dir, "back")); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s comes back with %d bytes instead of %d, %v", name, len(got), len(data), err)
		}
	}
	head := decode[struct {
		ETag          string
		ContentLength int
	}](t, c.ok("s3api", "head-object", "--bucket", "cli-files", "--key", "cp/large é.bin"))
	if head.ContentLength != len(large) || !strings.HasSuffix(head.ETag, `-2"`) {
		t.Errorf("9 MiB in two parts are %+v", head)
	}
	if out := c.ok("s3", "ls", "--recursive", "--summarize", "s3://cli-files/cp/"); !strings.Contains(out, "5 cp/-small +1.bin\n") ||
		!strings.Contains(out, "9437184 cp/large é.bin\n") || !strings.Contains(out, "Total Objects: 2") {
		t.Errorf("s3 ls: %s", out)
	}
}

// cliSync mirrors a folder of awkward names, does nothing the second time, and
// deletes what is gone.
func cliSync(c *cli) {
	t := c.t
	t.Helper()
	for _, name := range awkward {
		path := filepath.Join(c.dir, "mirror", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		// S3 tells times in whole seconds: a file of the same second would look newer than its object.
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	c.ok("s3", "sync", "--only-show-errors", "mirror", "s3://cli-files/m/")
	keys := func() []string {
		var names []string
		for _, key := range c.s.Keys(t, "cli-files", "m/") {
			names = append(names, strings.TrimPrefix(key, "m/"))
		}
		return names
	}
	if d := cmp.Diff(awkward, keys()); d != "" {
		t.Errorf("after s3 sync: %s", d)
	}
	if out := c.ok("s3", "sync", "mirror", "s3://cli-files/m/"); out != "" {
		t.Errorf("a second s3 sync does again: %s", out)
	}
	if err := os.Remove(filepath.Join(c.dir, "mirror", awkward[1])); err != nil {
		t.Fatal(err)
	}
	c.ok("s3", "sync", "--only-show-errors", "--delete", "mirror", "s3://cli-files/m/")
	if d := cmp.Diff(slices.Delete(slices.Clone(awkward), 1, 2), keys()); d != "" {
		t.Errorf("after s3 sync --delete: %s", d)
	}
	c.ok("s3", "sync", "--only-show-errors", "s3://cli-files/m/", "copy")
	if out, problem := run(t, c.dir, os.Environ(), "diff", "-r", "mirror", "copy"); out != "" || problem != "" {
		t.Errorf("the copy differs: %s%s", out, problem)
	}
	c.ok("s3", "rm", "--only-show-errors", "--recursive", "s3://cli-files/m/")
	if left := keys(); len(left) != 0 {
		t.Errorf("s3 rm --recursive leaves %q", left)
	}
}

// cliAPI uses the single operations.
func cliAPI(c *cli) {
	t := c.t
	t.Helper()
	body := write(t, "body", "0123456789")
	const key = "api/[x] 'y' é.txt"
	object := []string{"--bucket", "cli-files", "--key", key}
	call := func(operation string, more ...string) string {
		t.Helper()
		return c.ok(slices.Concat([]string{"s3api", operation}, object, more)...)
	}
	call("put-object", "--body", body, "--content-type", "text/plain", "--metadata", "clip=7")
	head := decode[struct {
		ContentType   string
		ContentLength int
		Metadata      map[string]string
	}](t, call("head-object"))
	if head.ContentType != "text/plain" || head.ContentLength != 10 || head.Metadata["clip"] != "7" {
		t.Errorf("head-object: %+v", head)
	}
	if out := call("get-object", "--range", "bytes=3-5", "part"); !strings.Contains(out, `"bytes 3-5/10"`) {
		t.Errorf("get-object: %s", out)
	}
	if got, err := os.ReadFile(filepath.Join(c.dir, "part")); err != nil || string(got) != "345" {
		t.Errorf("the range is %q, %v", got, err)
	}
	call("delete-object")
	c.refused("404", "HeadObject", "Not Found", slices.Concat([]string{"s3api", "head-object"}, object)...)
	c.refused("NoSuchKey", "GetObject", "The specified key does not exist.", slices.Concat([]string{"s3api", "get-object"}, object, []string{"none"})...)
	c.refused("NoSuchBucket", "ListObjectsV2", "The specified bucket does not exist.", "s3api", "list-objects-v2", "--bucket", "no-such-bucket")
	c.as(c.s.AccessKey, "wrong").refused("SignatureDoesNotMatch", "ListBuckets",
		"The request signature we calculated does not match the signature you provided. Check your key and signing method.", "s3api", "list-buckets")
	c.as("AKIAUNKNOWN", c.s.SecretKey).refused("InvalidAccessKeyId", "ListBuckets",
		"The AWS Access Key Id you provided does not exist in our records.", "s3api", "list-buckets")
}

// cliPresign gives a link to somebody without a key.
func cliPresign(c *cli) {
	t := c.t
	t.Helper()
	link := strings.TrimSpace(c.ok("s3", "presign", "--expires-in", "600", "s3://cli-files/cp/-small +1.bin"))
	if !strings.Contains(link, "X-Amz-Algorithm=AWS4-HMAC-SHA256") || !strings.Contains(link, "X-Amz-Expires=600") {
		t.Errorf("the link is not signed with version 4: %s", link)
	}
	if got := c.s.Get(t, link, false); got.Status != http.StatusOK || string(got.Body) != "small" {
		t.Errorf("the link gives %d %q", got.Status, got.Body)
	}
	for what, other := range map[string]string{
		"another object": strings.Replace(link, "small", "large", 1),
		"a longer life":  strings.Replace(link, "X-Amz-Expires=600", "X-Amz-Expires=6000", 1),
	} {
		if got := c.s.Get(t, other, false); got.Status != http.StatusForbidden || !strings.Contains(string(got.Body), "<Code>SignatureDoesNotMatch</Code>") {
			t.Errorf("the link for %s gives %d %s", what, got.Status, got.Body)
		}
	}
}
