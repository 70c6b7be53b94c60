package program_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"spool/test/harness"
)

// keyCommand runs `spool key` against a server with a key pair.
func keyCommand(t *testing.T, s *harness.Server, access, secret string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	cmd := harness.Spool(t, append([]string{"key"}, args...)...)
	cmd.Dir = t.TempDir() // no ./spool-data
	cmd.Env = append(cmd.Environ(), "SPOOL_ENDPOINT="+s.HTTP, "SPOOL_ACCESS_KEY="+access, "SPOOL_SECRET_KEY="+secret)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return status, out.String(), errs.String()
}

// pair is what `spool key create --json` prints.
type pair struct{ Access, Secret, Role, Note string }

// Retrieve implements aws.CredentialsProvider.
func (p pair) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: p.Access, SecretAccessKey: p.Secret}, nil
}

func errorCode(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// TestKeyByProfile takes the key pair from a profile, as the other commands do.
func TestKeyByProfile(t *testing.T) {
	t.Parallel()
	s := harness.StartServer(t, harness.Options{})
	file := write(t, "[spool]\naws_access_key_id = "+s.AccessKey+"\naws_secret_access_key = "+s.SecretKey+"\n")
	c := &terminal{t: t, s: s, env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "SPOOL_ENDPOINT=" + s.HTTP, "AWS_SHARED_CREDENTIALS_FILE=" + file,
		"SPOOL_ACCESS_KEY=AKIAUNKNOWNUNKNOWN12", "SPOOL_SECRET_KEY=x", // the profile wins
	}}
	c.shows([]string{s.AccessKey}, "key", "list", "--profile", "spool")
	c.refused(2, []string{"nobody"}, "", "key", "list", "--profile", "nobody")
	c.refused(2, []string{"security token"}, "", "key", "list")
	c.env = append(c.env, "AWS_PROFILE=spool")
	c.shows([]string{s.AccessKey}, "key", "list")
}

