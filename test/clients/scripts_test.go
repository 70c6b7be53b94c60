package clients

import (
	"os"
	"path/filepath"
	"testing"

	"spool/internal/testkit"
	"spool/test/harness"
)

// scriptEnvironment tells a script where the server, the clip and the examples are.
func scriptEnvironment(t *testing.T, s *harness.Server) []string {
	t.Helper()
	nowhere := filepath.Join(t.TempDir(), "none")
	return append(environment(s), "SPOOL_CLIP="+testkit.Clip(t, small), "SPOOL_EXAMPLES="+example(t, ""),
		"AWS_CONFIG_FILE="+nowhere, "AWS_SHARED_CREDENTIALS_FILE="+nowhere)
}

// javaScript runs the SDK for JavaScript under Node's own test runner.
func javaScript(t *testing.T, s *harness.Server) {
	dir := filepath.Join(testkit.ModuleRoot(t), "test", "clients", "js")
	npmCI(t, dir)
	if out, problem := run(t, dir, scriptEnvironment(t, s), "npm", "test", "--silent"); problem != "" {
		t.Errorf("the SDK for JavaScript: %s\n%s", out, problem)
	}
}

// python runs boto3.
func python(t *testing.T, s *harness.Server) {
	found := pythons(t, "boto3")
	if len(found) == 0 {
		missing(t, "boto3", "python3-boto3")
	}
	if out, problem := run(t, t.TempDir(), append(scriptEnvironment(t, s), "PYTHONDONTWRITEBYTECODE=1"), found[0], pythonScript(t, "client.py")); problem != "" {
		t.Errorf("the SDK for Python: %s\n%s", out, problem)
	}
}

// TestBrowser has a real browser sign in, upload, follow and play.
func TestBrowser(t *testing.T) {
	t.Parallel()
	root := testkit.ModuleRoot(t)
	testkit.NeedTools(t, "chromium")
	needBuilt(t, filepath.Join(root, "internal", "webui", "dist", "index.html"), "make build")
	dir := filepath.Join(root, "test", "browser")
	npmCI(t, dir)
	clip := filepath.Join(t.TempDir(), "déjà vu & 100% (1)+.mp4")
	data, err := os.ReadFile(testkit.Clip(t, testkit.ClipSpec{Seconds: 14, W: 480, H: 270, FPS: small.FPS, Audio: testkit.Stereo}))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(clip, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s := harness.StartServer(t, harness.Options{})
	env := append(os.Environ(), "SPOOL_URL="+s.HTTP, "SPOOL_SIGNIN="+s.SignIn(t), "SPOOL_CLIP="+clip, "SPOOL_WAIT=120")
	if out, problem := run(t, dir, env, "npm", "test", "--silent"); problem != "" {
		t.Errorf("the browser: %s\n%s", out, problem)
	}
}
