package app

import (
	"bytes"
	"compress/gzip"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"spool/internal/hls"
	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/internal/work"
)

// Parts of jobs with HLS groups.
const (
	hlsVideo = `"ContainerSettings":{"Container":"M3U8"},"VideoDescription":{"Width":160,"Height":90,"CodecSettings":{"Codec":"H_264","H264Settings":{"RateControlMode":"QVBR","MaxBitrate":400000,"QualityTuningLevel":"SINGLE_PASS"}}}`
	hlsLarge = `"ContainerSettings":{"Container":"M3U8"},"VideoDescription":{"Width":320,"Height":180,"CodecSettings":{"Codec":"H_264","H264Settings":{"RateControlMode":"QVBR","MaxBitrate":800000,"QualityTuningLevel":"SINGLE_PASS"}}}`
	hlsSound = `"AudioDescriptions":[{"StreamName":"Stereo","LanguageCode":"ENG","LanguageCodeControl":"USE_CONFIGURED","CodecSettings":{"Codec":"AAC","AacSettings":{"Bitrate":96000,"CodingMode":"CODING_MODE_2_0","SampleRate":48000}}}]`
	hlsMono  = `"ContainerSettings":{"Container":"M3U8"},"AudioDescriptions":[{"CodecSettings":{"Codec":"AAC","AacSettings":{"Bitrate":64000,"CodingMode":"CODING_MODE_1_0","SampleRate":48000}}}]`
	hlsKey   = "000102030405060708090a0b0c0d0e0f"
)

// hlsJob writes a job from pairs of group settings and outputs.
func hlsJob(pairs ...string) string {
	var groups []string
	for i := 0; i < len(pairs); i += 2 {
		groups = append(groups, `{"OutputGroupSettings":{"Type":"HLS_GROUP_SETTINGS","HlsGroupSettings":{`+pairs[i]+`}},"Outputs":[`+pairs[i+1]+`]}`)
	}
	return `{"Settings":{"TimecodeConfig":{"Source":"SPECIFIEDSTART","Start":"10:00:00:15","TimestampOffset":"2026-05-04"},
		"Inputs":[{"FileInput":"s3://in/clip.mp4","AudioSelectors":{"Audio Selector 1":{"DefaultSelection":"DEFAULT"}}}],"OutputGroups":[` + strings.Join(groups, ",") + `]}}`
}

// run runs a bench to its end.
func (b bench) run(t *testing.T) {
	t.Helper()
	if _, err := b.runner.Run(t.Context(), b.order, work.Observer{}); err != nil {
		t.Fatalf("%v", err)
	}
}

// read gives a published file, unpacked, and lints it if it is a playlist.
func (b bench) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(b.local.dir, "out", name))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	if strings.HasSuffix(name, ".m3u8") {
		for _, wrong := range testkit.LintPlaylist(string(data)) {
			t.Errorf("%s: %s\n%s", name, wrong, data)
		}
	}
	return string(data)
}

// whole joins the segments of a stream into one file.
func (b bench) whole(t *testing.T, name string) string {
	t.Helper()
	segments, err := hls.ParseMedia(b.read(t, name))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, s := range segments {
		all.WriteString(b.read(t, filepath.Join(filepath.Dir(name), s.Name)))
	}
	return b.keep(t, all.String())
}

func (b bench) keep(t *testing.T, data string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "whole.ts")
	if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			t.Errorf("%q is missing in\n%s", line, text)
		}
	}
}

