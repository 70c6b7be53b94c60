package hostile_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/smithy-go"

	"spool/test/harness"
)

// refuseProbe demands that Probe refuses a file or an address with one of the
// types of errors, and that its message is for users: short, on one line, and
// without a path of the server's.
func refuseProbe(t *testing.T, s *harness.Server, uri string, kinds ...string) {
	t.Helper()
	out, err := s.MediaConvert().Probe(t.Context(), &mediaconvert.ProbeInput{InputFiles: []mctypes.ProbeInputFile{{FileUrl: &uri}}})
	var said smithy.APIError
	if !errors.As(err, &said) || !slices.Contains(kinds, said.ErrorCode()) {
		t.Errorf("Probe of %s: %+v, %v", uri, out, err)
		return
	}
	text := said.ErrorMessage()
	if text == "" || len(text) > 500 || strings.ContainsAny(text, "\n\x1b") || strings.Contains(text, s.Data) || strings.Contains(text, "victim") || strings.Contains(text, marker) {
		t.Errorf("Probe of %s: the message is not for users: %q", uri, text)
	}
	t.Logf("Probe %-50s %s: %s", uri, said.ErrorCode(), text)
}
