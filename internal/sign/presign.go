package sign

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Presigned is a request for one object that a client may make without the keys,
// for a while: a presigned S3 URL, path-style.
type Presigned struct {
	Method    string // PUT, GET or HEAD
	Endpoint  string // http(s)://host[:port] of the S3 server, without a path
	Bucket    string
	Key       string            // as it is, not escaped
	Headers   map[string]string // that the client must send exactly so; none is best for browsers
	Query     map[string]string // further parameters, such as response-content-disposition
	AccessKey string
	Secret    string
	Region    string
	Time      time.Time     // from when it counts
	Expires   time.Duration // whole seconds, 1 s to MaxExpires
}

// URL signs the request and gives its URL. The body is not signed.
func (p Presigned) URL() (string, error) {
	endpoint, err := url.Parse(p.Endpoint)
	if err != nil {
		return "", fmt.Errorf("presign: endpoint: %w", err)
	}
	switch {
	case endpoint.Scheme != "http" && endpoint.Scheme != "https" || endpoint.Host == "":
		return "", fmt.Errorf("presign: the endpoint %q is no http(s) URL", p.Endpoint)
	case strings.Trim(endpoint.Path, "/") != "" || endpoint.RawQuery != "":
		return "", fmt.Errorf("presign: the endpoint %q has a path or query", p.Endpoint)
	case p.Bucket == "" || strings.Contains(p.Bucket, "/") || p.Key == "":
		return "", fmt.Errorf("presign: bucket %q and key %q do not name an object", p.Bucket, p.Key)
	case p.Expires < time.Second || p.Expires > MaxExpires:
		return "", fmt.Errorf("presign: a life of %s is not between 1 s and 7 days", p.Expires)
	}
	r := Request{
		Method:      p.Method,
		EscapedPath: EscapePath("/" + p.Bucket + "/" + p.Key),
		Header:      map[string][]string{},
		Host:        hostHeader(endpoint),
		PayloadHash: UnsignedPayload,
	}
	signed := []string{"host"}
	for name, value := range p.Headers {
		name = strings.ToLower(name)
		r.Header[name] = []string{value}
		signed = append(signed, name)
	}
	slices.Sort(signed)
	stamp := p.Time.UTC().Format(dateForm)
	s := scope{stamp[:8], p.Region, "s3"}
	pairs := []pair{
		{"X-Amz-Algorithm", algorithm},
		{"X-Amz-Credential", p.AccessKey + "/" + s.String()},
		{"X-Amz-Date", stamp},
		{"X-Amz-Expires", strconv.Itoa(int(p.Expires / time.Second))},
		{"X-Amz-SignedHeaders", strings.Join(signed, ";")},
	}
	for k, v := range p.Query {
		pairs = append(pairs, pair{k, v})
	}
	sum, err := signer{secret: p.Secret}.sign(s, stamp, r, pairs, signed)
	if err != nil {
		return "", fmt.Errorf("presign: %w", err)
	}
	return endpoint.Scheme + "://" + r.Host + r.EscapedPath + "?" + canonicalQuery(pairs) + "&X-Amz-Signature=" + sum, nil
}

// hostHeader gives the Host header that clients send: without the scheme's own port.
func hostHeader(u *url.URL) string {
	if u.Scheme == "http" && u.Port() == "80" || u.Scheme == "https" && u.Port() == "443" {
		return strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	return u.Host
}
