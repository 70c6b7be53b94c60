package videoapi

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"spool/internal/spool"
)

const (
	cookieName  = "spool_session"
	sessionLife = 30 * 24 * time.Hour
)

// SignInToken gives the token of the sign-in link /signin?token=…. It stays the
// same as long as the secret key does; a new key ends every session too.
func SignInToken(secretKey string) string { return derive(secretKey, "spool sign-in 1") }

// derive makes a value that only who has the secret key can make.
func derive(secretKey, purpose string) string {
	h := hmac.New(sha256.New, []byte(secretKey))
	h.Write([]byte(purpose))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

type sessionOutput struct {
	Body sessionBody
}

type sessionBody struct {
	SignedIn bool   `json:"signedIn"`
	Role     string `json:"role,omitempty" enum:"admin,submit,read" doc:"What the client may do; absent when it is not signed in."`
}

type newSessionOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      sessionBody
}

func (d *door) registerSession() {
	huma.Register(d.api, huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: "/api/v1/session",
		Summary: "Tell whether the client is signed in",
	}, func(ctx context.Context, _ *struct{}) (*sessionOutput, error) {
		k := caller(ctx)
		return &sessionOutput{sessionBody{k.Access != "", string(k.Role)}}, nil
	})
	huma.Register(d.api, huma.Operation{
		OperationID: "create-session", Method: http.MethodPost, Path: "/api/v1/session", Security: needsKey, Metadata: needs(spool.RoleSubmit),
		Summary: "Sign in with a key pair", DefaultStatus: http.StatusCreated,
		Description: "Answers with a cookie that stands for the key for 30 days, or until it is revoked.",
	}, func(ctx context.Context, _ *struct{}) (*newSessionOutput, error) {
		k := caller(ctx)
		return &newSessionOutput{d.cookie(request(ctx), k), sessionBody{true, string(k.Role)}}, nil
	})
}

// signIn trades the token of the printed link for a session of the root's.
func (d *door) signIn(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the address holds the token
	root, known := d.Keys.Key(d.AccessKey)
	if !equal(r.URL.Query().Get("token"), SignInToken(d.SecretKey)) || !known {
		http.Error(w, "This sign-in link is not valid. Use the one that the server printed at its last start.", http.StatusForbidden)
		return
	}
	cookie := d.cookie(r, root)
	http.SetCookie(w, &cookie)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// cookie makes the cookie of a new session.
func (d *door) cookie(r *http.Request, k spool.AccessKey) http.Cookie {
	return http.Cookie{
		Name: cookieName, Value: session(k, d.Now().Add(sessionLife)), Path: "/",
		MaxAge: int(sessionLife / time.Second), HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	}
}

// session writes a cookie's value: whose it is, when it ends, and the proof that
// we said so. The proof comes from the key's secret: it dies with the key.
func session(k spool.AccessKey, end time.Time) string {
	text := k.Access + "." + strconv.FormatInt(end.Unix(), 10)
	return text + "." + derive(k.Secret, "spool session 2 of "+text)
}

// signedIn gives the key whose session a request carries, if one holds.
func (d *door) signedIn(r *http.Request) (spool.AccessKey, bool) {
	for _, cookie := range r.CookiesNamed(cookieName) {
		parts := strings.Split(cookie.Value, ".")
		if len(parts) != 3 {
			continue
		}
		seconds, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil {
			continue
		}
		end := time.Unix(seconds, 0)
		k, known := d.Keys.Key(parts[0])
		if equal(cookie.Value, session(k, end)) && known && k.Secret != "" && d.Now().Before(end) {
			return k, true
		}
	}
	return spool.AccessKey{}, false
}

// equal compares in constant time, whatever the lengths.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
