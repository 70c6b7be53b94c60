package videoapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"spool/internal/sign"
	"spool/internal/spool"
)

// ServiceName is what SigV4 signatures for this API name as the service.
const ServiceName = "spool"

// maxSigned is the longest body of a signed request, in bytes: it is read as a
// whole to be checked. No operation takes more.
const maxSigned = 1 << 20

// needsKey marks the operations that only who has a key may call; which role
// they need stands in their metadata, see needs.
var needsKey = []map[string][]string{{"key": {}}, {"signature": {}}, {"session": {}}}

const roleKey = "role"

// needs says which role an operation needs.
func needs(role spool.Role) map[string]any { return map[string]any{roleKey: role} }

// roleOf gives the role that an operation needs; admin where it forgot to say.
func roleOf(op *huma.Operation) spool.Role {
	if role, ok := op.Metadata[roleKey].(spool.Role); ok {
		return role
	}
	return spool.RoleAdmin
}

type (
	requestKey struct{}
	callerKey  struct{}
)

// authorise finds out who calls, lets them through if their role is enough, and
// hands the HTTP request on.
func (d *door) authorise(ctx huma.Context, next func(huma.Context)) {
	r, _ := humago.Unwrap(ctx)
	ctx.SetHeader("Cache-Control", "no-store")
	ctx.SetHeader("X-Content-Type-Options", "nosniff")
	caller, err := d.identify(r)
	if len(ctx.Operation().Security) > 0 {
		status, message := d.judge(caller, err, roleOf(ctx.Operation()))
		if status != 0 {
			// A browser would ask for a password in a window of its own.
			if status == http.StatusUnauthorized && !strings.HasPrefix(r.UserAgent(), "Mozilla/") {
				ctx.SetHeader("WWW-Authenticate", `Basic realm="Spool", charset="UTF-8"`)
			}
			_ = huma.WriteErr(d.api, ctx, status, message)
			return
		}
	}
	next(huma.WithValue(huma.WithValue(ctx, requestKey{}, r), callerKey{}, caller))
}

var (
	errNobody  = errors.New("no key")
	errTooLong = errors.New("the body is longer than any operation takes")
)

// judge gives the status and message of a refusal, 0 for none.
func (d *door) judge(caller spool.AccessKey, err error, role spool.Role) (status int, message string) {
	var refused *sign.Error
	switch {
	case errors.As(err, &refused):
		return http.StatusForbidden, refused.Message
	case errors.Is(err, errTooLong):
		return http.StatusRequestEntityTooLarge, "A signed request may have a body of 1 MiB at most."
	case err != nil:
		return http.StatusUnauthorized, "Sign in with the link that the server printed at its start, " +
			"send the access key and the secret key as HTTP Basic authentication, or sign the request with SigV4 for the service \"" + ServiceName + "\"."
	case !caller.Role.May(role):
		return http.StatusForbidden, fmt.Sprintf("The access key %s has the role %s, and this needs the role %s.", caller.Access, caller.Role, role)
	}
	return 0, ""
}

// identify gives the key behind a request: that of its Basic authentication or
// of its signature; where it has neither, that of its session, which a browser
// sends along unasked. Errors: errNobody, errTooLong or a *sign.Error.
func (d *door) identify(r *http.Request) (spool.AccessKey, error) {
	signature := r.URL.Query().Has("X-Amz-Signature")
	if r.Header.Get("Authorization") == "" && !signature {
		if k, ok := d.signedIn(r); ok {
			return k, nil
		}
	}
	if access, secret, ok := r.BasicAuth(); ok {
		k, known := d.Keys.Key(access)
		if same := equal(secret, k.Secret); !known || !same || k.Secret == "" {
			return spool.AccessKey{}, errNobody
		}
		return k, nil
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-") && !signature {
		return spool.AccessKey{}, errNobody
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxSigned+1))
	if err != nil || len(body) > maxSigned {
		return spool.AccessKey{}, errTooLong
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return sign.Verifier{Service: ServiceName, Key: d.Keys.Key}.Verify(sign.Request{
		Method: r.Method, EscapedPath: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery,
		Header: r.Header, Host: r.Host, PayloadHash: sign.PayloadHash(body),
	}, d.Now())
}

// request gives the HTTP request of an operation.
func request(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

// caller gives the key that called an operation; the empty one for nobody.
func caller(ctx context.Context) spool.AccessKey {
	k, _ := ctx.Value(callerKey{}).(spool.AccessKey)
	return k
}
