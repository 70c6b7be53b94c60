package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"spool/internal/config"
	"spool/internal/sign"
)

// remote are the flags of the commands that talk to a running server; they
// embed it.
type remote struct {
	Endpoint string  `env:"SPOOL_ENDPOINT,AWS_ENDPOINT_URL_MEDIACONVERT,AWS_ENDPOINT_URL" default:"http://127.0.0.1:8080" placeholder:"URL" help:"Address of the server (default ${default})."`
	Data     *string `placeholder:"DIR" help:"Data folder to take the key pair from. Without it: SPOOL_ACCESS_KEY and SPOOL_SECRET_KEY, then the folder ./spool-data, then AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."`
}

// usualData is the data folder of a server that was told of no other.
const usualData = "spool-data"

// base gives the endpoint without a slash at its end. Status 2: it is no URL.
func (r *remote) base() (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(r.Endpoint, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" {
		return nil, &statusError{exitRequest, fmt.Errorf("the endpoint %q is no address of a server: give one such as http://127.0.0.1:8080", r.Endpoint)}
	}
	return u, nil
}

// isAWS tells whether the endpoint is Amazon's own, where Spool's keys open nothing.
func isAWS(u *url.URL) bool {
	host := u.Hostname()
	return strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn") || strings.HasSuffix(host, ".api.aws")
}

// credentials finds the key pair: of --data, of SPOOL_ACCESS_KEY and
// SPOOL_SECRET_KEY, of ./spool-data, of AWS's variables, in this order; for
// Amazon's own endpoints of AWS's variables only. Status 2: there is none.
func (r *remote) credentials(u *url.URL) (aws.Credentials, error) {
	if r.Data != nil {
		return fileKeys(*r.Data)
	}
	fromAWS, errAWS := envKeys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
	fromAWS.SessionToken = os.Getenv("AWS_SESSION_TOKEN")
	if !isAWS(u) {
		if c, err := envKeys("SPOOL_ACCESS_KEY", "SPOOL_SECRET_KEY"); err != nil || c.HasKeys() {
			return c, err
		}
		if c, err := fileKeys(usualData); !errors.Is(err, fs.ErrNotExist) {
			return c, err
		}
	}
	if errAWS != nil || fromAWS.HasKeys() {
		return fromAWS, errAWS
	}
	if isAWS(u) {
		return aws.Credentials{}, &statusError{exitRequest, errors.New("there is no key pair to sign with: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")}
	}
	return aws.Credentials{}, &statusError{exitRequest, errors.New("there is no key pair to sign with: " +
		"give the server's data folder with --data, or set SPOOL_ACCESS_KEY and SPOOL_SECRET_KEY")}
}

// envKeys gives a pair of the environment, an empty one when neither is set.
func envKeys(access, secret string) (aws.Credentials, error) {
	c := aws.Credentials{AccessKeyID: os.Getenv(access), SecretAccessKey: os.Getenv(secret)}
	if (c.AccessKeyID == "") != (c.SecretAccessKey == "") {
		return c, &statusError{exitRequest, fmt.Errorf("only one of %s and %s is set: set both, or none", access, secret)}
	}
	return c, nil
}

func fileKeys(folder string) (aws.Credentials, error) {
	access, secret, err := config.ReadKeys(folder)
	if err != nil {
		return aws.Credentials{}, &statusError{exitRequest, err}
	}
	return aws.Credentials{AccessKeyID: access, SecretAccessKey: secret}, nil
}

// region is what requests are signed for: AWS_REGION, or the one in the name
// of Amazon's host. To Spool they are all the same.
func region(u *url.URL) string {
	if set := os.Getenv("AWS_REGION"); set != "" {
		return set
	}
	if parts := strings.Split(u.Hostname(), "."); isAWS(u) && len(parts) >= 4 {
		for i, part := range parts[:len(parts)-1] {
			if strings.HasPrefix(part, "mediaconvert") || part == "subscribe" {
				return parts[i+1]
			}
		}
	}
	return "us-east-1"
}

// serviceName is what requests to /api/v1 are signed for.
const serviceName = "spool"

// callTimeout bounds one call with all of its answer.
const callTimeout = 30 * time.Second

// maxAnswer is the longest answer taken, in bytes: a page of twenty jobs with all their settings.
const maxAnswer = 64 << 20

// call sends in as JSON to /api/v1, signed, and reads the answer into out; nil of
// either: nothing. path begins with a slash and is escaped. What the
// server refuses is a *remoteError inside a status 2; what fails otherwise is
// status 1.
func (s *server) call(ctx context.Context, method, path string, in, out any) error {
	u, err := s.base()
	if err != nil {
		return err
	}
	cfg, _, err := s.load(ctx)
	if err != nil {
		return err
	}
	keys, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("read the key pair: %w", err)
	}
	var body []byte
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("encode the request: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, u.String()+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("User-Agent", "spool/"+version)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if err := v4.NewSigner().SignHTTP(ctx, keys, req, sign.PayloadHash(body), serviceName, cfg.Region, time.Now()); err != nil {
		return fmt.Errorf("sign the request: %w", err)
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the server does not answer; is it running? %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("read the answer: %w", err)
	case len(answer) > maxAnswer:
		return errors.New("the answer is longer than any that Spool gives")
	case resp.StatusCode >= 300:
		return refused(resp, answer)
	case out == nil || len(answer) == 0:
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s does not answer as Spool does: %w", u, err)
	}
	return nil
}

// remoteError is what a server said instead of doing what was asked.
type remoteError struct {
	status  int    // of HTTP
	kind    string // of the service's errors, NotFoundException; empty: none was given
	message string
}

// Error gives the message, with the kind where it says more than "bad request".
func (e *remoteError) Error() string {
	if e.kind == "" || e.kind == "BadRequestException" {
		return e.message
	}
	return e.kind + ": " + e.message
}

// refused reads an error of either API: {"message"} or {"title", "detail"}.
func refused(resp *http.Response, answer []byte) error {
	var said struct {
		Message, Title, Detail string
		Errors                 []struct{ Message, Location string }
	}
	_ = json.Unmarshal(answer, &said) // what is no JSON says nothing
	kind, _, _ := strings.Cut(resp.Header.Get("X-Amzn-Errortype"), ":")
	e := &remoteError{status: resp.StatusCode, kind: kind, message: said.Message}
	for _, wrong := range said.Errors { // they say more than the detail
		if e.message != "" {
			e.message += "; "
		}
		e.message += wrong.Location + ": " + wrong.Message
	}
	for _, text := range []string{said.Detail, said.Title, "The server answered " + resp.Status + "."} {
		if e.message == "" {
			e.message = text
		}
	}
	if resp.StatusCode >= 500 {
		return e // status 1: it is not the request
	}
	return &statusError{exitRequest, e}
}

// printJSON prints what programs read.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
