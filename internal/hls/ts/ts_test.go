package ts

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spool/internal/testkit"
)

// stream makes a real transport stream: two seconds, a key frame each half.
func stream(t *testing.T, audio ...string) []byte {
	t.Helper()
	testkit.NeedTools(t)
	file := filepath.Join(t.TempDir(), "a.ts")
	args := []string{"-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=2", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=2",
		"-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "12", "-keyint_min", "12", "-b:v", "500k"}
	args = append(append(args, audio...), "-output_ts_offset", "0.6", "-f", "mpegts", file)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var (
	testKey = []byte("0123456789abcdef")
	testIV  = []byte("fedcba9876543210")
)

type packet struct {
	Kind  string `json:"codec_type"`
	PTS   int64  `json:"pts"`
	Pos   string `json:"pos"`
	Flags string `json:"flags"`
}

// probed lists the packets that ffprobe finds.
func probed(t *testing.T, data []byte) []packet {
	t.Helper()
	file := filepath.Join(t.TempDir(), "p.ts")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-show_packets", "-of", "json", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Packets []packet }
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	return got.Packets
}

// decoded gives a sum for each picture and each block of sound. FFmpeg looks
// into encrypted streams once before it decrypts them, and complains then.
func decoded(t *testing.T, input string, complains bool, args ...string) string {
	t.Helper()
	all := append(append([]string{"-v", "error"}, args...), "-i", input, "-map", "0:v?", "-map", "0:a?", "-f", "framemd5", "-")
	cmd := exec.CommandContext(t.Context(), "ffmpeg", all...)
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil || !complains && errors.Len() > 0 {
		t.Fatalf("%v\n%s", err, errors.String())
	}
	return string(out)
}

// TestWalk finds the same units, times and key frames as ffprobe.
func TestWalk(t *testing.T) {
	t.Parallel()
	data := stream(t, "-c:a", "aac")
	var pictures []Unit
	end := int64(0)
	if err := Walk(bytes.NewReader(data), func(u *Unit) error {
		if u.Offset < end || u.Start < u.Offset || u.End <= u.Start {
			t.Errorf("unit at %d..%d..%d after %d", u.Offset, u.Start, u.End, end)
		}
		end = u.End
		if u.Type == TypeH264 {
			pictures = append(pictures, *u)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range probed(t, data) {
		if p.Kind != "video" {
			continue
		}
		if u := pictures[n]; u.PTS != p.PTS || u.Key != strings.HasPrefix(p.Flags, "K") {
			t.Errorf("picture %d: %d %v, ffprobe says %+v", n, u.PTS, u.Key, p)
		}
		n++
	}
	if n != len(pictures) || n != 50 || pictures[0].PTS != 180000 {
		t.Errorf("%d pictures, %d probed, the first at %d", len(pictures), n, pictures[0].PTS)
	}
	// every key frame can be decoded from its own bytes alone
	keys := 0
	for _, u := range pictures {
		if !u.Key {
			continue
		}
		keys++
		alone := data[u.Offset:u.End]
		if got := probed(t, alone); len(got) != 1 || got[0].Kind != "video" || got[0].PTS != u.PTS {
			t.Errorf("the key frame at %d alone: %+v", u.PTS, got)
		}
		var single bytes.Buffer
		if err := Single(&single, alone); err != nil || !bytes.Equal(single.Bytes()[:Size], alone[:Size]) {
			t.Errorf("%v", err)
		}
		if got := probed(t, single.Bytes()); len(got) != 1 || got[0].PTS != u.PTS {
			t.Errorf("the single frame at %d: %+v", u.PTS, got)
		}
	}
	if keys != 5 {
		t.Errorf("%d key frames", keys)
	}
}

// TestTags: metadata comes out where it was put in, and nothing else changes.
func TestTags(t *testing.T) {
	t.Parallel()
	data := stream(t, "-c:a", "aac")
	tags := []Tag{{180000, ID3(Released("2026-05-04T10:00:00"))}, {225000, ID3(Private("a.b", bytes.Repeat([]byte("x"), 400)))}, {9e6, ID3(Released("2026"))}}
	for _, tag := range tags {
		if !Whole(tag.Data) || Whole(tag.Data[:len(tag.Data)-1]) || Whole([]byte("IDX")) {
			t.Error("Whole")
		}
	}
	r := Rewriter{Tags: slices.Clone(tags), TagPID: 502}
	var out bytes.Buffer
	if err := r.Segment(&out, bytes.NewReader(data), nil); err != nil {
		t.Fatal(err)
	}
	if len(r.Tags) != 1 {
		t.Errorf("%d tags are left", len(r.Tags))
	}
	var plain, changed []packet
	var at []int64
	for _, p := range probed(t, out.Bytes()) {
		if p.Kind == "data" {
			at = append(at, p.PTS)
			continue
		}
		p.Pos = ""
		changed = append(changed, p)
	}
	for _, p := range probed(t, data) {
		p.Pos = ""
		plain = append(plain, p)
	}
	if !slices.Equal(plain, changed) {
		t.Error("other packets changed")
	}
	if !slices.Equal(at, []int64{180000, 225000}) {
		t.Errorf("tags at %v", at)
	}
}

// TestSampleAES: FFmpeg plays what was encrypted, from a playlist with its key, to
// the same pictures and sound as before.
func TestSampleAES(t *testing.T) {
	t.Parallel()
	for name, audio := range map[string][]string{"aac": {"-c:a", "aac"}, "ac3": {"-c:a", "ac3"}, "eac3": {"-c:a", "eac3"}, "silent": {"-an"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := stream(t, audio...)
			dir := t.TempDir()
			s, err := NewSampleAES(testKey, testIV)
			if err != nil {
				t.Fatal(err)
			}
			var r Rewriter
			var out bytes.Buffer
			if err := r.Segment(&out, bytes.NewReader(data), s); err != nil {
				t.Fatal(err)
			}
			list := "#EXTM3U\n#EXT-X-VERSION:5\n#EXT-X-TARGETDURATION:3\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"key\",IV=0x66656463626139383736353433323130\n#EXTINF:2,\nb.ts\n#EXT-X-ENDLIST\n"
			plain := "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:3\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST\n"
			for name, content := range map[string][]byte{"a.ts": data, "b.ts": out.Bytes(), "key": testKey, "b.m3u8": []byte(list), "a.m3u8": []byte(plain)} {
				if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want := decoded(t, filepath.Join(dir, "a.m3u8"), false, "-allowed_extensions", "ALL")
			got := decoded(t, filepath.Join(dir, "b.m3u8"), true, "-allowed_extensions", "ALL")
			got, want = withoutLast(got), withoutLast(want)
			if got != want {
				t.Errorf("other pictures or sound: %s", cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
			}
			if strings.Count(want, "\n0,") < 48 {
				t.Errorf("too little was decoded:\n%s", want)
			}
		})
	}
}

// withoutLast leaves out the last two pictures and the last block of sound:
// FFmpeg forgets to decrypt the last packets of a playlist.
func withoutLast(sums string) string {
	lines := strings.Split(strings.TrimSpace(sums), "\n")
	for prefix, n := range map[string]int{"0,": 2, "1,": 1} {
		for i := len(lines) - 1; i >= 0 && n > 0; i-- {
			if strings.HasPrefix(lines[i], prefix) {
				lines = slices.Delete(lines, i, i+1)
				n--
			}
		}
	}
	return strings.Join(lines, "\n")
}

// TestPicturesByHand undoes the encryption of slices as the specification says.
func TestPicturesByHand(t *testing.T) {
	t.Parallel()
	s, err := NewSampleAES(testKey, testIV)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{10, 48, 49, 64, 192, 193, 209, 500} {
		nal := append([]byte{0x65}, bytes.Repeat([]byte{7}, n-1)...)
		out := s.pictures(append([]byte{0, 0, 0, 1, 0x67, 9, 0, 0, 1}, nal...))
		if !bytes.HasPrefix(out, []byte{0, 0, 0, 1, 0x67, 9, 0, 0, 1}) {
			t.Fatalf("headers changed: %x", out[:12])
		}
		got := bytes.ReplaceAll(out[9:], []byte{0, 0, 3}, []byte{0, 0})
		block, err := aes.NewCipher(testKey)
		if err != nil {
			t.Fatal(err)
		}
		mode := cipher.NewCBCDecrypter(block, testIV)
		sealed := 0
		if n > 48 {
			for at := 32; n-at > 16; at += 160 {
				mode.CryptBlocks(got[at:at+16], got[at:at+16])
				sealed++
			}
		}
		if !bytes.Equal(got, nal) {
			t.Errorf("%d bytes do not come back", n)
		}
		if want := map[int]int{10: 0, 48: 0, 49: 1, 64: 1, 192: 1, 193: 1, 209: 2, 500: 3}[n]; sealed != want {
			t.Errorf("%d bytes: %d blocks, want %d", n, sealed, want)
		}
	}
}

// TestSound: raw sound begins with its time, and decodes as in the stream.
func TestSound(t *testing.T) {
	t.Parallel()
	for ext, codec := range map[string]string{"aac": "aac", "ac3": "ac3", "eac3": "eac3"} {
		data := stream(t, "-c:a", codec)
		var out bytes.Buffer
		if err := Sound(&out, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(out.Bytes()[:80], []byte("com.apple.streaming.transportStreamTimestamp\x00\x00\x00\x00\x00\x00\x02")) {
			t.Errorf("%x", out.Bytes()[:80])
		}
		file := filepath.Join(t.TempDir(), "a."+ext)
		if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, want := testkit.SoundDuration(t, file).Seconds(), 2.0; got < want-0.001 || got > want+0.08 {
			t.Errorf("%s: %f s", codec, got)
		}
	}
}

// FuzzWalk: whatever comes, there is an end and no panic.
func FuzzWalk(f *testing.F) {
	pat := append([]byte{sync, 0x40, 0, 0x10, 0, 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe1, 0xe0}, filler(Size-17)...)
	f.Add(pat)
	pmt, err := programme{number: 1, clock: 481, entries: []entry{{481, TypeH264, nil}, {482, TypeAAC, descriptor(1, []byte("a"))}}}.bytes()
	if err != nil {
		f.Fatal(err)
	}
	head := []byte{0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1}
	counter := byte(0)
	all := append(append(slices.Clone(pat), tablePacket(480, pmt, 0)...), packets(481, []byte{0x40}, append(head, 0, 0, 1, 0x65, 1), &counter)...)
	f.Add(all)
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = Walk(bytes.NewReader(data), func(*Unit) error { return nil })
		s, err := NewSampleAES(testKey, testIV)
		if err != nil {
			t.Fatal(err)
		}
		r := Rewriter{Tags: []Tag{{1, ID3(Released("2026"))}}, TagPID: 502}
		var out bytes.Buffer
		if r.Segment(&out, bytes.NewReader(data), s) == nil && out.Len()%Size != 0 {
			t.Errorf("%d bytes", out.Len())
		}
		_ = Sound(&out, bytes.NewReader(data))
		_ = Single(&out, data)
	})
}
