package plan

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// unescape takes one layer of escaping off, as FFmpeg's parsers do, up to a
// character that ends the word. rest begins with that character.
func unescape(text, ends string) (word, rest string) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == '\'':
			end := strings.IndexByte(text[i+1:], '\'')
			if end < 0 {
				return b.String(), ""
			}
			b.WriteString(text[i+1 : i+1+end])
			i += end + 1
		case strings.IndexByte(ends, c) >= 0:
			return b.String(), text[i:]
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}

// printable is what quoteText keeps.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}

// FuzzQuoteText: whatever the text, it comes out of both layers as it was, and
// what stands behind it stays behind it.
func FuzzQuoteText(f *testing.F) {
	for _, s := range []string{"", "take 1: ", `it's 100% [a];b,c:\d`, `\`, `'`, `\\''::`, "a\nb", "é", "=x:fontfile=/etc/passwd", "];movie=x["} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		args, rest := unescape("text="+quoteText(text)+":x=1,null", "[],;")
		if rest != ",null" {
			t.Fatalf("%q ends the filter early: %q", text, rest)
		}
		value, rest := unescape(strings.TrimPrefix(args, "text="), ":")
		if value != printable(text) || rest != ":x=1" {
			t.Fatalf("%q is read as %q, then %q", text, value, rest)
		}
	})
}

// TestQuoteTextDrawn: FFmpeg itself draws a quoted text as it draws one from a file.
func TestQuoteTextDrawn(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is missing")
	}
	dir := t.TempDir()
	draw := func(option string) []byte {
		cmd := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=gray:s=480x32",
			"-filter_complex", "[0:v]drawtext=font=Mono:expansion=none:"+option+":x=2:y=2,format=gray", "-frames:v", "1", "-f", "rawvideo", "-")
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil || len(out) != 480*32 {
			t.Fatalf("%s: %v, %d bytes", option, err, len(out))
		}
		return out
	}
	for _, text := range []string{`a'b:c,d;[e]\f%g={h}`, `\\'':;,`, `%{pts} 100% it's`, `:x=9:y=9`} {
		if err := os.WriteFile(filepath.Join(dir, "text.txt"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(draw("text="+quoteText(text)), draw("textfile=text.txt")) {
			t.Errorf("%s is drawn as something else", text)
		}
	}
}
