package s3gate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"spool/internal/access"
	"spool/internal/s3gate"
	"spool/internal/spool"
	"spool/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"
	"go.uber.org/goleak"
)

const (
	accessKey = "AKIDSPOOLTEST"
	secretKey = "a secret for tests"
)

// One gateway per process is possible: all tests share this one, each with
// buckets of its own.
var (
	root     string
	gate     *s3gate.Gate
	recorded recorder
	keyring  *access.Service // real, on a real database
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "spool-s3gate-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	root = filepath.Join(dir, "s3")
	if err := os.Mkdir(filepath.Join(dir, "versions"), 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "keys.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer db.Close()
	keyring, err = access.New(ctx, access.Options{
		Store: db, Root: spool.AccessKey{Access: accessKey, Secret: secretKey}, Log: slog.New(slog.DiscardHandler),
		InTx: func(ctx context.Context, f func(access.Tx) error) error {
			return db.Tx(ctx, func(tx *store.Tx) error { return f(tx) })
		},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	gate, err = s3gate.Start(ctx, s3gate.Options{
		Root: root, VersionsDir: filepath.Join(dir, "versions"), Listen: "127.0.0.1:0", AccessKey: accessKey, SecretKey: secretKey, Keys: keyring,
		Identity:  spool.Identity{Partition: "aws", Region: "eu-central-1", Account: "000000000000"},
		Publisher: &recorded, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	ctx, cancel = context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := gate.Stop(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "stop:", err)
		return 1
	}
	if err := db.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if code == 0 {
		if err := goleak.Find(ignored...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

// Goroutines that the gateway's libraries start for good.
var ignored = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1.1"),
	goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	goleak.IgnoreAnyFunction("github.com/gofiber/utils/v2.StartTimeStampUpdater.func1.1"),
}

// recorder keeps what is published, as a stream would; the bucket of a test
// can be made to fail.
type recorder struct {
	mu       sync.Mutex
	messages []message
	broken   map[string]bool // by bucket
}

type message struct {
	subject, id, bucket string
	data                []byte
}

func (r *recorder) Publish(_ context.Context, subject, id string, data []byte) error {
	var ev spool.S3Event
	if err := json.Unmarshal(data, &ev); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	bucket := ev.Records[0].S3.Bucket.Name
	if r.broken[bucket] {
		return errors.New("the bus is down")
	}
	r.messages = append(r.messages, message{subject, id, bucket, slices.Clone(data)})
	return nil
}

func (r *recorder) setBroken(bucket string, broken bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken == nil {
		r.broken = map[string]bool{}
	}
	r.broken[bucket] = broken
}

// of gives the messages of a bucket so far. An event is published before its
// request is answered, so there is nothing to wait for.
func (r *recorder) of(bucket string) []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ms []message
	for _, m := range r.messages {
		if m.bucket == bucket {
			ms = append(ms, m)
		}
	}
	return ms
}

func (r *recorder) events(t *testing.T, bucket string) []spool.S3Record {
	t.Helper()
	var rs []spool.S3Record
	ids := map[string]bool{}
	for _, m := range r.of(bucket) {
		var ev spool.S3Event
		if err := json.Unmarshal(m.data, &ev); err != nil || len(ev.Records) != 1 {
			t.Fatalf("message %s: %d records, %v", m.data, len(ev.Records), err)
		}
		if ids[m.id] {
			t.Errorf("the message id %s came twice", m.id)
		}
		ids[m.id] = true
		rs = append(rs, ev.Records[0])
	}
	return rs
}

// names gives "ObjectCreated:Put key" of every event of a bucket.
func (r *recorder) names(t *testing.T, bucket string) []string {
	t.Helper()
	var names []string
	for _, rec := range r.events(t, bucket) {
		key, err := spool.DecodeEventKey(rec.S3.Object.Key)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, rec.EventName+" "+key)
	}
	return names
}

func client(t *testing.T) *s3.Client {
	t.Helper()
	httpClient := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(httpClient.CloseIdleConnections)
	return s3.New(s3.Options{
		BaseEndpoint: aws.String("http://" + gate.Addr()), Region: "eu-central-1", UsePathStyle: true, HTTPClient: httpClient,
		RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}, nil
		}),
	})
}

// newBucket makes a bucket for one test.
func newBucket(t *testing.T, c *s3.Client) string {
	t.Helper()
	name := "t-" + strings.ReplaceAll(uuid.NewString(), "-", "")[:16]
	_, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
	if err != nil {
		t.Fatal(err)
	}
	return name
}