// TestHLSGroups runs one job whose groups take every form that playlists and
// segments can have, and looks at what a viewer would get.
func TestHLSGroups(t *testing.T) {
	t.Parallel()
	b := newBench(t, hlsJob(
		`"Destination":"s3://out/a/","SegmentLength":2,"DirectoryStructure":"SUBDIRECTORY_PER_STREAM","SegmentsPerSubdirectory":2,
			"ProgramDateTime":"INCLUDE","ProgramDateTimePeriod":3,"AdditionalManifests":[{"ManifestNameModifier":"-small","SelectedOutputs":["_v","_s"]}]`,
		`{"NameModifier":"_v","OutputSettings":{"HlsSettings":{"AudioRenditionSets":"g"}},`+hlsVideo+`},
		 {"NameModifier":"_w","OutputSettings":{"HlsSettings":{"AudioRenditionSets":"g"}},`+hlsLarge+`},
		 {"NameModifier":"_s","OutputSettings":{"HlsSettings":{"AudioGroupId":"g","AudioOnlyContainer":"M2TS","AudioTrackType":"ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT"}},"ContainerSettings":{"Container":"M3U8"},`+hlsSound+`},
		 {"NameModifier":"_m","OutputSettings":{"HlsSettings":{"AudioGroupId":"g","AudioOnlyContainer":"M2TS","AudioTrackType":"ALTERNATE_AUDIO_AUTO_SELECT","DescriptiveVideoServiceFlag":"FLAG"}},`+hlsMono+`}`,
		`"Destination":"s3://out/b/","SegmentLength":2,"SegmentControl":"SINGLE_FILE","ManifestCompression":"GZIP","BaseUrl":"https://cdn.example.com/x/"`,
		`{"NameModifier":"_v",`+hlsVideo+`,`+hlsSound+`}`,
		`"Destination":"s3://out/c/","SegmentLength":2,"Encryption":{"EncryptionMethod":"AES128","Type":"STATIC_KEY","StaticKeyProvider":{"StaticKeyValue":"`+hlsKey+`","Url":"https://keys.example.com/1"}}`,
		`{"NameModifier":"_v",`+hlsVideo+`,`+hlsSound+`}`,
		`"Destination":"s3://out/d/","SegmentLength":2,"Encryption":{"EncryptionMethod":"SAMPLE_AES","Type":"STATIC_KEY","StaticKeyProvider":{"StaticKeyValue":"`+hlsKey+`","Url":"key"}}`,
		`{"NameModifier":"_v","OutputSettings":{"HlsSettings":{"IFrameOnlyManifest":"INCLUDE"}},`+hlsVideo+`,`+hlsSound+`}`,
		`"Destination":"s3://out/e/","SegmentLength":2,"ImageBasedTrickPlay":"THUMBNAIL_AND_FULLFRAME","TimedMetadataId3Frame":"TDRL","TimedMetadataId3Period":2`,
		`{"NameModifier":"_v","OutputSettings":{"HlsSettings":{"IFrameOnlyManifest":"INCLUDE_AS_TS"}},`+strings.Replace(hlsVideo, `"Container":"M3U8"`, `"Container":"M3U8","M3u8Settings":{"TimedMetadata":"PASSTHROUGH"}`, 1)+`},
		 {"NameModifier":"_s","ContainerSettings":{"Container":"M3U8"},`+hlsSound+`}`,
	), fiveSeconds(t))
	b.run(t)

	want := []string{"out/a/clip-small.m3u8", "out/a/clip.m3u8"}
	for _, s := range []string{"m", "s", "v", "w"} {
		want = append(want, "out/a/clip_"+s+".m3u8", "out/a/clip_"+s+"/00001/clip_"+s+"_00001.ts", "out/a/clip_"+s+"/00001/clip_"+s+"_00002.ts", "out/a/clip_"+s+"/00002/clip_"+s+"_00003.ts")
	}
	want = append(want, "out/b/clip.m3u8", "out/b/clip_v.m3u8", "out/b/clip_v.ts",
		"out/c/clip.m3u8", "out/c/clip_v.m3u8", "out/c/clip_v_00001.ts", "out/c/clip_v_00002.ts", "out/c/clip_v_00003.ts")
	want = append(want, "out/d/clip.m3u8", "out/d/clip_v.m3u8", "out/d/clip_v_00001.ts", "out/d/clip_v_00002.ts", "out/d/clip_v_00003.ts", "out/d/clip_v_I-Frame.m3u8",
		"out/e/clip.m3u8", "out/e/clip_v.m3u8", "out/e/clip_v_00001.ts", "out/e/clip_v_00002.ts", "out/e/clip_v_00003.ts", "out/e/clip_v_I-Frame.m3u8",
		"out/e/clip_v_I-Frame_00001.ts", "out/e/clip_v_I-Frame_00002.ts", "out/e/clip_v_I-Frame_00003.ts",
		"out/e/clip_s.m3u8", "out/e/clip_s_00001.aac", "out/e/clip_s_00002.aac", "out/e/clip_s_00003.aac",
		"out/e/clip_v_thumbnails.m3u8", "out/e/clip_v_thumbnails_00001.jpg",
		"out/e/clip_v_frames.m3u8", "out/e/clip_v_frames_00001.jpg", "out/e/clip_v_frames_00002.jpg", "out/e/clip_v_frames_00003.jpg")
	got := b.published(t)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}

	t.Run("renditions", func(t *testing.T) {
		master := b.read(t, "a/clip.m3u8")
		wantLines(t, master, "#EXT-X-VERSION:5", // for the described-video flag
			`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="g",LANGUAGE="eng",NAME="Stereo",AUTOSELECT=YES,DEFAULT=YES,CHANNELS="2",URI="clip_s.m3u8"`,
			`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="g",NAME="Alternate Audio",AUTOSELECT=YES,DEFAULT=NO,CHANNELS="1",CHARACTERISTICS="public.accessibility.describes-video",URI="clip_m.m3u8"`)
		if n := len(regexp.MustCompile(`CODECS="avc1\.[0-9a-f.]+,mp4a\.40\.2",RESOLUTION=\d+x\d+,FRAME-RATE=30\.000,AUDIO="g"\n`).FindAllString(master, -1)); n != 2 {
			t.Errorf("%d variants with sound in\n%s", n, master)
		}
		small := b.read(t, "a/clip-small.m3u8")
		if strings.Count(small, "STREAM-INF") != 1 || strings.Count(small, "TYPE=AUDIO") != 1 {
			t.Errorf("the additional manifest is\n%s", small)
		}
		wantLines(t, b.read(t, "a/clip_v.m3u8"), "#EXT-X-PROGRAM-DATE-TIME:2026-05-04T10:00:00.500Z", "#EXT-X-PROGRAM-DATE-TIME:2026-05-04T10:00:04.500Z")
		if numbers := testkit.FrameNumbers(t, b.whole(t, "a/clip_w.m3u8")); len(numbers) != 150 || numbers[0] != 0 || numbers[149] != 149 {
			t.Errorf("%d frames", len(numbers))
		}
	})
	t.Run("one file", func(t *testing.T) {
		text := b.read(t, "b/clip_v.m3u8")
		segments, err := hls.ParseMedia(text)
		if err != nil || len(segments) != 3 {
			t.Fatalf("%d segments, %v", len(segments), err)
		}
		file := b.read(t, "b/clip_v.ts")
		next := int64(0)
		for n, s := range segments {
			if s.Name != "https://cdn.example.com/x/clip_v.ts" || s.Offset != next || s.Offset+s.Size > int64(len(file)) || file[s.Offset] != 0x47 {
				t.Errorf("segment %d: %+v", n, s)
			}
			next += s.Size
		}
		if next != int64(len(file)) {
			t.Errorf("the ranges end at %d of %d", next, len(file))
		}
		inSync(t, b.keep(t, file))
	})
	t.Run("changed", b.samples)
	t.Run("encrypted", func(t *testing.T) {
		wantLines(t, b.read(t, "c/clip_v.m3u8"), `#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example.com/1"`)
		var all strings.Builder
		for n := 1; n <= 3; n++ {
			data := []byte(b.read(t, "c/clip_v_0000"+strconv.Itoa(n)+".ts"))
			if len(data)%16 != 0 || data[0] == 0x47 && data[188] == 0x47 {
				t.Fatalf("segment %d is not encrypted", n)
			}
			all.Write(decrypted(t, data, n))
		}
		inSync(t, b.keep(t, all.String()))
	})
}

