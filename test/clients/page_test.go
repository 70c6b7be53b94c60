package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"spool/internal/testkit"
	"spool/test/harness"
)

// pageBlock is one block of code of a page.
type pageBlock struct{ language, text string }

var (
	fenced  = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")
	roleRow = regexp.MustCompile("(?m)^\\| `(read|submit|admin)` \\|(.*)\\|$")
)

// TestPage runs what docs/clients.md shows, in its order and as it stands there:
// only the addresses are those of the test's server.
func TestPage(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t, "aws", "node", "go", "sh")
	root := testkit.ModuleRoot(t)
	page, err := os.ReadFile(filepath.Join(root, "docs", "clients.md"))
	if err != nil {
		t.Fatal(err)
	}
	s := harness.StartServer(t, harness.Options{})
	r := newReader(t, s)
	here := strings.NewReplacer("http://127.0.0.1:8080", s.HTTP, "http://127.0.0.1:9000", s.S3)
	said := map[string]string{}
	for _, m := range fenced.FindAllStringSubmatch(string(page), -1) {
		said[m[1]] += r.follow(t, pageBlock{m[1], here.Replace(m[2])})
	}
	const job = `[0-9]{13}-[a-z0-9]{6}`
	for language, want := range map[string]string{
		"sh":     `\bsubmit\b(?s:.*)the upload page(?s:.*)\nCOMPLETE\n` + job + `\tCOMPLETE\n[^\n]* clip\.mp4\n(?s:.*)` + job + `(?s:.*)nightly`,
		"python": `(?m)^COMPLETE 0:00:\d\d\n(` + job + ` None\n)*` + job + ` \{'assetID': '42'\}\n(` + job + ` None\n)*There is no queue "daily"\.\n$`,
		"js":     `(?m)^` + job + ` 20\d\d-\d\d-\d\dT[0-9:.]*Z\n(` + job + ` [A-Z]+\n){3}There is no queue "daily"\.\n$`,
		"go":     `(?m)^` + job + ` COMPLETE 20\d\d-\d\d-\d\d [0-9:]+ \+0000 UTC\nThere is no queue "daily"\.\n$`,
	} {
		if !regexp.MustCompile(want).MatchString(said[language]) {
			t.Errorf("the %s of the page prints\n%s\nnot %s", language, said[language], want)
		}
	}
}

// reader does what a page says, in a folder of its own.
type reader struct {
	dir, js, root string
	env           []string
	before        string // the first block, which sets up the shell for all others
}

func newReader(t *testing.T, s *harness.Server) *reader {
	t.Helper()
	root := testkit.ModuleRoot(t)
	r := &reader{dir: t.TempDir(), js: filepath.Join(root, "test", "clients", "js"), root: root}
	npmCI(t, r.js)
	clip, err := os.ReadFile(testkit.Clip(t, small))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"clip.mp4": clip, "spool-data/keys": fmt.Appendf(nil, "access_key=%s\nsecret_key=%s\n", s.AccessKey, s.SecretKey)}
	for name, data := range files {
		path := filepath.Join(r.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(r.js, "node_modules"), filepath.Join(r.dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "spool")
	if err := os.Symlink(harness.Spool(t).Path, path); err != nil {
		t.Fatal(err)
	}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") && !strings.HasPrefix(v, "SPOOL_") {
			r.env = append(r.env, v)
		}
	}
	nowhere := filepath.Join(r.dir, "none")
	r.env = append(r.env, "PATH="+filepath.Dir(path)+":"+os.Getenv("PATH"), "AWS_CONFIG_FILE="+nowhere, "AWS_SHARED_CREDENTIALS_FILE="+nowhere,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "NO_PROXY=127.0.0.1", "PYTHONDONTWRITEBYTECODE=1")
	return r
}

// follow runs a block, or puts it in its file, and gives what it prints.
func (r *reader) follow(t *testing.T, b pageBlock) string {
	t.Helper()
	switch b.language {
	case "sh":
		if r.before == "" {
			r.before = b.text
			return ""
		}
		return r.shell(t, b.text)
	case "json":
		r.write(t, "job.json", b.text)
		return ""
	case "python":
		return r.shell(t, r.python(t)+" "+r.write(t, "page.py", b.text))
	case "js":
		return r.shell(t, "exec node "+r.write(t, "page.mjs", b.text))
	case "go":
		return r.shell(t, "cd '"+r.root+"' && exec go run "+r.write(t, "page.go", b.text))
	case "hcl":
		return "" // there is no Terraform here
	default:
		t.Fatalf("nothing is known to run a block of %q with", b.language)
		return ""
	}
}

func (r *reader) python(t *testing.T) string {
	t.Helper()
	found := pythons(t, "boto3")
	if len(found) == 0 {
		missing(t, "boto3", "python3-boto3")
	}
	return found[0]
}

func (r *reader) shell(t *testing.T, text string) string {
	t.Helper()
	out, problem := run(t, r.dir, r.env, "sh", "-euc", r.before+text)
	if problem != "" {
		t.Fatalf("%s\nends with: %s\n%s", text, out, problem)
	}
	return out
}

func (r *reader) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPageRoles demands that the page has every operation beside the role that
// it needs: the one with which the suite makes it go well.
func TestPageRoles(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(testkit.ModuleRoot(t), "docs", "clients.md"))
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, m := range roleRow.FindAllStringSubmatch(string(page), -1) {
		for name := range strings.FieldsSeq(strings.ReplaceAll(m[2], "`", "")) {
			said[name] = m[1]
		}
	}
	for _, op := range operationsOfGo() {
		if needs := operations[op].role; said[op] != needs {
			t.Errorf("docs/clients.md says that %s needs %q; it needs %q", op, said[op], needs)
		}
	}
}
