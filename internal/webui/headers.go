package webui

import (
	"net/http"
	"net/url"
	"strings"
)

// secure sets the headers that every answer of the page has. The policy allows
// the page's own files, media that scripts put together (blob:), and the given
// origins for uploads and playback; nothing inline and nothing from elsewhere.
func secure(head http.Header, origins []string) {
	from := "'self'"
	for _, origin := range origins {
		if o, ok := cleanOrigin(origin); ok {
			from += " " + o
		}
	}
	head.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'self'",
		"connect-src " + from,
		"media-src " + from + " blob:",
		"img-src " + from + " blob:",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	}, "; "))
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("X-Frame-Options", "DENY")
	// The address may hold a sign-in link's remains: it is told to nobody.
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
}

// cleanOrigin gives scheme://host[:port] of an http(s) address and refuses
// whatever could end the directive or the header that it is put into.
func cleanOrigin(raw string) (string, bool) {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.ContainsAny(u.Host, " \t\r\n;,'\"*") {
		return "", false
	}
	return u.Scheme + "://" + u.Host, true
}
