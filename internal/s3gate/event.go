package s3gate

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"spool/internal/spool"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/s3api/utils"
)

// publishTimeout bounds how long a client waits for its event to be kept.
const publishTimeout = 15 * time.Second

// configurationID stands in every event where S3 names the notification rule.
const configurationID = "spool"

// change is what happened to one object.
type change struct {
	name        string // "ObjectCreated:Put"
	bucket, key string
	size        *int64 // bytes; nil for deletions
	etag        string // with or without quotes
	versionID   string
}

// announcer makes S3 events and publishes them.
type announcer struct {
	identity  spool.Identity
	publisher Publisher
	log       *slog.Logger
	last      atomic.Int64 // of the sequencers: nanoseconds of the Unix time, never twice
}

// announce publishes the event of one change. On failure the object stays as
// it is; the error is for the client, which will try again, and the rescan finds
// what no client mends.
func (a *announcer) announce(ctx context.Context, c change) error {
	now := time.Now()
	sequencer := fmt.Sprintf("%016X", a.next(now.UnixNano()))
	data, err := json.Marshal(spool.S3Event{Records: []spool.S3Record{a.record(ctx, c, now, sequencer)}})
	if err != nil {
		return err
	}
	subject := spool.SubjectObject + "created"
	if strings.HasPrefix(c.name, "ObjectRemoved:") {
		subject = spool.SubjectObject + "removed"
	}
	msgID := c.bucket + "/" + spool.EncodeEventKey(c.key) + "#" + sequencer
	// Not under ctx: the event must go out even while the server is stopping.
	pub, cancel := context.WithTimeout(context.Background(), publishTimeout)
	defer cancel()
	if err := a.publisher.Publish(pub, subject, msgID, data); err != nil {
		a.log.Error("an S3 event could not be published", "event", c.name, "bucket", c.bucket, "key", c.key, "error", err)
		return refusal(http.StatusServiceUnavailable, "ServiceUnavailable",
			"The change is stored, but its event could not be published. Please try again.")
	}
	return nil
}

// next gives a number above all that it gave before, near the time.
func (a *announcer) next(now int64) int64 {
	for {
		last := a.last.Load()
		n := max(now, last+1)
		if a.last.CompareAndSwap(last, n) {
			return n
		}
	}
}

// record gives the event in the shape of behaviour.md 3.4.
func (a *announcer) record(ctx context.Context, c change, now time.Time, sequencer string) spool.S3Record {
	r := spool.S3Record{
		EventVersion: "2.1",
		EventSource:  "aws:s3",
		AWSRegion:    a.identity.Region,
		EventTime:    now.UTC().Format("2006-01-02T15:04:05.000Z"),
		EventName:    c.name,
	}
	r.UserIdentity.PrincipalID = "Anonymous"
	if acct, ok := ctx.Value(string(utils.ContextKeyAccount)).(auth.Account); ok && acct.Access != "" {
		r.UserIdentity.PrincipalID = "AWS:" + acct.Access
	}
	if req, ok := ctx.(request); ok {
		r.Request.SourceIPAddress = req.RemoteIP().String()
	}
	r.Response.RequestID, _ = ctx.Value(string(utils.ContextKeyRequestID)).(string)
	r.Response.ID2, _ = ctx.Value(string(utils.ContextKeyHostID)).(string)

	r.S3.SchemaVersion = "1.0"
	r.S3.ConfigurationID = configurationID
	r.S3.Bucket.Name = c.bucket
	r.S3.Bucket.ARN = "arn:" + a.identity.Partition + ":s3:::" + c.bucket
	if acl, ok := ctx.Value(string(utils.ContextKeyParsedAcl)).(auth.ACL); ok {
		r.S3.Bucket.OwnerIdentity.PrincipalID = acl.Owner
	}
	r.S3.Object = spool.S3EventObject{
		Key:       spool.EncodeEventKey(c.key),
		Size:      c.size,
		ETag:      strings.Trim(c.etag, `"`),
		VersionID: c.versionID,
		Sequencer: sequencer,
	}
	return r
}

// request is what the context of a call is in truth: fasthttp's request.
type request interface {
	Method() []byte
	RemoteIP() net.IP
}

// isFormPost tells a browser's form upload from a PUT; both end in PutObject.
func isFormPost(ctx context.Context) bool {
	req, ok := ctx.(request)
	return ok && string(req.Method()) == http.MethodPost
}
