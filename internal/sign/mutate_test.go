package sign_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"spool/internal/sign"
	"spool/internal/spool"
)

// random makes requests and spoils them. Its seed can be given, to see a
// failure again: SPOOL_SEED=number.
type random struct {
	*rand.Rand
	t *testing.T
}

func newRandom(t *testing.T) random {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("SPOOL_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("SPOOL_SEED=%d", seed)
	return random{rand.New(rand.NewPCG(seed, 0)), t}
}

func pick[T any](r random, from []T) T { return from[r.IntN(len(from))] }

// text gives up to most characters of all kinds, least at least.
func (r random) text(least, most int) string {
	const letters = "abcXYZ019-_.~ !*'()+/:@&=?#%$,;[]\"<>\\^`{|}éü日🎬"
	runes := []rune(letters)
	var b strings.Builder
	for range least + r.IntN(most-least+1) {
		b.WriteRune(runes[r.IntN(len(runes))])
	}
	return b.String()
}

// sent is a request as a client makes it.
type sent struct {
	request *http.Request
	body    []byte
	query   bool // signed in the query
}

// arrived gives it as a door sees it.
func (s sent) arrived() sign.Request { return fromHTTP(s.request, s.body) }

func (s sent) clone() sent {
	return sent{s.request.Clone(context.Background()), bytes.Clone(s.body), s.query}
}

func (s sent) String() string {
	return fmt.Sprintf("%s %s %v %q", s.request.Method, s.request.URL, s.request.Header, s.body)
}

// sign makes a request of random content and has the AWS SDK sign it.
func (r random) sign(k spool.AccessKey) sent {
	r.t.Helper()
	query := url.Values{}
	for range r.IntN(4) {
		if name := r.text(1, 8); !strings.HasPrefix(name, "X-Amz-") {
			query.Set(name, r.text(0, 10))
		}
	}
	target := "http://" + pick(r, []string{"localhost:8080", "127.0.0.1", "[::1]:9000", "spool.example"}) + "/2017-08-29/" +
		pick(r, []string{"jobs", "queues", "tags"}) + "/" + url.PathEscape("x"+r.text(1, 20))
	if len(query) > 0 {
		target += "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
	}
	s := sent{body: []byte(r.text(0, 60)), query: r.IntN(2) == 0}
	req, err := http.NewRequestWithContext(r.t.Context(), pick(r, []string{"GET", "POST", "PUT", "DELETE"}), target, bytes.NewReader(s.body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", pick(r, []string{"application/json", "text/plain; charset=utf-8"}))
	req.Header.Set("X-Amz-Meta", "  a   "+pick(r, []string{"b", "c d", "é"})+" ")
	if r.IntN(2) == 0 {
		req.Header.Add("X-Many", "one")
		req.Header.Add("X-Many", " two,  three")
	}
	creds := aws.Credentials{AccessKeyID: k.Access, SecretAccessKey: k.Secret}
	hash, region := sign.PayloadHash(s.body), pick(r, []string{"us-east-1", "eu-west-1", "x"})
	at := now.Add(time.Duration(r.IntN(1799)-899) * time.Second)
	if !s.query {
		if err := v4.NewSigner().SignHTTP(r.t.Context(), creds, req, hash, "mediaconvert", region, at); err != nil {
			r.t.Fatal(err)
		}
		s.request = req
		s.arrive()
		return s
	}
	values := req.URL.Query()
	values.Set("X-Amz-Expires", strconv.Itoa(1000+r.IntN(600_000)))
	req.URL.RawQuery = strings.ReplaceAll(values.Encode(), "+", "%20")
	uri, headers, err := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableHeaderHoisting = true }).
		PresignHTTP(r.t.Context(), creds, req, hash, "mediaconvert", region, at)
	if err != nil {
		r.t.Fatal(err)
	}
	if s.request, err = http.NewRequestWithContext(r.t.Context(), req.Method, uri, bytes.NewReader(s.body)); err != nil {
		r.t.Fatal(err)
	}
	maps.Copy(s.request.Header, headers)
	s.request.Header.Del("Host")
	s.arrive()
	return s
}

// arrive adds what the HTTP client adds of its own and the signer has signed.
func (s sent) arrive() {
	if len(s.body) > 0 {
		s.request.Header.Set("Content-Length", strconv.Itoa(len(s.body)))
	}
}

// set changes one of the parts of the signature, by the name that it has in
// headers: Credential, SignedHeaders, Signature, Date, Expires, Algorithm.
func (s sent) set(part string, change func(string) string) {
	if s.query {
		query := s.request.URL.Query()
		query.Set("X-Amz-"+part, change(query.Get("X-Amz-"+part)))
		s.request.URL.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
		return
	}
	if part == "Date" {
		s.request.Header.Set("X-Amz-Date", change(s.request.Header.Get("X-Amz-Date")))
		return
	}
	auth := s.request.Header.Get("Authorization")
	if part == "Algorithm" {
		name, rest, _ := strings.Cut(auth, " ")
		s.request.Header.Set("Authorization", change(name)+" "+rest)
		return
	}
	before, rest, _ := strings.Cut(auth, part+"=")
	value, after, more := strings.Cut(rest, ",")
	if more {
		after = "," + after
	}
	s.request.Header.Set("Authorization", before+part+"="+change(value)+after)
}

// spoil changes one thing that the signature covers, and says which.
func (r random) spoil(good sent) (bad sent, what string) {
	bad = good.clone()
	kinds := r.spoilRequest(good, &bad)
	maps.Copy(kinds, r.spoilSignature(&bad))
	maps.Copy(kinds, r.spoilForm(good.query, &bad))
	what = pick(r, slices.Sorted(maps.Keys(kinds)))
	kinds[what]()
	return bad, what
}

// spoilRequest gives the ways to change what is signed.
func (r random) spoilRequest(good sent, bad *sent) map[string]func() {
	other := func(s string, of []string) string {
		return pick(r, slices.DeleteFunc(slices.Clone(of), func(o string) bool { return o == s }))
	}
	return map[string]func(){
		"method": func() {
			bad.request.Method = other(good.request.Method, []string{"GET", "POST", "PUT", "DELETE", "HEAD", "get"})
		},
		"path": func() { bad.request.URL = bad.request.URL.JoinPath(pick(r, []string{"x", "%20", "é", "%2F"})) },
		"path's end": func() {
			path := bad.request.URL.EscapedPath()
			bad.request.URL.Path, bad.request.URL.RawPath = path[:strings.LastIndexByte(path, '/')], ""
		},
		"query": func() { bad.request.URL.RawQuery += pick(r, []string{"&a=b", "&a", "&x=%20", "&X-Amz-More=1"}) },
		"host": func() {
			bad.request.Host = other(good.request.Host, []string{"evil.example", "localhost", "127.0.0.1:1"})
		},
		"header": func() {
			bad.request.Header.Set("X-Amz-Meta", pick(r, []string{"", "b", "ab", "a b c d"}))
		},
		"header gone":  func() { bad.request.Header.Del(pick(r, []string{"X-Amz-Meta", "Content-Type"})) },
		"header twice": func() { bad.request.Header.Add("Content-Type", "text/html") },
		"header more":  func() { bad.request.Header.Set(pick(r, []string{"X-Amz-Target", "x-amz-acl"}), "x") },
		"payload hash": func() { bad.request.Header.Set("X-Amz-Content-Sha256", sign.PayloadHash([]byte("another"))) },
		"body": func() {
			if len(bad.body) == 0 {
				bad.body = []byte("x")
				return
			}
			bad.body[r.IntN(len(bad.body))] ^= 1 << r.IntN(8)
		},
		"body's end": func() { bad.body = append(bad.body, ' ') },
	}
}

// spoilSignature gives the ways to change the parts of a signature.
func (r random) spoilSignature(bad *sent) map[string]func() {
	return map[string]func(){
		"signature": func() {
			bad.set("Signature", func(s string) string {
				b := []byte(s)
				at := r.IntN(len(b))
				b[at] = pick(r, []byte(strings.ReplaceAll("0123456789abcdef", string(b[at]), "")))
				return string(b)
			})
		},
		"signature's length": func() {
			bad.set("Signature", func(s string) string { return pick(r, []string{s[:r.IntN(64)], s + "0", strings.Repeat(s, 2)}) })
		},
		"signature's case": func() {
			bad.set("Signature", func(s string) string {
				if up := strings.ToUpper(s); up != s {
					return up
				}
				return s + "0"
			})
		},
		"access key": func() {
			bad.set("Credential", func(s string) string { return pick(r, []string{"AKIDNOBODY", "", "x"}) + s[len(accessKey):] })
		},
		"credential": func() {
			bad.set("Credential", func(s string) string {
				parts := strings.Split(s, "/")
				switch at := 1 + r.IntN(4); r.IntN(3) {
				case 0:
					parts[at] += "1"
				case 1:
					parts = slices.Delete(parts, at, at+1)
				default:
					parts = slices.Insert(parts, at, "x")
				}
				return strings.Join(parts, "/")
			})
		},
		"service": func() {
			bad.set("Credential", func(s string) string {
				return strings.Replace(s, "mediaconvert", pick(r, []string{"s3", "spool", ""}), 1)
			})
		},
		"date": func() {
			bad.set("Date", func(s string) string {
				at, _ := time.Parse("20060102T150405Z", s)
				return at.Add(time.Duration(1+r.IntN(86400)) * time.Second).Format("20060102T150405Z")
			})
		},
		"date's form": func() {
			bad.set("Date", func(s string) string { return pick(r, []string{"", "now", s[:8], strings.ToLower(s)}) })
		},
		"signed headers": func() {
			bad.set("SignedHeaders", func(s string) string {
				names := strings.Split(s, ";")
				at := r.IntN(len(names))
				switch r.IntN(5) {
				case 0:
					names = slices.Delete(names, at, at+1)
				case 1:
					names = slices.Insert(names, at, names[at])
				case 2:
					slices.Reverse(names)
				case 3:
					names[at] = strings.ToUpper(names[at])
				default:
					names = append(names, "zzz")
				}
				return strings.Join(names, ";")
			})
		},
		"algorithm": func() {
			bad.set("Algorithm", func(string) string { return pick(r, []string{"AWS4-HMAC-SHA1", "aws4-hmac-sha256", "Basic", ""}) })
		},
	}
}

// spoilForm gives the ways to break a signature in the query, or in the header.
func (r random) spoilForm(query bool, bad *sent) map[string]func() {
	if !query {
		return map[string]func(){
			"part gone":     func() { bad.request.Header.Del(pick(r, []string{"Authorization", "X-Amz-Date"})) },
			"in both forms": func() { bad.request.URL.RawQuery = "X-Amz-Signature=x" },
		}
	}
	return map[string]func(){
		"expires": func() {
			bad.set("Expires", func(s string) string { return pick(r, []string{s + "0", "1" + s, "604800", "0", "-1", "x"}) })
		},
		"part gone": func() {
			query := bad.request.URL.Query()
			query.Del("X-Amz-" + pick(r, []string{"Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"}))
			bad.request.URL.RawQuery = query.Encode()
		},
		"in both forms": func() { bad.request.Header.Set("Authorization", "AWS4-HMAC-SHA256 x=y") },
	}
}

// A thousand valid signatures of the AWS SDK are taken, in both forms, and a
// thousand that were spoilt are refused.
func TestThousand(t *testing.T) {
	t.Parallel()
	r := newRandom(t)
	v := verifier("mediaconvert")
	k := spool.AccessKey{Access: accessKey, Secret: secretKey}
	count := map[string]int{}
	for range 1000 {
		good := r.sign(k)
		if _, err := v.Verify(good.arrived(), now); err != nil {
			t.Fatalf("a valid signature was refused: %v\n%v", err, good)
		}
		bad, what := r.spoil(good)
		if key, err := v.Verify(bad.arrived(), now); err == nil || key != (spool.AccessKey{}) || strings.HasPrefix(code(err), "not a") {
			t.Fatalf("spoilt by its %s and taken (or no *sign.Error): %v\n%v\nof\n%v", what, err, bad, good)
		}
		count[what]++
		if good.query {
			count["form: query"]++
		} else {
			count["form: header"]++
		}
	}
	if len(count) < 26 || count["form: query"] < 300 || count["form: header"] < 300 {
		t.Errorf("too little was tried: %v", count)
	}
}

// An unknown key and a wrong signature cost the same work, in both forms. The
// work is counted, since times are not the same twice.
func TestSameWork(t *testing.T) {
	t.Parallel()
	r := newRandom(t)
	macs, lookups := 0, 0
	v := verifier("mediaconvert").Counting(func() { macs++ })
	inner := v.Key
	v.Key = func(access string) (spool.AccessKey, bool) { lookups++; return inner(access) }
	for name, c := range map[string]struct {
		key  spool.AccessKey
		want string
	}{
		"known":        {spool.AccessKey{Access: accessKey, Secret: secretKey}, ""},
		"wrong secret": {spool.AccessKey{Access: accessKey, Secret: "another"}, sign.CodeInvalid},
		"unknown":      {spool.AccessKey{Access: "AKIANOBODY", Secret: secretKey}, sign.CodeUnknownKey},
		"temporary":    {spool.AccessKey{Access: "ASIATEMPORARY", Secret: secretKey}, sign.CodeUnknownKey},
	} {
		for range 20 {
			macs, lookups = 0, 0
			if _, err := v.Verify(r.sign(c.key).arrived(), now); code(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
			if macs != 5 || lookups != 1 { // date, region, service, terminator, and the text
				t.Errorf("%s: %d HMACs and %d lookups, want 5 and 1", name, macs, lookups)
			}
		}
	}
}

// Temporary credentials are refused as unknown, whatever else is right.
func TestTemporaryCredentials(t *testing.T) {
	t.Parallel()
	creds := aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey, SessionToken: "a token"}
	for _, query := range []bool{false, true} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/2017-08-29/jobs", nil)
		if err != nil {
			t.Fatal(err)
		}
		if query {
			uri, _, err := v4.NewSigner().PresignHTTP(t.Context(), creds, req, sign.EmptyPayload, "mediaconvert", "us-east-1", now)
			if err != nil {
				t.Fatal(err)
			}
			if req, err = http.NewRequestWithContext(t.Context(), http.MethodGet, uri, nil); err != nil {
				t.Fatal(err)
			}
		} else if err := v4.NewSigner().SignHTTP(t.Context(), creds, req, sign.EmptyPayload, "mediaconvert", "us-east-1", now); err != nil {
			t.Fatal(err)
		}
		_, err = verifier("mediaconvert").Verify(fromHTTP(req, nil), now)
		if code(err) != sign.CodeUnknownKey || !strings.Contains(err.Error(), "The security token included in the request is invalid.") {
			t.Errorf("in the query %v: %v", query, err)
		}
	}
}

// A client without X-Amz-Date may sign the Date of HTTP.
func TestDateHeader(t *testing.T) {
	t.Parallel()
	good := signed(t, http.MethodPost, "http://localhost/2017-08-29/jobs", "", accessKey, secretKey, now)
	r := fromHTTP(good, nil)
	auth := good.Header.Get("Authorization")
	// The SDK signs X-Amz-Date: a signature without it comes from AWS's published rules, by hand.
	for _, date := range []string{now.Format(time.RFC1123[:len(time.RFC1123)-3] + "GMT"), now.Format("20060102T150405Z")} {
		r.Header = http.Header{"Date": {date}, "Authorization": {strings.ReplaceAll(auth, ";x-amz-date", "")}}
		_, err := verifier("mediaconvert").Verify(r, now)
		if code(err) != sign.CodeInvalid || strings.Contains(err.Error(), "X-Amz-Date") {
			t.Errorf("%s was not read as the time: %v", date, err)
		}
	}
	r.Header = http.Header{"Authorization": {auth}}
	if _, err := verifier("mediaconvert").Verify(r, now); code(err) != sign.CodeIncomplete {
		t.Errorf("without a date: %v", err)
	}
}
