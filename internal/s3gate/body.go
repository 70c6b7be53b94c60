package s3gate

import (
	"errors"
	"io"

	"github.com/versity/versitygw/s3api/middlewares"
	"github.com/versity/versitygw/s3err"
)

// wholeBody turns the end of a body before its declared length into
// IncompleteBody. The backend takes it for the end of the object: a client that
// hangs up during a presigned PUT would leave half a video stored as whole.
func wholeBody(body io.Reader, declared *int64) io.Reader {
	if body == nil {
		return nil
	}
	r := &lengthReader{r: body}
	if declared != nil {
		r.left = *declared
		r.declared = *declared
	}
	// The backend asks a body by type whether it carries a trailing checksum.
	if sums, ok := body.(middlewares.ChecksumReader); ok {
		return &checksumLengthReader{lengthReader: r, sums: sums}
	}
	return r
}

type lengthReader struct {
	r              io.Reader
	left, declared int64
}

func (l *lengthReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.left -= int64(n)
	switch {
	case l.left < 0 && l.declared == 0: // Transfer-Encoding: chunked and no length
		return n, s3err.GetAPIError(s3err.ErrMissingContentLength)
	case l.left < 0, l.left > 0 && errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return n, s3err.GetAPIError(s3err.ErrIncompleteBody)
	}
	return n, err
}

type checksumLengthReader struct {
	*lengthReader
	sums middlewares.ChecksumReader
}

func (c *checksumLengthReader) Algorithm() string { return c.sums.Algorithm() }
func (c *checksumLengthReader) Checksum() string  { return c.sums.Checksum() }
