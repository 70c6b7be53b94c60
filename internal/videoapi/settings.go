package videoapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

type settingsInput struct {
	Path string `query:"path" maxLength:"400" doc:"A setting: its path or a part of one, as wire names, in PascalCase or as a JSON pointer; or a value of an enumeration. Without it: all."`
}

type settingsOutput struct {
	Body struct {
		Settings []mediaconvert.SettingInfo `json:"settings" nullable:"false"`
	}
}

func (d *door) registerSettings() {
	huma.Register(d.api, huma.Operation{
		OperationID: "list-settings", Method: http.MethodGet, Path: "/api/v1/settings", Security: needsKey, Metadata: needs(spool.RoleRead),
		Summary: "Say what is done with each setting of a job", Errors: []int{http.StatusNotFound},
	}, func(_ context.Context, in *settingsInput) (*settingsOutput, error) {
		out := &settingsOutput{}
		out.Body.Settings = mediaconvert.FindSettings(in.Path)
		if len(out.Body.Settings) == 0 {
			return nil, huma.Error404NotFound("No setting and no value is called that. A part of a name finds those that have it; without a path all are listed.")
		}
		return out, nil
	})
}
