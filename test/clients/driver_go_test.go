package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"spool/test/harness"
)

// goSDK calls the SDK for Go by the names of its methods.
type goSDK struct {
	s       *harness.Server
	clients map[keys]*mediaconvert.Client
}

func goDriver(_ *testing.T, s *harness.Server) driver {
	return &goSDK{s, map[keys]*mediaconvert.Client{}}
}

// operationsOfGo lists the methods of the SDK's client that call an operation.
func operationsOfGo() []string {
	var names []string
	for m := range reflect.TypeFor[*mediaconvert.Client]().Methods() {
		if m.Type.NumIn() == 4 && m.Type.In(1) == reflect.TypeFor[context.Context]() && strings.HasSuffix(m.Type.In(2).String(), "Input") {
			names = append(names, m.Name)
		}
	}
	return names
}

func (g *goSDK) hello() hello {
	h := hello{Client: "SDK for Go", Operations: operationsOfGo()}
	for name := range goPaginators {
		h.Paginators = append(h.Paginators, name)
	}
	slices.Sort(h.Paginators)
	return h
}

func (g *goSDK) client(k *keys) *mediaconvert.Client {
	if k == nil {
		k = &keys{}
	}
	if g.clients[*k] == nil {
		o := mediaconvert.Options{Region: harness.Region, BaseEndpoint: aws.String(g.s.HTTP), RetryMaxAttempts: 1, Credentials: aws.AnonymousCredentials{}}
		if k.Access != "" {
			o.Credentials = credentials.NewStaticCredentialsProvider(k.Access, k.Secret, k.Token)
		}
		g.clients[*k] = mediaconvert.New(o)
	}
	return g.clients[*k]
}

func (g *goSDK) do(t *testing.T, c call) outcome {
	t.Helper()
	document, err := json.Marshal(c.Input)
	if err != nil {
		t.Fatal(err)
	}
	if c.Do == "pages" {
		pages, err := goPaginators[c.Operation](t.Context(), g.client(c.Keys), document, int32(c.Size))
		if err != nil {
			return goFailed(err)
		}
		return outcome{Pages: pages, Status: 200}
	}
	method := reflect.ValueOf(g.client(c.Keys)).MethodByName(c.Operation)
	if !method.IsValid() {
		t.Fatalf("the SDK for Go has no %s", c.Operation)
	}
	in := reflect.New(method.Type().In(1).Elem())
	if err := strictly(document, in.Interface()); err != nil {
		return outcome{Error: &clientError{Code: "ParamValidation", Message: err.Error()}}
	}
	out := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})
	if err, ok := out[1].Interface().(error); ok {
		return goFailed(err)
	}
	output, _ := plainOf(out[0]).(map[string]any)
	return outcome{Output: output, Status: goStatus(out[0])}
}

// strictly reads JSON into the SDK's input, which has no member but its own.
func strictly(document []byte, in any) error {
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	return d.Decode(in)
}

// goStatus digs the status out of the metadata of an output.
func goStatus(output reflect.Value) int {
	metadata, ok := output.Elem().FieldByName("ResultMetadata").Interface().(middleware.Metadata)
	if !ok {
		return 0
	}
	raw, ok := awsmiddleware.GetRawResponse(metadata).(*smithyhttp.Response)
	if !ok {
		return 0
	}
	return raw.StatusCode
}

func goFailed(err error) outcome {
	o := outcome{Error: &clientError{Code: "Client", Message: err.Error()}}
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		o.Error.Code, o.Error.Message = e.ErrorCode(), e.ErrorMessage()
		kind := reflect.TypeOf(e)
		o.Error.Typed = kind.Kind() == reflect.Pointer && kind.Elem().PkgPath() == reflect.TypeFor[mctypes.NotFoundException]().PkgPath() && kind.Elem().Name() == e.ErrorCode()
	}
	if e, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		o.Status = e.HTTPStatusCode()
	}
	return o
}