// samples looks at the groups whose transport streams are changed after FFmpeg
// has written them.
func (b bench) samples(t *testing.T) {
	out := filepath.Join(b.local.dir, "out")
	key, err := hex.DecodeString(hlsKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, "d", "key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	wantLines(t, b.read(t, "d/clip_v.m3u8"), "#EXT-X-VERSION:5", `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="key"`)
	// FFmpeg forgets to decrypt the very last packets
	if numbers := testkit.FrameNumbers(t, filepath.Join(out, "d", "clip_v.m3u8"), "-allowed_extensions", "ALL"); len(numbers) < 140 || !slices.IsSorted(numbers[:140]) || numbers[139] != 139 {
		t.Errorf("of the encrypted samples %d pictures come back: %v", len(numbers), numbers)
	}
	master := b.read(t, "d/clip.m3u8")
	if !regexp.MustCompile(`\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1\.[0-9a-f.]+",RESOLUTION=160x90,URI="clip_v_I-Frame\.m3u8"\n`).MatchString(master) {
		t.Errorf("the key frames are missing in\n%s", master)
	}
	for _, group := range []string{"d", "e"} {
		frames, err := hls.ParseMedia(b.read(t, group+"/clip_v_I-Frame.m3u8"))
		if err != nil || len(frames) != 3 {
			t.Fatalf("%d key frames, %v", len(frames), err)
		}
		if group == "d" {
			continue
		}
		for n, f := range frames {
			if numbers := testkit.FrameNumbers(t, filepath.Join(out, group, f.Name)); !slices.Equal(numbers, []int{60 * n}) {
				t.Errorf("key frame %d shows %v", n, numbers)
			}
		}
	}
	tags, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", "d", "-show_entries", "packet=pts_time", "-of", "csv=p=0", b.whole(t, "e/clip_v.m3u8")).Output()
	if err != nil || strings.Join(strings.FieldsFunc(string(tags), func(r rune) bool { return r == 0x2c || r == 0x0a }), " ") != "2.000000 4.000000 6.000000" {
		t.Errorf("timed metadata at %q, %v", tags, err)
	}
	wantLines(t, b.read(t, "e/clip_v_thumbnails.m3u8"), "#EXT-X-VERSION:7", "#EXT-X-IMAGES-ONLY", "#EXTINF:5,", "#EXT-X-TILES:RESOLUTION=312x176,LAYOUT=5x5,DURATION=2")
	b.read(t, "e/clip_v_frames.m3u8")
	if !strings.Contains(b.read(t, "e/clip.m3u8"), `RESOLUTION=312x176,CODECS="jpeg",URI="clip_v_thumbnails.m3u8"`) {
		t.Error("the thumbnails are not announced")
	}
	for n := range 3 {
		if got := testkit.FrameNumberOfImage(t, filepath.Join(out, "e", "clip_v_frames_0000"+strconv.Itoa(n+1)+".jpg")); got != 60*n {
			t.Errorf("image %d shows frame %d", n+1, got)
		}
	}
	raw := b.read(t, "e/clip_s_00002.aac")
	if !strings.HasPrefix(raw, "ID3") || !strings.Contains(raw[:80], "com.apple.streaming.transportStreamTimestamp\x00") {
		t.Errorf("raw sound begins with %q", raw[:80])
	}
	flashes, beeps := testkit.Flashes(t, filepath.Join(out, "e", "clip_v.m3u8"), "-allowed_extensions", "ALL"), testkit.Beeps(t, filepath.Join(out, "e", "clip_s.m3u8"), "-allowed_extensions", "ALL")
	if len(flashes) == 0 || len(flashes) != len(beeps) {
		t.Fatalf("flashes at %v, beeps at %v", flashes, beeps)
	}
	for i := range flashes {
		if off := beeps[i] - flashes[i]; off.Abs() > 50*time.Millisecond {
			t.Errorf("beep %d comes %v after its flash", i, off)
		}
	}
}

// decrypted undoes AES-128 with the standard library alone.
func decrypted(t *testing.T, data []byte, n int) []byte {
	t.Helper()
	key, err := hex.DecodeString(hlsKey)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	iv := make([]byte, 16)
	iv[15] = byte(n)
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(data, data)
	return data[:len(data)-int(data[len(data)-1])]
}

// inSync holds a stream of fiveSeconds against its source: every frame is there,
// and the beeps sound when the picture flashes.
func inSync(t *testing.T, file string) {
	t.Helper()
	numbers := testkit.FrameNumbers(t, file)
	if len(numbers) != 150 || numbers[0] != 0 || numbers[149] != 149 {
		t.Errorf("%d frames", len(numbers))
	}
	flashes, beeps := testkit.Flashes(t, file), testkit.Beeps(t, file)
	if len(flashes) == 0 || len(flashes) != len(beeps) {
		t.Fatalf("flashes at %v, beeps at %v", flashes, beeps)
	}
	for i := range flashes {
		if off := beeps[i] - flashes[i]; off.Abs() > 25*time.Millisecond {
			t.Errorf("beep %d comes %v after its flash", i, off)
		}
	}
}

// TestHLSToneAcrossJoins plays the segments of a stream as one: a tone must go
// through the joins without a break, in segments with pictures and without.
func TestHLSToneAcrossJoins(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t)
	clip := filepath.Join(t.TempDir(), "tone.mp4")
	tone := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=30000/1001:d=7",
		"-f", "lavfi", "-i", "sine=f=440:r=48000:d=7", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le", "-f", "mov", clip)
	if out, err := tone.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b := newBench(t, hlsJob(`"Destination":"s3://out/a/","SegmentLength":2`,
		`{"NameModifier":"_v",`+hlsVideo+`,`+hlsSound+`},{"NameModifier":"_s","OutputSettings":{"HlsSettings":{"AudioOnlyContainer":"M2TS"}},"ContainerSettings":{"Container":"M3U8"},`+hlsSound+`}`), clip)
	b.run(t)
	for _, name := range []string{"a/clip_v.m3u8", "a/clip_s.m3u8"} {
		file := b.whole(t, name)
		out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-i", file, "-vn", "-ac", "1", "-f", "f32le", "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		samples := make([]float32, len(out)/4)
		if err := binary.Read(bytes.NewReader(out), binary.LittleEndian, samples); err != nil {
			t.Fatal(err)
		}
		if seconds := float64(len(samples)) / 48000; math.Abs(seconds-7) > 0.06 {
			t.Errorf("%s: %.3f s of sound instead of 7", name, seconds)
		}
		// the tone rises by 0.0072 from sample to sample at most and what AAC adds; a lost frame would make it jump by 0.1
		worst, at := 0.0, 0
		for i := 4800; i < len(samples)-4800; i++ {
			if d := math.Abs(float64(samples[i] - samples[i-1])); d > worst {
				worst, at = d, i
			}
		}
		if worst > 0.02 || worst < 0.004 {
			t.Errorf("%s: the tone jumps by %.4f at %.3f s", name, worst, float64(at)/48000)
		}
	}
}

