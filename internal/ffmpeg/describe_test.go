package ffmpeg

import "testing"

// TestDocType reads the document type however its length is written, and
// nothing from what is cut short.
func TestDocType(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]string{
		"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04":             "webm",
		"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska":                                         "matroska",
		"\x1a\x45\xdf\xa3\x9f\x42\x82\x40\x04webm":                                         "webm",
		"\x1a\x45\xdf\xa3\x9f\x42\x82\x01\x00\x00\x00\x00\x00\x00\x06webm\x00\x00\x42\x87": "webm",
		"\x1a\x45\xdf\xa3\x9f\x42\x82\x84web":                                              "",
		"\x1a\x45\xdf\xa3\x9f\x42\x82\x00webm":                                             "",
		"\x1a\x45\xdf\xa3\x9f\x42\x82":                                                     "",
		"\x1a\x45\xdf\xa3\x9f\x42\x82\x01\x00":                                             "",
		"":                                                                                 "",
	} {
		if got := docType([]byte(head)); got != want {
			t.Errorf("%q: %q, want %q", head, got, want)
		}
	}
}

// TestPlainTimecode takes only what is a timecode.
func TestPlainTimecode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"01:02:03:04": "01:02:03:04", "01:02:03;04": "01:02:03;04", "01:02:03.04": "01:02:03;04", "10:59:59:119": "10:59:59:119",
		"": "", "1:2:3:4": "", "01:60:03:04": "", "01:02:03:04\x1b[31m": "", "hello": "", "01:02:03": "",
	} {
		if got := plainTimecode(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
