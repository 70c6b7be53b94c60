package videoapi

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"spool/internal/sign"
	"spool/internal/spool"
)

const (
	uploadLife = time.Hour // to begin the upload in; it may take longer
	maxPut     = 5 << 30   // bytes; what S3 takes in one PUT
	maxName    = 200       // bytes of a file name that are kept
)

type pipelineBody struct {
	Name     string   `json:"name"`
	Bucket   string   `json:"bucket"`
	Prefix   string   `json:"prefix" doc:"Keys must begin with it."`
	Suffixes []string `json:"suffixes" nullable:"false" doc:"Keys must end in one of them, in any case; none: every key."`
}

type pipelinesOutput struct {
	Body struct {
		Pipelines []pipelineBody `json:"pipelines" nullable:"false"`
	}
}

type uploadInput struct {
	Body struct {
		Name     string `json:"name" minLength:"1" maxLength:"1024" doc:"The file's name; its suffix decides which pipelines take it."`
		Type     string `json:"type,omitempty" maxLength:"200" doc:"The file's media type, such as video/mp4."`
		Size     int64  `json:"size,omitempty" minimum:"0" doc:"The file's size in bytes; 0: unknown."`
		Pipeline string `json:"pipeline,omitempty" maxLength:"200" doc:"A pipeline's name; absent: the first that takes the file."`
	}
}

type uploadOutput struct {
	Body struct {
		URL      string            `json:"url" doc:"Send the file here, as the whole body."`
		Method   string            `json:"method" enum:"PUT"`
		Headers  map[string]string `json:"headers" doc:"To send with it."`
		Bucket   string            `json:"bucket"`
		Key      string            `json:"key"`
		Pipeline string            `json:"pipeline"`
		Expires  time.Time         `json:"expires" doc:"The upload must have begun by then."`
	}
}

func (d *door) registerUploads() {
	huma.Register(d.api, huma.Operation{
		OperationID: "list-pipelines", Method: http.MethodGet, Path: "/api/v1/pipelines", Security: needsKey, Metadata: needs(spool.RoleRead),
		Summary: "List pipelines",
	}, func(context.Context, *struct{}) (*pipelinesOutput, error) {
		out := &pipelinesOutput{}
		out.Body.Pipelines = make([]pipelineBody, len(d.Pipelines))
		for i, p := range d.Pipelines {
			out.Body.Pipelines[i] = pipelineBody{p.Name, p.Bucket, p.Prefix, append([]string{}, p.Suffixes...)}
		}
		return out, nil
	})
	huma.Register(d.api, huma.Operation{
		OperationID: "create-upload", Method: http.MethodPost, Path: "/api/v1/uploads", Security: needsKey, Metadata: needs(spool.RoleSubmit),
		Summary: "Get a permit to upload one file", DefaultStatus: http.StatusCreated, MaxBodyBytes: 64 << 10,
		Description: "Answers with a presigned URL. Once the file has been sent there, the pipeline starts by itself.",
	}, d.createUpload)
}

func (d *door) createUpload(ctx context.Context, in *uploadInput) (*uploadOutput, error) {
	if in.Body.Size > maxPut {
		return nil, huma.Error400BadRequest(fmt.Sprintf(
			"The file has %d bytes; one PUT takes at most %d (5 GiB). Upload it with an S3 client in parts (multipart).", in.Body.Size, int64(maxPut)))
	}
	headers := map[string]string{}
	if in.Body.Type != "" {
		if _, _, err := mime.ParseMediaType(in.Body.Type); err != nil {
			return nil, huma.Error400BadRequest(fmt.Sprintf("The type %q is no media type such as video/mp4; correct it or leave it out.", in.Body.Type))
		}
		headers["Content-Type"] = in.Body.Type
	}
	name := fileName(in.Body.Name)
	p, err := d.pipelineFor(in.Body.Pipeline, name)
	if err != nil {
		return nil, d.answer(ctx, err)
	}
	// A folder of its own: two files of one name never meet, and outputs named
	// after the source keep the name that the user knows.
	key := p.Prefix + uuid.NewString() + "/" + name
	if err := spool.CheckKey(key); err != nil {
		return nil, huma.Error400BadRequest("The file can't be stored under this name: " + err.Error() + ". Rename it.")
	}
	now := d.Now()
	// Signed with the caller's own key: the permit dies when that is revoked.
	k := caller(ctx)
	url, err := sign.Presigned{
		Method: http.MethodPut, Endpoint: strings.TrimSuffix(d.S3URL(request(ctx)), "/"), Bucket: p.Bucket, Key: key,
		AccessKey: k.Access, Secret: k.Secret, Region: d.Region, Time: now, Expires: uploadLife,
	}.URL()
	if err != nil {
		return nil, d.answer(ctx, err)
	}
	out := &uploadOutput{}
	out.Body.URL, out.Body.Method, out.Body.Headers = url, http.MethodPut, headers
	out.Body.Bucket, out.Body.Key, out.Body.Pipeline = p.Bucket, key, p.Name
	out.Body.Expires = now.Add(uploadLife).UTC().Truncate(time.Second)
	return out, nil
}

// pipelineFor gives the pipeline asked for, or the first that takes the name.
func (d *door) pipelineFor(wanted, name string) (spool.Pipeline, error) {
	var takes []string
	found := false
	for _, p := range d.Pipelines {
		if wanted != "" && p.Name != wanted {
			continue
		}
		found = true
		if p.Match(p.Bucket, p.Prefix+"x/"+name) {
			return p, nil
		}
		takes = append(takes, fmt.Sprintf("%s takes %s", p.Name, strings.Join(p.Suffixes, ", ")))
	}
	switch {
	case found:
		return spool.Pipeline{}, spool.Userf(spool.ErrInvalid, "No pipeline takes %q: %s.", name, strings.Join(takes, "; "))
	case wanted != "":
		return spool.Pipeline{}, spool.Userf(spool.ErrInvalid, "There is no pipeline %q.", wanted)
	default:
		return spool.Pipeline{}, spool.Userf(spool.ErrInvalid, "No pipeline is configured, so an upload would start nothing. Add one to the configuration.")
	}
}

// fileName makes a name that can be the last part of a key out of what a user's
// machine calls the file: no folders, no control characters, valid UTF-8, not
// too long, suffix kept. Everything else stays as it is.
func fileName(name string) string {
	name = strings.ToValidUTF8(name, "_")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimSpace(name)
	suffix := path.Ext(name)
	if len(suffix) > maxName/2 {
		suffix = ""
	}
	base := strings.TrimSpace(strings.TrimSuffix(name, suffix))
	for len(base)+len(suffix) > maxName {
		_, size := utf8.DecodeLastRuneInString(base)
		base = base[:len(base)-size]
	}
	if base == "" || base == "." || base == ".." {
		base = "video"
	}
	return base + suffix
}
