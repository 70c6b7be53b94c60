package sign

import (
	"crypto/subtle"
	"slices"
	"strconv"
	"strings"
	"time"

	"spool/internal/spool"
)

const (
	// Skew is how far a client's clock may be off, either way.
	Skew = 15 * time.Minute
	// MaxExpires is the longest life of a presigned URL.
	MaxExpires = 7 * 24 * time.Hour

	// dummySecret is signed with where the key is unknown, so that an unknown
	// key takes as long to refuse as a wrong signature.
	dummySecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

// Verifier checks signatures for one service.
type Verifier struct {
	Service string                                      // "mediaconvert", "s3": what the scope must name
	Region  string                                      // what the scope must name; empty: any
	Key     func(access string) (spool.AccessKey, bool) // must take as long for unknown keys

	onMAC func() // tests count the work by it
}

// claim is what a request says of its signature.
type claim struct {
	accessKey string
	scope     scope
	stamp     string
	signed    []string // lower case, in the order given
	signature string
	query     bool          // in the query string, not in headers
	expires   time.Duration // 0 in headers
	token     bool          // there is a session token
}

// Verify checks the signature of a request that arrived at now and gives the
// key that signed it. The error is always an *Error. An access key that is
// unknown costs the same work as a signature that is wrong.
func (v Verifier) Verify(r Request, now time.Time) (spool.AccessKey, error) {
	pairs, perr := parseQuery(r.RawQuery)
	if perr != nil {
		return spool.AccessKey{}, invalid("The query string can't be read: " + perr.Error() + ".")
	}
	c, cerr := readClaim(r, pairs)
	if cerr != nil {
		return spool.AccessKey{}, cerr
	}
	if cerr := v.check(r, c, now); cerr != nil {
		return spool.AccessKey{}, cerr
	}
	key, known := v.Key(c.accessKey)
	secret := key.Secret
	if !known || secret == "" {
		known, secret = false, dummySecret
	}
	want, serr := signer{secret, v.onMAC}.sign(c.scope, c.stamp, r, pairs, c.signed)
	if serr != nil {
		return spool.AccessKey{}, invalid("The path can't be read: " + serr.Error() + ".")
	}
	same := subtle.ConstantTimeCompare([]byte(want), []byte(c.signature)) == 1
	switch {
	case !known, c.token:
		return spool.AccessKey{}, &Error{CodeUnknownKey, msgUnknown}
	case !same:
		return spool.AccessKey{}, invalid(msgMismatch)
	}
	return key, nil
}

// check looks at everything that needs no secret.
func (v Verifier) check(r Request, c claim, now time.Time) *Error {
	stamp, err := time.Parse(dateForm, c.stamp)
	if err != nil {
		return incomplete("Date must be in ISO-8601 'basic format'. Got '" + clip(c.stamp) + "'. See http://en.wikipedia.org/wiki/ISO_8601")
	}
	if c.scope.day != c.stamp[:8] {
		return invalid("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			clip(c.scope.day) + "' != '" + c.stamp[:8] + "', from '" + c.stamp + "'.")
	}
	if c.scope.service != v.Service {
		return invalid("Credential should be scoped to correct service: '" + v.Service + "'. ")
	}
	if v.Region != "" && c.scope.region != v.Region {
		return invalid("Credential should be scoped to a valid region. ")
	}
	if err := checkTime(c, stamp, now); err != nil {
		return err
	}
	// Who says what the body hashes to must be right, even where the signature
	// would hold without it.
	for _, claimed := range r.header("X-Amz-Content-Sha256") {
		if claimed != r.PayloadHash {
			return invalid(msgMismatch)
		}
	}
	return checkSigned(r, c)
}

// checkTime applies the skew to both ends of a signature's life.
func checkTime(c claim, stamp, now time.Time) *Error {
	now = now.UTC()
	if latest := now.Add(Skew); stamp.After(latest) {
		return invalid("Signature not yet current: " + c.stamp + " is still later than " +
			latest.Format(dateForm) + " (" + now.Format(dateForm) + " + 15 min.)")
	}
	life := Skew
	if c.query {
		life = c.expires
	}
	if end := stamp.Add(life); now.After(end) {
		if c.query {
			return invalid("Signature expired: " + c.stamp + " + " + strconv.Itoa(int(c.expires/time.Second)) +
				" s is now earlier than " + now.Format(dateForm))
		}
		return invalid("Signature expired: " + c.stamp + " is now earlier than " +
			now.Add(-Skew).Format(dateForm) + " (" + now.Format(dateForm) + " - 15 min.)")
	}
	return nil
}

// checkSigned demands that the host and every x-amz header is signed, that the
// list is in order, and that the headers listed are there.
func checkSigned(r Request, c claim) *Error {
	if !slices.Contains(c.signed, "host") {
		return invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	for i, name := range c.signed {
		if name == "" || name != strings.ToLower(name) || i > 0 && name <= c.signed[i-1] {
			return incomplete("'SignedHeaders' must be lower-case names in order, each once. ")
		}
		if name != "host" && len(r.header(name)) == 0 {
			return invalid(msgMismatch)
		}
	}
	for name := range r.Header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") && lower != "x-amz-user-agent" && !slices.Contains(c.signed, lower) {
			return invalid("The header '" + clip(name) + "' must be a 'SignedHeader' in the AWS Authorization.")
		}
	}
	return nil
}

// readClaim reads the signature from the headers or from the query.
func readClaim(r Request, pairs []pair) (claim, *Error) {
	auth := r.header("Authorization")
	inQuery := slices.ContainsFunc(pairs, func(p pair) bool {
		return p.key == "X-Amz-Algorithm" || p.key == "X-Amz-Signature" || p.key == "X-Amz-Credential"
	})
	switch {
	case len(auth) == 0 && !inQuery:
		return claim{}, &Error{CodeMissingToken, msgMissing}
	case len(auth) > 1, len(auth) > 0 && inQuery:
		return claim{}, incomplete("The request is signed more than once; sign it either in the Authorization header or in the query string.")
	case inQuery:
		return readQuery(pairs)
	default:
		return readHeader(r, auth[0])
	}
}

func readHeader(r Request, auth string) (claim, *Error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(auth), " ")
	if name != algorithm {
		return claim{}, incomplete("Unsupported AWS 'algorithm': '" + clip(name) + "'. Use " + algorithm + ".")
	}
	params := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		k, v, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := params[k]; !ok || twice {
			return claim{}, incomplete("'" + clip(part) + "' not a valid key=value pair (missing equal-sign, or given twice) in Authorization header.")
		}
		params[k] = v
	}
	c, err := newClaim(params, [3]string{"Credential", "SignedHeaders", "Signature"}, "Authorization header")
	if err != nil {
		return claim{}, err
	}
	if c.stamp, err = readDate(r); err != nil {
		return claim{}, err
	}
	c.token = len(r.header("X-Amz-Security-Token")) > 0
	return c, nil
}

