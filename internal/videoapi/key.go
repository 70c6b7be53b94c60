package videoapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"spool/internal/spool"
)

type keyBody struct {
	Access    string     `json:"access"`
	Role      string     `json:"role" enum:"admin,submit,read"`
	Note      string     `json:"note" doc:"Whose it is."`
	CreatedAt *time.Time `json:"createdAt,omitempty" doc:"Absent for the key pair of the data folder."`
}

func toKeyBody(k spool.AccessKey) keyBody {
	b := keyBody{Access: k.Access, Role: string(k.Role), Note: k.Note}
	if !k.CreatedAt.IsZero() {
		b.CreatedAt = &k.CreatedAt
	}
	return b
}

type createKeyInput struct {
	Body struct {
		Role string `json:"role" enum:"admin,submit,read" doc:"What it may do: admin everything; submit jobs and put objects, and read; read only."`
		Note string `json:"note,omitempty" maxLength:"256" doc:"Whose it is."`
	}
}

type createKeyOutput struct {
	Body struct {
		keyBody
		Secret string `json:"secret" doc:"The secret key. It is not shown again."`
	}
}

type listKeysOutput struct {
	Body struct {
		Keys []keyBody `json:"keys" nullable:"false" doc:"The data folder's first, then by age."`
	}
}

type revokeKeyInput struct {
	Access string `path:"access" maxLength:"128"`
}

func (d *door) registerKeys() {
	huma.Register(d.api, huma.Operation{
		OperationID: "create-key", Method: http.MethodPost, Path: "/api/v1/keys", Security: needsKey, Metadata: needs(spool.RoleAdmin),
		Summary: "Make a key pair", DefaultStatus: http.StatusCreated, MaxBodyBytes: 64 << 10,
	}, func(ctx context.Context, in *createKeyInput) (*createKeyOutput, error) {
		k, err := d.Ring.Create(ctx, spool.Role(in.Body.Role), in.Body.Note)
		if err != nil {
			return nil, d.answer(ctx, err)
		}
		out := &createKeyOutput{}
		out.Body.keyBody, out.Body.Secret = toKeyBody(k), k.Secret
		return out, nil
	})
	huma.Register(d.api, huma.Operation{
		OperationID: "list-keys", Method: http.MethodGet, Path: "/api/v1/keys", Security: needsKey, Metadata: needs(spool.RoleAdmin),
		Summary: "List the key pairs, without their secrets",
	}, func(ctx context.Context, _ *struct{}) (*listKeysOutput, error) {
		keys, err := d.Ring.List(ctx)
		if err != nil {
			return nil, d.answer(ctx, err)
		}
		out := &listKeysOutput{}
		out.Body.Keys = make([]keyBody, len(keys))
		for i, k := range keys {
			out.Body.Keys[i] = toKeyBody(k)
		}
		return out, nil
	})
	huma.Register(d.api, huma.Operation{
		OperationID: "revoke-key", Method: http.MethodDelete, Path: "/api/v1/keys/{access}", Security: needsKey, Metadata: needs(spool.RoleAdmin),
		Summary: "End a key pair, at once", DefaultStatus: http.StatusNoContent,
		Description: "What it signed ends with it: sessions, presigned URLs and event streams.",
	}, func(ctx context.Context, in *revokeKeyInput) (*struct{}, error) {
		if err := d.Ring.Revoke(ctx, in.Access); err != nil {
			return nil, d.answer(ctx, err)
		}
		return nil, nil
	})
}
