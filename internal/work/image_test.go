package work

import (
	"bytes"
	"strings"
	"testing"
)

func TestImageHead(t *testing.T) {
	t.Parallel()
	pad := func(b ...byte) []byte { return append(b, make([]byte, 32)...)[:32] }
	for name, tc := range map[string]struct {
		head   []byte
		format string
		w, h   int
	}{
		"png":             {pad([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x01\x00\x00\x00\x00\x80")...), "png", 256, 128},
		"bmp":             {pad([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x28\x00\x00\x00\x20\x00\x00\x00\xf0\xff\xff\xff")...), "bmp", 32, 16},
		"bmp of OS/2":     {pad([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0c\x00\x00\x00\x20\x00\x10\x00")...), "bmp", 32, 16},
		"tga":             {pad(0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 32, 0, 32, 8), "tga", 64, 32},
		"text":            {[]byte("this is no image at all, is it?!"), "", 0, 0},
		"nothing":         {nil, "", 0, 0},
		"a PNG cut short": {[]byte("\x89PNG\r\n\x1a\n"), "", 0, 0},
	} {
		if format, w, h := imageHead(tc.head); format != tc.format || w != tc.w || h != tc.h {
			t.Errorf("%s: got %s %dx%d", name, format, w, h)
		}
	}
}

const identity = "# an identity\nTITLE \"x\"\nLUT_3D_SIZE 2\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 1 1\n\n0 0 0\n1 0 0\n0 1 0\n1 1 0\n0 0 1\n1 0 1\n0 1 1\n1 1 1\n"

func TestCleanLUT(t *testing.T) {
	t.Parallel()
	got, err := cleanLUT([]byte(identity))
	if err != nil || strings.Count(string(got), "\n") != 3+8 || strings.Contains(string(got), "TITLE") {
		t.Errorf("got %q, %v", got, err)
	}
	for name, text := range map[string]string{
		"nothing": "", "no size": "0 0 0\n", "one dimension": "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n", "too large": "LUT_3D_SIZE 999\n", "too few": "LUT_3D_SIZE 2\n0 0 0\n",
		"too many": identity + "0 0 0\n", "no number": "LUT_3D_SIZE 2\nNaN 0 0\n", "not finite": "LUT_3D_SIZE 2\n1e300 0 0\n", "four": "LUT_3D_SIZE 2\n0 0 0 0\n", "another word": "LUT_3D_SIZE 2\nINCLUDE /etc/passwd x\n",
	} {
		if out, err := cleanLUT([]byte(text)); err == nil {
			t.Errorf("%s is taken: %q", name, out)
		}
	}
}

// FuzzCleanLUT: what comes out is taken again and stays the same.
func FuzzCleanLUT(f *testing.F) {
	f.Add([]byte(identity))
	f.Add([]byte("LUT_3D_SIZE 2\n-1.5e3 inf 0x1p-2\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		once, err := cleanLUT(text)
		if err != nil {
			return
		}
		if twice, err := cleanLUT(once); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%q becomes %q: %v", once, twice, err)
		}
	})
}
