// Package videoapi is the door for applications and for the web UI: the table
// of videos, its changes as they happen, permits to upload, and the sign-in.
//
// It describes itself at /api/openapi.json. It never touches an object's bytes,
// never decides what becomes of a video, and keeps no state: a session is a
// signed cookie.
package videoapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"spool/internal/httpx"
	"spool/internal/spool"
)

// Videos is the table of videos.
type Videos interface {
	// Get gives one video; spool.ErrNotFound where there is none.
	Get(ctx context.Context, guid string) (spool.Video, error)
	// List gives a page of videos, newest first. next is the GUID to give as
	// After for the page behind it; empty at the end.
	List(ctx context.Context, f spool.VideoFilter) (videos []spool.Video, next string, err error)
	// Watch gives every change from the return of Watch on, until ctx ends. It
	// closes the channel then, when the server stops, and when the reader is too
	// slow: the reader lists again and watches anew.
	Watch(ctx context.Context) (<-chan spool.Video, error)
}

// Keys knows the access keys.
type Keys interface {
	// Key gives a key with its secret and role, and takes as long for unknown ones.
	Key(access string) (spool.AccessKey, bool)
}

// Ring makes, lists and revokes access keys; errors wrap spool.ErrInvalid,
// spool.ErrNotFound or spool.ErrQuota where the client is to blame.
type Ring interface {
	// Create gives the key with its secret, this once.
	Create(ctx context.Context, role spool.Role, note string) (spool.AccessKey, error)
	// List gives all keys without their secrets.
	List(ctx context.Context) ([]spool.AccessKey, error)
	Revoke(ctx context.Context, access string) error
}

// Options are what the door needs. All but KeepAlive, Now and Version are required.
type Options struct {
	Videos    Videos
	Keys      Keys
	Ring      Ring
	Pipelines []spool.Pipeline
	S3URL     func(*http.Request) string // base URL of the S3 gateway as the client of this request reaches it
	AccessKey string                     // of the root, whom the sign-in link signs in
	SecretKey string                     // of the root; the sign-in token is derived from it
	Region    string                     // of the S3 gateway
	Version   string                     // of Spool, for the OpenAPI page
	KeepAlive time.Duration              // between comments on an idle event stream; 0: 15 s
	Now       func() time.Time           // nil: time.Now
	Log       *slog.Logger
}

type door struct {
	Options
	api huma.API
}

// New makes the door. It answers under /api/ and at /signin.
func New(o Options) http.Handler {
	if o.KeepAlive <= 0 {
		o.KeepAlive = 15 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	config := huma.DefaultConfig("Spool", o.Version)
	config.Info.Description = "Videos, uploads and pipelines of a Spool server. " +
		"Jobs are at /2017-08-29/, which is the AWS MediaConvert API."
	config.OpenAPIPath = "/api/openapi"
	config.DocsPath = ""    // its page loads scripts from elsewhere
	config.SchemasPath = "" // and no $schema members in answers
	config.CreateHooks = nil
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key":       {Type: "http", Scheme: "basic", Description: "Access key and secret key."},
		"signature": {Type: "apiKey", In: "header", Name: "Authorization", Description: "AWS Signature Version 4 for the service \"" + ServiceName + "\", any region."},
		"session":   {Type: "apiKey", In: "cookie", Name: cookieName, Description: "Set by the sign-in link."},
	}
	mux := http.NewServeMux()
	d := &door{Options: o}
	d.api = humago.New(mux, config)
	d.api.UseMiddleware(d.authorise)
	d.registerVideos()
	d.registerEvents()
	d.registerUploads()
	d.registerSession()
	d.registerKeys()
	d.registerSettings()
	mux.HandleFunc("GET /signin", d.signIn)

	// Only the origin itself may change something with the cookie of a browser.
	same := http.NewCrossOriginProtection()
	same.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Requests that change something must come from Spool's own pages, not from another site's.", http.StatusForbidden)
	}))
	return httpx.Wrap(same.Handler(mux), httpx.Options{Door: "videoapi", IDHeader: "X-Request-Id", Log: o.Log})
}

// answer turns an error of the stages into one of the API. What the user can't
// act on goes to the log only.
func (d *door) answer(ctx context.Context, err error) error {
	message := "The request can't be done."
	var user *spool.UserError
	if errors.As(err, &user) {
		message = user.Message
	}
	switch {
	case errors.Is(err, spool.ErrNotFound):
		return huma.Error404NotFound(message)
	case errors.Is(err, spool.ErrConflict):
		return huma.Error409Conflict(message)
	case errors.Is(err, spool.ErrInvalid):
		return huma.Error400BadRequest(message)
	case errors.Is(err, spool.ErrForbidden):
		return huma.Error403Forbidden(message)
	case errors.Is(err, spool.ErrQuota):
		return huma.NewError(http.StatusPaymentRequired, message) // as the jobs' API says it
	}
	id := httpx.RequestID(ctx)
	d.Log.Error("a request failed", "door", "videoapi", "id", id, "error", err)
	return huma.Error500InternalServerError("Internal server error; the log says more under request id " + id + ".")
}
