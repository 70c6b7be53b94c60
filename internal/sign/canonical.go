package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strings"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	dateForm   = "20060102T150405Z"
	dayForm    = "20060102"
	httpForm   = "Mon, 02 Jan 2006 15:04:05 GMT"

	// UnsignedPayload stands for the hash of a body that is not signed, as in
	// presigned S3 URLs.
	UnsignedPayload = "UNSIGNED-PAYLOAD"
	// EmptyPayload is the hash of no body.
	EmptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// PayloadHash gives the hash of a body as requests are signed with it: SHA-256
// in lower-case hex.
func PayloadHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// Request is what a signature covers.
type Request struct {
	Method      string
	EscapedPath string              // as on the wire, still escaped
	RawQuery    string              // as on the wire, without "?"
	Header      map[string][]string // names in any case
	Host        string              // the Host header, which net/http keeps apart
	PayloadHash string              // of the body really received: PayloadHash, or UnsignedPayload for presigned S3
}

// header gives the values of a header, whatever the case of its name.
func (r Request) header(name string) []string {
	var values []string
	for k, v := range r.Header {
		if strings.EqualFold(k, name) {
			values = append(values, v...)
		}
	}
	return values
}

// EscapePath escapes a path as S3 wants it signed: all but unreserved
// characters (RFC 3986 section 2.3) and slashes become %XX.
func EscapePath(path string) string { return escape(path, true) }

// escape is AWS's UriEncode: upper-case hex, a space as %20, "/" kept if asked.
func escape(s string, slash bool) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9',
			c == '-', c == '_', c == '.', c == '~', c == '/' && slash:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

// canonicalPath escapes a path that is escaped once already a second time, as
// every service but S3 wants it; S3 wants it escaped once. Empty and dot
// segments are resolved as AWS does, except for S3, where they name an object.
func canonicalPath(escaped, service string) (string, error) {
	if escaped == "" {
		return "/", nil
	}
	if service == "s3" {
		plain, err := url.PathUnescape(escaped)
		if err != nil {
			return "", err
		}
		return EscapePath(plain), nil
	}
	var parts []string
	for part := range strings.SplitSeq(escaped, "/") {
		switch part {
		case "", ".":
		case "..":
			if len(parts) > 0 {
				parts = parts[:len(parts)-1]
			}
		default:
			parts = append(parts, part)
		}
	}
	path := "/" + strings.Join(parts, "/")
	if strings.HasSuffix(escaped, "/") && path != "/" {
		path += "/"
	}
	return EscapePath(path), nil
}

type pair struct{ key, value string }

// parseQuery splits a query string as net/url does, but keeps the order and
// refuses what net/url drops.
func parseQuery(raw string) ([]pair, error) {
	if raw == "" {
		return nil, nil
	}
	if strings.Contains(raw, ";") {
		return nil, errors.New("the query holds a semicolon; write it as %3B")
	}
	var pairs []pair
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		k, v, _ := strings.Cut(part, "=")
		key, err := url.QueryUnescape(k)
		if err != nil {
			return nil, err
		}
		value, err := url.QueryUnescape(v)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, pair{key, value})
	}
	return pairs, nil
}

// canonicalQuery sorts and escapes all but the signature.
func canonicalQuery(pairs []pair) string {
	escaped := make([]pair, 0, len(pairs))
	for _, p := range pairs {
		if p.key != "X-Amz-Signature" {
			escaped = append(escaped, pair{escape(p.key, false), escape(p.value, false)})
		}
	}
	slices.SortFunc(escaped, func(a, b pair) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	var b strings.Builder
	for i, p := range escaped {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.key + "=" + p.value)
	}
	return b.String()
}

// canonicalHeaders writes the signed headers, one per line: lower-case name,
// values trimmed, with runs of spaces as one, and joined by commas.
func canonicalHeaders(r Request, signed []string) string {
	var b strings.Builder
	for _, name := range signed {
		values := r.header(name)
		if name == "host" {
			values = []string{r.Host}
		}
		b.WriteString(name + ":")
		for i, v := range values {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strings.Join(strings.Fields(v), " "))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// scope is the credential scope of a signature.
type scope struct{ day, region, service string }

func (s scope) String() string {
	return s.day + "/" + s.region + "/" + s.service + "/" + terminator
}

// signer signs with one secret.
type signer struct {
	secret string
	onMAC  func() // called for each HMAC, when it is set
}

// sign gives the signature of a request: lower-case hex.
func (g signer) sign(s scope, stamp string, r Request, pairs []pair, signed []string) (string, error) {
	path, err := canonicalPath(r.EscapedPath, s.service)
	if err != nil {
		return "", err
	}
	canonical := r.Method + "\n" + path + "\n" + canonicalQuery(pairs) + "\n" +
		canonicalHeaders(r, signed) + "\n" + strings.Join(signed, ";") + "\n" + r.PayloadHash
	text := algorithm + "\n" + stamp + "\n" + s.String() + "\n" + PayloadHash([]byte(canonical))
	key := []byte("AWS4" + g.secret)
	for _, part := range []string{s.day, s.region, s.service, terminator} {
		key = g.mac(key, part)
	}
	return hex.EncodeToString(g.mac(key, text)), nil
}

func (g signer) mac(key []byte, text string) []byte {
	if g.onMAC != nil {
		g.onMAC()
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
