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
	Body struct {
		SignedIn bool `json:"signedIn"`
	}
}

func (d *door) registerSession() {
	huma.Register(d.api, huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: "/api/v1/session",
		Summary: "Tell whether the client is signed in",
	}, func(ctx context.Context, _ *struct{}) (*sessionOutput, error) {
		out := &sessionOutput{}
		r := request(ctx)
		out.Body.SignedIn = d.signedIn(r) || d.hasKey(r)
		return out, nil
	})
}

// signIn trades the token of the printed link for a session.
func (d *door) signIn(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the address holds the token
	if !equal(r.URL.Query().Get("token"), SignInToken(d.SecretKey)) {
		http.Error(w, "This sign-in link is not valid. Use the one that the server printed at its last start.", http.StatusForbidden)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: d.session(d.Now().Add(sessionLife)), Path: "/",
		MaxAge: int(sessionLife / time.Second), HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// session writes a cookie's value: when it ends, and the proof that we said so.
func (d *door) session(end time.Time) string {
	text := strconv.FormatInt(end.Unix(), 10)
	return text + "." + derive(d.SecretKey, "spool session 1 until "+text)
}

// signedIn tells whether a request carries a session that holds.
func (d *door) signedIn(r *http.Request) bool {
	for _, cookie := range r.CookiesNamed(cookieName) {
		text, _, _ := strings.Cut(cookie.Value, ".")
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			continue
		}
		end := time.Unix(seconds, 0)
		if equal(cookie.Value, d.session(end)) && d.Now().Before(end) {
			return true
		}
	}
	return false
}

// hasKey tells whether a request carries a key pair as HTTP Basic authentication.
func (d *door) hasKey(r *http.Request) bool {
	accessKey, secretKey, ok := r.BasicAuth()
	if !ok {
		return false
	}
	want, known := d.Keys.Key(accessKey)
	return equal(secretKey, want.Secret) && known && want.Secret != ""
}

// equal compares in constant time, whatever the lengths.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
