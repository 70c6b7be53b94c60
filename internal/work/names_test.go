package work

import (
	"slices"
	"testing"
)

func TestBeside(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ playlist, key, want string }{
		{"a/v.m3u8", "a/v_1.m3u8", "v_1.m3u8"},
		{"v.m3u8", "v_1.m3u8", "v_1.m3u8"},
		{"o/h.m3u8", "o/h/720/v.m3u8", "h/720/v.m3u8"},
		{"o/h/720/v.m3u8", "o/h/seg/v_00001.ts", "../seg/v_00001.ts"},
	} {
		if got := beside(tc.playlist, tc.key); got != tc.want {
			t.Errorf("%s from %s: got %s, want %s", tc.key, tc.playlist, got, tc.want)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	got := Resolve([]string{"-i", "$INPUT_0", "$WORK/a.mp4", "$WORK/b_%07d.jpg", "$WORKS", "x$INPUT_0"}, []string{"/in/-x.mp4"}, "/data/50% off")
	want := []string{"-i", "file:/in/-x.mp4", "file:/data/50% off/a.mp4", "file:./b_%07d.jpg", "$WORKS", "x$INPUT_0"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