// TestKeys: a key is made with the program, signs in at every door as its role
// says, outlives a restart, and ends when it is revoked.
func TestKeys(t *testing.T) {
	t.Parallel()
	s := harness.StartServer(t, harness.Options{})
	made := map[string]pair{}
	for _, role := range []string{"submit", "read"} {
		status, out, errs := keyCommand(t, s, s.AccessKey, s.SecretKey, "create", "--role", role, "--note", "the "+role+"er", "--json")
		var p pair
		if err := json.Unmarshal([]byte(out), &p); status != 0 || err != nil || p.Role != role {
			t.Fatalf("status %d: %s%s", status, out, errs)
		}
		made[role] = p
	}
	status, out, errs := keyCommand(t, s, s.AccessKey, s.SecretKey, "create", "--role", "admin")
	if lines := strings.Split(out, "\n"); status != 0 || len(lines) != 3 || !strings.HasPrefix(lines[0], "access_key=AKIA") || !strings.HasPrefix(lines[1], "secret_key=") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}

	for name, c := range map[string]struct {
		access, secret string
		args           []string
		status         int
		says           string
	}{
		"no role":        {s.AccessKey, s.SecretKey, []string{"create"}, 2, "--role"},
		"odd role":       {s.AccessKey, s.SecretKey, []string{"create", "--role", "root"}, 2, `"admin","submit","read"`},
		"not an admin":   {made["submit"].Access, made["submit"].Secret, []string{"list"}, 2, "has the role submit, and this needs the role admin"},
		"wrong secret":   {s.AccessKey, "wrong-secret", []string{"list"}, 2, "does not match the signature you provided"},
		"no secret":      {s.AccessKey, "", []string{"list"}, 2, "only one of SPOOL_ACCESS_KEY and SPOOL_SECRET_KEY is set"},
		"nobody":         {"", "", []string{"list", "--data", "none"}, 2, "keys"},
		"no server":      {s.AccessKey, s.SecretKey, []string{"list", "--endpoint", "http://127.0.0.1:1"}, 1, "is it running?"},
		"no address":     {s.AccessKey, s.SecretKey, []string{"list", "--endpoint", "spool"}, 2, "no address of a server"},
		"unknown key":    {s.AccessKey, s.SecretKey, []string{"revoke", "AKIANOBODY"}, 2, `There is no access key "AKIANOBODY".`},
		"the root's own": {s.AccessKey, s.SecretKey, []string{"revoke", s.AccessKey}, 2, "can't be revoked"},
	} {
		status, out, errs := keyCommand(t, s, c.access, c.secret, c.args...)
		if status != c.status || !strings.Contains(errs, c.says) || out != "" {
			t.Errorf("%s: status %d: %s%s", name, status, out, errs)
		}
	}

	s = func() *harness.Server { s.Stop(); return s.Restart() }()
	_, out, _ = keyCommand(t, s, s.AccessKey, s.SecretKey, "list")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); len(lines) != 5 || !strings.HasPrefix(lines[0], "ACCESS KEY") || !strings.Contains(out, "the submiter") ||
		!strings.Contains(lines[1], s.AccessKey) || strings.Contains(out, made["read"].Secret) {
		t.Errorf("the list:\n%s", out)
	}
	client := func(p pair) (*s3.Client, *mediaconvert.Client) {
		return s3.New(s3.Options{BaseEndpoint: &s.S3, Region: "us-east-1", UsePathStyle: true, Credentials: p, RetryMaxAttempts: 1}),
			mediaconvert.New(mediaconvert.Options{BaseEndpoint: &s.HTTP, Region: "us-east-1", Credentials: p, RetryMaxAttempts: 1})
	}
	try := func(p pair) (put, list, queue, listQueues error) {
		objects, jobs := client(p)
		_, put = objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("media"), Key: aws.String("a.txt"), Body: strings.NewReader("x")})
		_, list = objects.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("media")})
		_, queue = jobs.CreateQueue(t.Context(), &mediaconvert.CreateQueueInput{Name: aws.String("q")})
		_, listQueues = jobs.ListQueues(t.Context(), &mediaconvert.ListQueuesInput{})
		return put, list, queue, listQueues
	}
	if put, list, queue, listQueues := try(made["submit"]); put != nil || list != nil || errorCode(queue) != "AccessDeniedException" || listQueues != nil {
		t.Errorf("submit: %v, %v, %v, %v", put, list, queue, listQueues)
	}
	if put, list, queue, listQueues := try(made["read"]); errorCode(put) != "AccessDenied" || list != nil || errorCode(queue) != "AccessDeniedException" || listQueues != nil {
		t.Errorf("read: %v, %v, %v, %v", put, list, queue, listQueues)
	}
	objects, _ := client(made["read"])
	link, err := s3.NewPresignClient(objects).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("media"), Key: aws.String("a.txt")})
	if err != nil {
		t.Fatal(err)
	}
	if answer := s.Get(t, link.URL, false); answer.Status != http.StatusOK {
		t.Errorf("the link of a key: %d", answer.Status)
	}
	for _, p := range made {
		if status, out, errs := keyCommand(t, s, s.AccessKey, s.SecretKey, "revoke", p.Access); status != 0 || out != "Revoked "+p.Access+".\n" {
			t.Errorf("status %d: %s%s", status, out, errs)
		}
		put, list, queue, listQueues := try(p)
		for _, err := range []error{put, list} {
			if errorCode(err) != "InvalidAccessKeyId" {
				t.Errorf("S3 with a revoked key: %v", err)
			}
		}
		for _, err := range []error{queue, listQueues} {
			if errorCode(err) != "UnrecognizedClientException" {
				t.Errorf("the jobs' API with a revoked key: %v", err)
			}
		}
	}
	if answer := s.Get(t, link.URL, false); answer.Status != http.StatusForbidden {
		t.Errorf("the link of a revoked key: %d", answer.Status)
	}
}
