package s3gate_test

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

var (
	reTime      = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`)
	reSequencer = regexp.MustCompile(`"sequencer":"[0-9A-F]{16}"`)
	reRequest   = regexp.MustCompile(`"x-amz-request-id":"[0-9A-Z]{16}"`)
	reID2       = regexp.MustCompile(`"x-amz-id-2":"[A-Za-z0-9+/=]{40,}"`)
)

// golden gives the exact message, what differs each time replaced by words.
func golden(data []byte, bucket string) string {
	s := reTime.ReplaceAllString(string(data), `"TIME"`)
	s = reSequencer.ReplaceAllString(s, `"sequencer":"SEQ"`)
	s = reRequest.ReplaceAllString(s, `"x-amz-request-id":"REQ"`)
	s = reID2.ReplaceAllString(s, `"x-amz-id-2":"ID2"`)
	return strings.ReplaceAll(s, bucket, "BUCKET")
}

func wantEvent(name, object string) string {
	return `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-central-1","eventTime":"TIME","eventName":"` + name +
		`","userIdentity":{"principalId":"AWS:AKIDSPOOLTEST"},"requestParameters":{"sourceIPAddress":"127.0.0.1"},` +
		`"responseElements":{"x-amz-request-id":"REQ","x-amz-id-2":"ID2"},` +
		`"s3":{"s3SchemaVersion":"1.0","configurationId":"spool","bucket":{"name":"BUCKET","ownerIdentity":{"principalId":"AKIDSPOOLTEST"},` +
		`"arn":"arn:aws:s3:::BUCKET"},"object":{` + object + `,"sequencer":"SEQ"}}}]}`
}

func TestEventsExactly(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	body := []byte("hello")
	key, copied := "in/red flower+1é.jpg", "in/copy of it"
	put(t, c, b, key, body)
	if _, err := c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: &b, Key: &copied, CopySource: aws.String(b + "/" + url.QueryEscape(key))}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b, Key: &copied}); err != nil {
		t.Fatal(err)
	}
	etag := md5Hex(body)
	want := []struct{ subject, data string }{
		{"object.created", wantEvent("ObjectCreated:Put", `"key":"in/red+flower%2B1%C3%A9.jpg","size":5,"eTag":"`+etag+`"`)},
		{"object.created", wantEvent("ObjectCreated:Copy", `"key":"in/copy+of+it","size":5,"eTag":"`+etag+`"`)},
		{"object.removed", wantEvent("ObjectRemoved:Delete", `"key":"in/copy+of+it"`)},
	}
	got := recorded.of(b)
	if len(got) != len(want) {
		t.Fatalf("%d events: %v", len(got), got)
	}
	last := ""
	for i, m := range got {
		if m.subject != want[i].subject {
			t.Errorf("subject %s, want %s", m.subject, want[i].subject)
		}
		if d := cmp.Diff(want[i].data, golden(m.data, b)); d != "" {
			t.Error(d)
		}
		seq := m.id[strings.LastIndexByte(m.id, '#')+1:]
		if !strings.Contains(string(m.data), `"sequencer":"`+seq+`"`) || seq <= last {
			t.Errorf("message id %q, after sequencer %q", m.id, last)
		}
		last = seq
	}
}

// Without the bus the client is told, and its next try mends it.
func TestPublishFails(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	put(t, c, b, "there", []byte("x"))
	recorded.setBroken(b, true)
	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: aws.String("k"), Body: strings.NewReader("x")})
	if code(err) != "ServiceUnavailable" {
		t.Errorf("put: %v", err)
	}
	if got, err := get(t, c, b, "k"); err != nil || string(got) != "x" {
		t.Errorf("the object does not stay: %q, %v", got, err)
	}
	out, err := c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: &b, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("there")}}}})
	if err != nil || len(out.Errors) != 1 || *out.Errors[0].Code != "ServiceUnavailable" {
		t.Errorf("delete: %+v, %v", out, err)
	}
	recorded.setBroken(b, false)
	put(t, c, b, "k", []byte("x"))
	if d := cmp.Diff([]string{"ObjectCreated:Put there", "ObjectCreated:Put k"}, recorded.names(t, b)); d != "" {
		t.Error(d)
	}
}

func TestSequencerRises(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: aws.String("k"), Body: strings.NewReader("x")})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, r := range recorded.events(t, b) {
		seen[r.S3.Object.Sequencer] = true
	}
	if len(seen) != 40 {
		t.Errorf("%d sequencers for 40 versions", len(seen))
	}
}

// In a versioned bucket every event names its version.
func TestVersions(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	_, err := c.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &b,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	if err != nil {
		t.Fatal(err)
	}
	key := "k"
	var want []string
	var versions []*string
	for _, body := range []string{"one", "two"} {
		out, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: &key, Body: strings.NewReader(body)})
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, out.VersionId)
		want = append(want, "ObjectCreated:Put "+*out.VersionId)
	}
	marker, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, "ObjectRemoved:DeleteMarkerCreated "+*marker.VersionId)
	if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b, Key: &key, VersionId: versions[0]}); err != nil {
		t.Fatal(err)
	}
	want = append(want, "ObjectRemoved:Delete "+*versions[0])
	var got []string
	for _, r := range recorded.events(t, b) {
		got = append(got, r.EventName+" "+r.S3.Object.VersionID)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
