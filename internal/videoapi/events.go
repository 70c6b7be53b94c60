package videoapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"spool/internal/spool"
)

// writeWait is how long a client of the event stream may take none of it.
const writeWait = 10 * time.Second

func (d *door) registerEvents() {
	video := d.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[spool.Video](), true, "Video")
	huma.Register(d.api, huma.Operation{
		OperationID: "watch-videos", Method: http.MethodGet, Path: "/api/v1/videos/events", Security: needsKey, Metadata: needs(spool.RoleRead),
		Summary: "Watch videos change",
		Description: "Server-sent events: `event: video` with the whole video as JSON in `data` at every change. " +
			"A stream that ends was cut off by the server: list the videos and watch anew.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The stream.",
			Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: video}},
		}},
	}, func(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
		changes, err := d.Videos.Watch(ctx)
		if err != nil {
			return nil, d.answer(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hctx huma.Context) {
			hctx.SetHeader("Content-Type", "text/event-stream")
			hctx.SetHeader("X-Accel-Buffering", "no") // proxies must pass it on at once
			_, w := humago.Unwrap(hctx)
			d.stream(ctx, w, changes, caller(ctx).Access)
		}}, nil
	})
}

// stream writes changes until the client leaves, is too slow, its key is
// revoked, or changes end.
func (d *door) stream(ctx context.Context, w http.ResponseWriter, changes <-chan spool.Video, access string) {
	control := http.NewResponseController(w)
	send := func(text string) bool {
		// Not every writer knows deadlines; then the server's own holds.
		_ = control.SetWriteDeadline(time.Now().Add(writeWait))
		if _, err := io.WriteString(w, text); err != nil {
			return false
		}
		return control.Flush() == nil
	}
	idle := time.NewTicker(d.KeepAlive)
	defer idle.Stop()
	// The first bytes tell the client that nothing from here on is missed.
	alive := send("retry: 2000\n: watching\n\n")
	for alive {
		select {
		case <-ctx.Done():
			return
		case <-idle.C:
			_, known := d.Keys.Key(access)
			alive = known && send(": alive\n\n")
		case video, open := <-changes:
			if !open {
				return
			}
			if _, known := d.Keys.Key(access); !known {
				return
			}
			data, err := json.Marshal(video)
			if err != nil {
				d.Log.Error("a video can't be sent", "guid", video.GUID, "error", err)
				return
			}
			alive = send(fmt.Sprintf("event: video\ndata: %s\n\n", data))
		}
	}
}