// plainOf gives what an SDK's value holds as JSON would; nil where it is not set.
func plainOf(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if at, ok := v.Interface().(*time.Time); ok {
			return at.Format(time.RFC3339Nano)
		}
		if v.Elem().Kind() == reflect.String {
			return v.Elem().String() // the empty one is set too
		}
		return plainOf(v.Elem())
	case reflect.Struct:
		fields := map[string]any{}
		for f, value := range v.Fields() {
			if inner := plainOf(value); inner != nil && f.IsExported() && f.Name != "ResultMetadata" {
				fields[f.Name] = inner
			}
		}
		return fields
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		list := make([]any, v.Len())
		for i := range list {
			if list[i] = plainOf(v.Index(i)); list[i] == nil {
				list[i] = "" // an element is always set
			}
		}
		return list
	case reflect.Map:
		if v.IsNil() {
			return nil
		}
		members := map[string]any{}
		for key, value := range v.Seq2() {
			members[key.String()] = plainOf(value)
			if value.Kind() == reflect.String {
				members[key.String()] = value.String()
			}
		}
		return members
	case reflect.String: // of an enumeration
		if v.String() == "" {
			return nil
		}
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int32, reflect.Int64:
		return float64(v.Int())
	case reflect.Float64:
		return v.Float()
	default:
		return nil
	}
}

// goPaginators are the paginators of the SDK, which are functions and not to be
// found by name.
var goPaginators = map[string]func(ctx context.Context, c *mediaconvert.Client, document []byte, size int32) ([]any, error){
	"DescribeEndpoints": func(ctx context.Context, c *mediaconvert.Client, document []byte, size int32) ([]any, error) {
		in := &mediaconvert.DescribeEndpointsInput{MaxResults: &size}
		if err := strictly(document, in); err != nil {
			return nil, err
		}
		return pagesOf(ctx, mediaconvert.NewDescribeEndpointsPaginator(c, in))
	},
	"ListJobs": func(ctx context.Context, c *mediaconvert.Client, document []byte, size int32) ([]any, error) {
		in := &mediaconvert.ListJobsInput{MaxResults: &size}
		if err := strictly(document, in); err != nil {
			return nil, err
		}
		return pagesOf(ctx, mediaconvert.NewListJobsPaginator(c, in))
	},
	"SearchJobs": func(ctx context.Context, c *mediaconvert.Client, document []byte, size int32) ([]any, error) {
		in := &mediaconvert.SearchJobsInput{MaxResults: &size}
		if err := strictly(document, in); err != nil {
			return nil, err
		}
		return pagesOf(ctx, mediaconvert.NewSearchJobsPaginator(c, in))
	},
	"ListQueues": func(ctx context.Context, c *mediaconvert.Client, document []byte, size int32) ([]any, error) {
		in := &mediaconvert.ListQueuesInput{MaxResults: &size}
		if err := strictly(document, in); err != nil {
			return nil, err
		}
		return pagesOf(ctx, mediaconvert.NewListQueuesPaginator(c, in))
	},
	"ListPresets": func(ctx context.Context, c *mediaconvert.Client, document []byte, size int32) ([]any, error) {
		in := &mediaconvert.ListPresetsInput{MaxResults: &size}
		if err := strictly(document, in); err != nil {
			return nil, err
		}
		return pagesOf(ctx, mediaconvert.NewListPresetsPaginator(c, in))
	},
	"ListJobTemplates": func(ctx context.Context, c *mediaconvert.Client, document []byte, size int32) ([]any, error) {
		in := &mediaconvert.ListJobTemplatesInput{MaxResults: &size}
		if err := strictly(document, in); err != nil {
			return nil, err
		}
		return pagesOf(ctx, mediaconvert.NewListJobTemplatesPaginator(c, in))
	},
	"ListVersions": func(ctx context.Context, c *mediaconvert.Client, document []byte, size int32) ([]any, error) {
		in := &mediaconvert.ListVersionsInput{MaxResults: &size}
		if err := strictly(document, in); err != nil {
			return nil, err
		}
		return pagesOf(ctx, mediaconvert.NewListVersionsPaginator(c, in))
	},
}

// paginator is a paginator of the SDK whose pages are of type P.
type paginator[P any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*mediaconvert.Options)) (P, error)
}

func pagesOf[P any](ctx context.Context, pages paginator[P]) ([]any, error) {
	var all []any
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, plainOf(reflect.ValueOf(page)))
	}
	return all, nil
}