// readDate gives the time of a signature in headers as it is signed: that of
// X-Amz-Date, or else of Date, which may have the form of HTTP too.
func readDate(r Request) (stamp string, err *Error) {
	for _, name := range []string{"X-Amz-Date", "Date"} {
		switch dates := r.header(name); {
		case len(dates) == 0:
			continue
		case len(dates) > 1:
			return "", incomplete("The header '" + name + "' is given twice.")
		default:
			if t, err := time.Parse(httpForm, dates[0]); err == nil && name == "Date" {
				return t.Format(dateForm), nil
			}
			return dates[0], nil
		}
	}
	return "", incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
}

func readQuery(pairs []pair) (claim, *Error) {
	params := map[string]string{}
	for _, p := range pairs {
		if !strings.HasPrefix(p.key, "X-Amz-") {
			continue
		}
		if _, twice := params[p.key]; twice {
			return claim{}, incomplete("The query parameter '" + clip(p.key) + "' is given twice.")
		}
		params[p.key] = p.value
	}
	if a := params["X-Amz-Algorithm"]; a != algorithm {
		return claim{}, incomplete("Unsupported AWS 'algorithm': '" + clip(a) + "'. Use " + algorithm + ".")
	}
	c, err := newClaim(params, [3]string{"X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature"}, "AWS query-string parameters")
	if err != nil {
		return claim{}, err
	}
	c.query, c.stamp, c.expires = true, params["X-Amz-Date"], Skew
	if text, given := params["X-Amz-Expires"]; given {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > int(MaxExpires/time.Second) {
			return claim{}, incomplete("X-Amz-Expires must be a number of seconds between 1 and 604800. ")
		}
		c.expires = time.Duration(n) * time.Second
	}
	_, c.token = params["X-Amz-Security-Token"]
	return c, nil
}

// newClaim reads the three parameters that both forms have, under their names.
func newClaim(params map[string]string, names [3]string, where string) (claim, *Error) {
	var missing []string
	for _, name := range names {
		if params[name] == "" {
			missing = append(missing, where+" requires '"+name+"' parameter.")
		}
	}
	if missing != nil {
		return claim{}, incomplete(strings.Join(missing, " "))
	}
	// An access key may not hold a slash, so five parts are all there can be.
	parts := strings.Split(params[names[0]], "/")
	if len(parts) != 5 || parts[4] != terminator || slices.Contains(parts, "") {
		return claim{}, incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/aws4_request, got '" +
			clip(params[names[0]]) + "'")
	}
	return claim{
		accessKey: parts[0],
		scope:     scope{parts[1], parts[2], parts[3]},
		signed:    strings.Split(params[names[1]], ";"),
		signature: params[names[2]],
	}, nil
}

// clip shortens what a client sent before it is shown back.
func clip(s string) string {
	if len(s) > 100 {
		s = s[:100] + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
