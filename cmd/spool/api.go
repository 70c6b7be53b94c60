package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	mc "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/smithy-go"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// api is a MediaConvert client that keeps the latest answer as it came.
type api struct {
	*mc.Client
	server *server
	http   *recorder
}

// open makes a client for the server.
func (s *server) open(ctx context.Context) (*api, error) {
	cfg, endpoint, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	a := &api{server: s, http: &recorder{client: awshttp.NewBuildableClient().WithTimeout(callTimeout)}}
	a.Client = mc.NewFromConfig(cfg, func(o *mc.Options) {
		o.HTTPClient = a.http
		if endpoint != nil {
			o.BaseEndpoint = endpoint
		}
	})
	return a, nil
}

// recorder sends requests and keeps the body of the latest answer.
type recorder struct {
	client *awshttp.BuildableClient
	body   []byte
}

// Do implements the SDK's HTTPClient.
func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(r.body) > maxAnswer {
		err = fmt.Errorf("the answer is longer than %d MB", maxAnswer>>20)
	}
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(r.body))
	return resp, nil
}

// printJSON writes the latest answer as it came, indented.
func (a *api) printJSON(w io.Writer) error { return printIndented(w, a.http.body) }

func printIndented(w io.Writer, data []byte) error {
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		return fmt.Errorf("the server's answer is not JSON: %w", err)
	}
	out.WriteByte('\n')
	_, err := w.Write(out.Bytes())
	return err
}

// pageSize is the most that the API gives at once.
const pageSize = 20

// listed is a list that took one page or more.
type listed[T any] struct {
	items []T
	more  bool   // there are more than were asked for
	raw   []byte // the answer as one page has it
}

// collect asks for pages until there are limit items (0: no limit). member is
// the list's wire name.
func collect[T any](a *api, member string, limit int, page func(token *string, size int32) ([]T, *string, error)) (listed[T], error) {
	var all listed[T]
	var token *string
	raw := []json.RawMessage{}
	var last map[string]json.RawMessage
	for {
		size := pageSize
		if limit > 0 {
			size = min(size, limit-len(all.items))
		}
		items, next, err := page(token, int32(size)) //nolint:gosec // 1..20
		if err != nil {
			return all, err
		}
		all.items = append(all.items, items...)
		var part []json.RawMessage
		last = nil
		if err := json.Unmarshal(a.http.body, &last); err == nil && last[member] != nil {
			err = json.Unmarshal(last[member], &part)
			if err != nil {
				return all, fmt.Errorf("read the answer: %w", err)
			}
		}
		raw = append(raw, part...)
		if next == nil || limit > 0 && len(all.items) >= limit {
			all.more = next != nil
			break
		}
		token = next
	}
	list, err := json.Marshal(raw)
	if err != nil {
		return all, err
	}
	if last == nil {
		last = map[string]json.RawMessage{}
	}
	last[member] = list
	all.raw, err = json.Marshal(last)
	return all, err
}

// explain turns an error of the SDK into one for a person: what was wrong, each
// thing on its own line, and what to do. Status 2 says that the request was
// wrong, 1 that the server or the way to it was.
func (a *api) explain(err error) error {
	var said smithy.APIError
	var invalid smithy.InvalidParamsError
	var op *net.OpError
	var foreign *smithy.DeserializationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &said):
		return a.explainAnswer(said, err)
	case errors.As(err, &invalid):
		return &statusError{exitRequest, invalid}
	case errors.Is(err, context.Canceled):
		return &statusError{exitInterrupted, errors.New("interrupted")}
	case errors.As(err, &op) && op.Op == "dial":
		return a.server.unreachable(op)
	case errors.As(err, &foreign) && bytes.HasPrefix(bytes.TrimSpace(a.http.body), []byte("<")): // XML or HTML
		return &statusError{exitFailed, fmt.Errorf("%s is no MediaConvert API: it does not answer in JSON. Is it the address of S3? "+
			"--endpoint and SPOOL_ENDPOINT take the other one, http://127.0.0.1:8080 where nothing else is set", a.server.where())}
	}
	return &statusError{exitFailed, fmt.Errorf("ask %s: %w", a.server.where(), rootCause(err))}
}

// rootCause drops the layers that only name the operation again.
func rootCause(err error) error {
	var op *smithy.OperationError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// whatToDo is advice by the type of an error.
var whatToDo = map[string]string{
	"UnrecognizedClientException":         "The server does not know this access key. Check --data, SPOOL_ACCESS_KEY or --profile.",
	"InvalidSignatureException":           "The secret key is another one than the server's, or this machine's clock is wrong.",
	"SignatureDoesNotMatch":               "The secret key is another one than the server's.",
	"MissingAuthenticationTokenException": "The request was not signed.",
	"AccessDeniedException":               "The role of this key pair does not allow it.",
	"ForbiddenException":                  "The role of this key pair does not allow it.",
	"TooManyRequestsException":            "Wait a little and try again.",
	"ServiceQuotaExceededException":       "Delete what is not needed any more, or raise the limit.",
}

func (a *api) explainAnswer(said smithy.APIError, err error) error {
	status := exitFailed
	var resp *awshttp.ResponseError
	code := said.ErrorCode()
	head := code
	if errors.As(err, &resp) {
		head = fmt.Sprintf("%s (%d)", code, resp.HTTPStatusCode())
		if resp.HTTPStatusCode() < http.StatusInternalServerError {
			status = exitRequest
		}
	}
	parts := strings.Split(said.ErrorMessage(), " | ")
	text := head + ": " + parts[0]
	if len(parts) > 1 {
		text = fmt.Sprintf("%s: %d things are wrong:", head, len(parts))
		for _, p := range parts {
			text += "\n  " + p
		}
	}
	if advice := whatToDo[code]; advice != "" {
		text += "\n" + advice
	}
	return &statusError{status, errors.New(text)}
}

// readFile reads a job, template or preset file into an SDK input, and refuses
// what the API has no place for before anything is sent.
func readFile(name, wrapper string, input any) error {
	data, err := readJob(name)
	if err != nil {
		return &statusError{exitRequest, err}
	}
	err = mediaconvert.DecodeFile(data, wrapper, input)
	var problems spool.Problems
	if errors.As(err, &problems) {
		if name == "-" {
			name = "standard input"
		}
		text := name + " is refused; nothing was sent:"
		for _, p := range problems {
			text += "\n  " + p.String()
		}
		return &statusError{exitRequest, errors.New(text)}
	}
	return err
}
