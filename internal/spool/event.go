package spool

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// Event is one event in EventBridge's envelope (behaviour.md 3.1).
type Event struct {
	Version    string          `json:"version"` // always "0"
	ID         string          `json:"id"`      // UUID; the same on every redelivery
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       time.Time       `json:"time"` // whole seconds, UTC
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// S3Event is the message a bucket sends (behaviour.md 3.4): always one record.
type S3Event struct {
	Records []S3Record `json:"Records"`
}

// S3Record is one record of an S3Event.
type S3Record struct {
	EventVersion string    `json:"eventVersion"` // "2.1"
	EventSource  string    `json:"eventSource"`  // "aws:s3"
	AWSRegion    string    `json:"awsRegion"`
	EventTime    string    `json:"eventTime"` // 1970-01-01T00:00:00.000Z
	EventName    string    `json:"eventName"` // ObjectCreated:Put, without "s3:"
	UserIdentity Principal `json:"userIdentity"`
	Request      struct {
		SourceIPAddress string `json:"sourceIPAddress"`
	} `json:"requestParameters"`
	Response struct {
		RequestID string `json:"x-amz-request-id"`
		ID2       string `json:"x-amz-id-2"`
	} `json:"responseElements"`
	S3 S3Entity `json:"s3"`
}

// Principal names who did something.
type Principal struct {
	PrincipalID string `json:"principalId"`
}

// S3Entity is the s3 member of a record.
type S3Entity struct {
	SchemaVersion   string `json:"s3SchemaVersion"` // "1.0"
	ConfigurationID string `json:"configurationId"`
	Bucket          struct {
		Name          string    `json:"name"`
		OwnerIdentity Principal `json:"ownerIdentity"`
		ARN           string    `json:"arn"`
	} `json:"bucket"`
	Object S3EventObject `json:"object"`
}

// S3EventObject is the object of a record. Key is in the encoded form of the
// wire: use EncodeEventKey and DecodeEventKey.
type S3EventObject struct {
	Key       string `json:"key"`
	Size      *int64 `json:"size,omitempty"` // absent for deletions
	ETag      string `json:"eTag,omitempty"`
	VersionID string `json:"versionId,omitempty"`
	Sequencer string `json:"sequencer"` // hex; compare per key after left-padding with zeros
}

// EncodeEventKey writes a key as S3 events carry it: form style, a space as
// "+", the rest as %XX, the slash as it is (behaviour.md 3.4).
func EncodeEventKey(key string) string {
	return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/")
}

// DecodeEventKey is the inverse of EncodeEventKey.
func DecodeEventKey(encoded string) (string, error) { return url.QueryUnescape(encoded) }
