package videoapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"spool/internal/spool"
)

type listInput struct {
	Status string `query:"status" enum:"Ingest,Encode,Process,Complete,Error" doc:"Only videos in this state."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"Videos per page."`
	After  string `query:"after" maxLength:"100" doc:"The next of the page before."`
}

type listOutput struct {
	Body struct {
		Videos []spool.Video `json:"videos" nullable:"false"`
		Next   string        `json:"next,omitempty" doc:"Give it as after for the next page; absent on the last."`
	}
}

type getInput struct {
	GUID string `path:"guid" maxLength:"100"`
}

type videoOutput struct {
	Body spool.Video
}

func (d *door) registerVideos() {
	huma.Register(d.api, huma.Operation{
		OperationID: "list-videos", Method: http.MethodGet, Path: "/api/v1/videos", Security: needsKey, Metadata: needs(spool.RoleRead),
		Summary: "List videos, newest first",
	}, func(ctx context.Context, in *listInput) (*listOutput, error) {
		videos, next, err := d.Videos.List(ctx, spool.VideoFilter{
			Status: spool.VideoStatus(in.Status), Limit: in.Limit, After: in.After,
		})
		if err != nil {
			return nil, d.answer(ctx, err)
		}
		out := &listOutput{}
		out.Body.Videos, out.Body.Next = videos, next
		if videos == nil {
			out.Body.Videos = []spool.Video{}
		}
		return out, nil
	})
	huma.Register(d.api, huma.Operation{
		OperationID: "get-video", Method: http.MethodGet, Path: "/api/v1/videos/{guid}", Security: needsKey, Metadata: needs(spool.RoleRead),
		Summary: "Get one video",
	}, func(ctx context.Context, in *getInput) (*videoOutput, error) {
		video, err := d.Videos.Get(ctx, in.GUID)
		if err != nil {
			return nil, d.answer(ctx, err)
		}
		return &videoOutput{video}, nil
	})
}
