package mp4_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"spool/internal/mp4"
	"spool/internal/spool"
	"spool/internal/testkit"
)

// fragmented makes a fragmented file of a clip of three seconds, a key frame in
// each.
func fragmented(t testing.TB, args ...string) []byte {
	t.Helper()
	clip := testkit.Clip(t, testkit.ClipSpec{Seconds: 3, W: 320, H: 180, FPS: spool.Rational{Num: 25, Den: 1}, Audio: testkit.Stereo, GOP: 25, Extra: []string{"-bf", "2"}})
	path := filepath.Join(t.TempDir(), "f.mp4")
	all := append([]string{"-v", "error", "-i", clip, "-map", "0", "-c", "copy"}, args...)
	if out, err := exec.Command("ffmpeg", append(all, path)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, out)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func read(t *testing.T, data []byte) (mp4.Header, []mp4.Fragment) {
	t.Helper()
	r, size := bytes.NewReader(data), int64(len(data))
	h, err := mp4.ReadHeader(r, size)
	if err != nil {
		t.Fatal(err)
	}
	fragments, err := mp4.ReadFragments(r, size, h)
	if err != nil {
		t.Fatal(err)
	}
	return h, fragments
}

func TestFragments(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"MP4":    {"-movflags", "frag_keyframe+empty_moov+default_base_moof+separate_moof", "-f", "mp4"},
		"Smooth": {"-movflags", "frag_keyframe", "-f", "ismv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, fragments := read(t, fragmented(t, args...))
			if len(h.Tracks) != 2 {
				t.Fatalf("%d tracks", len(h.Tracks))
			}
			v, a := h.Tracks[0], h.Tracks[1]
			if v.Handler != "vide" || v.Entry != "avc1" || v.Width != 320 || v.Height != 180 || len(v.Config) < 7 || v.Config[0] != 1 {
				t.Errorf("the video track is %+v", v)
			}
			if a.Handler != "soun" || a.Entry != "mp4a" || a.Channels != 2 || a.SampleRate != 48000 || len(a.Config) < 2 || a.Config[0] != 0x11 {
				t.Errorf("the audio track is %+v", a)
			}
			frames, pictures := 0, 0
			var next uint64
			for _, f := range fragments {
				if f.Absolute != (name == "Smooth") {
					t.Errorf("the time is absolute: %t", f.Absolute)
				}
				if f.Track != v.ID {
					continue
				}
				pictures++
				frames += f.Samples
				if f.Decode != next || !f.Sync || f.Keys != 1 {
					t.Errorf("fragment %d: %+v", pictures, f)
				}
				next += f.Duration
			}
			if frames != 75 || pictures != 3 || next != 3*uint64(v.Timescale) {
				t.Errorf("%d frames in %d fragments, %d ticks of %d", frames, pictures, next, v.Timescale)
			}
		})
	}
}

func TestIndex(t *testing.T) {
	t.Parallel()
	if _, err := mp4.ReadIndex(bytes.NewReader(nil), 0); err == nil {
		t.Error("an empty file has an index")
	}
	data := fragmented(t, "-an", "-movflags", "frag_keyframe+empty_moov+default_base_moof+global_sidx", "-f", "mp4")
	x, err := mp4.ReadIndex(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	_, fragments := read(t, data)
	if len(x.Parts) != len(fragments) {
		t.Fatalf("%d parts for %d fragments", len(x.Parts), len(fragments))
	}
	for i, p := range x.Parts {
		if p.Offset != fragments[i].Offset || p.Size != fragments[i].Size || uint64(p.Duration) != fragments[i].Duration || !p.Key {
			t.Errorf("part %d is %+v, the fragment %+v", i, p, fragments[i])
		}
	}
}

// A file that is cut anywhere is an error or has less in it, and never more.
func TestCut(t *testing.T) {
	t.Parallel()
	data := fragmented(t, "-movflags", "frag_keyframe", "-f", "ismv")
	h, whole := read(t, data)
	for n := 0; n < len(data); n += 997 {
		fragments, err := mp4.ReadFragments(bytes.NewReader(data[:n]), int64(n), h)
		if err == nil && len(fragments) >= len(whole) {
			t.Fatalf("%d bytes of %d hold all", n, len(data))
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x10moov\x00\x00\x00\x08trak"))
	f.Add(fragmented(f, "-t", "0.5", "-movflags", "frag_keyframe", "-f", "ismv"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, size := bytes.NewReader(data), int64(len(data))
		h, err := mp4.ReadHeader(r, size)
		if err != nil {
			return
		}
		fragments, err := mp4.ReadFragments(r, size, h)
		if err == nil {
			for _, x := range fragments {
				if x.Offset < 0 || x.Size <= 0 || x.Offset+x.Size > size {
					t.Errorf("a fragment goes beyond the file: %+v of %d", x, size)
				}
			}
		}
		_, _ = mp4.ReadIndex(r, size)
	})
}