// TestHLSNothingHalf: whatever is wrong with the streams of a group that are
// changed after FFmpeg has written them, nothing of the job is published.
func TestHLSNothingHalf(t *testing.T) {
	t.Parallel()
	clip := fiveSeconds(t)
	at := func(name string, do func(path string) error) func(string) error {
		return func(dir string) error {
			path := filepath.Join(dir, name)
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				return do(path)
			}
			return nil // its task comes later
		}
	}
	job := hlsJob(`"Destination":"s3://out/a/","SegmentLength":2,"SegmentControl":"SINGLE_FILE","ImageBasedTrickPlay":"THUMBNAIL_AND_FULLFRAME",
			"Encryption":{"EncryptionMethod":"SAMPLE_AES","Type":"STATIC_KEY","StaticKeyProvider":{"StaticKeyValue":"`+hlsKey+`","Url":"key"}}`,
		`{"NameModifier":"_v","OutputSettings":{"HlsSettings":{"IFrameOnlyManifest":"INCLUDE_AS_TS"}},`+hlsVideo+`,`+hlsSound+`}`,
		`"Destination":"s3://out/b/","SegmentLength":2`,
		`{"NameModifier":"_s","ContainerSettings":{"Container":"M3U8"},`+hlsSound+`}`)
	for name, after := range map[string]func(dir string) error{
		"an image is missing": at("g0_frames_00002.jpg", os.Remove),
		"an image too many":   at("g0_thumbnails_00001.jpg", func(p string) error { return os.Link(p, strings.Replace(p, "00001", "00002", 1)) }),
		"an image of another size": at("g0_frames_00001.jpg", func(p string) error {
			return errors.Join(os.Remove(p), os.Link(filepath.Join(filepath.Dir(p), "g0_thumbnails_00001.jpg"), p))
		}),
		"a packet of a segment is cut":    at("g0_o0_00003.ts", func(p string) error { return cutOff(p, 100) }),
		"sound that is no stream now":     at("g1_o0_00002.ts", func(p string) error { return scramble(p, 188*3) }),
		"a segment that is no stream now": at("g0_o0_00002.ts", func(p string) error { return scramble(p, 188) }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, job, clip)
			b.runner.Tools = &sabotaged{Tools: b.runner.Tools, after: after}
			_, err := b.runner.Run(t.Context(), b.order, work.Observer{})
			var failure *spool.Failure
			if !errors.As(err, &failure) {
				t.Fatalf("got %v, want a failure", err)
			}
			if got := b.published(t); len(got) > 0 {
				t.Errorf("published: %q", got)
			}
		})
	}
}

// cutOff takes bytes off the end of a file.
func cutOff(path string, n int64) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return os.Truncate(path, info.Size()-n)
}

// scramble writes zeros over a part of a file.
func scramble(path string, at int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(make([]byte, 100), at)
	return errors.Join(err, f.Close())
}
