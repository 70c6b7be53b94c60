package app

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/objects"
	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/internal/work"
)

const fromPlaylist = `{"Settings":{"Inputs":[{"FileInput":"%URI%","AudioSelectors":{"Audio Selector 1":{"DefaultSelection":"DEFAULT"}}}],
"OutputGroups":[{"OutputGroupSettings":{"Type":"FILE_GROUP_SETTINGS","FileGroupSettings":{"Destination":"s3://out/v/"}},
 "Outputs":[{"ContainerSettings":{"Container":"MP4"},"VideoDescription":{"CodecSettings":{"Codec":"H_264","H264Settings":{"RateControlMode":"QVBR","MaxBitrate":800000,"QualityTuningLevel":"SINGLE_PASS"}}},
  "AudioDescriptions":[{"CodecSettings":{"Codec":"AAC","AacSettings":{"Bitrate":96000,"CodingMode":"CODING_MODE_2_0","SampleRate":48000}}}]}]}]}}`

// TestHLSInput converts HLS streams: the heaviest variant is taken, from a bucket
// and from the web, with files as segments and with byte ranges; what is not
// taken is named.
func TestHLSInput(t *testing.T) {
	t.Parallel()
	clip := fiveSeconds(t)
	made := t.TempDir()
	for _, args := range [][]string{
		{"-hls_segment_filename", filepath.Join(made, "high seg_%03d.ts"), filepath.Join(made, "high.m3u8")},
		{"-hls_flags", "single_file", filepath.Join(made, "one.m3u8")},
		{"-vf", "scale=160:90", filepath.Join(made, "low.m3u8")},
	} {
		all := append([]string{"-v", "error", "-i", clip, "-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-c:a", "copy", "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod"}, args...)
		if out, err := exec.CommandContext(t.Context(), "ffmpeg", all...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	// as a playlist of the web would write it
	high, err := os.ReadFile(filepath.Join(made, "high.m3u8"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"high.m3u8":   strings.ReplaceAll(string(high), "high seg", "high%20seg"),
		"master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000\nlow.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS=\"avc1\"\nhigh.m3u8\n",
		"key.m3u8":    strings.Replace(string(high), "#EXTINF", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF", 1),
		"gone.m3u8":   strings.Replace(string(high), "high seg_001", "gone", 1),
		"text.m3u8":   "#EXTM3U\n#EXTINF:2,\nmaster.m3u8\n#EXT-X-ENDLIST\n",
		"often.m3u8":  "#EXTM3U\n" + strings.Repeat("#EXTINF:2,\n#EXT-X-BYTERANGE:18800@0\nhigh%20seg_000.ts\n", 400) + "#EXT-X-ENDLIST\n",
		"twice.m3u8":  "#EXTM3U\n#EXTINF:2,\nhigh%20seg_000.ts\n#EXTINF:2,\nhigh%20seg_001.ts\n#EXTINF:2,\nhigh%20seg_000.ts\n#EXT-X-ENDLIST\n",
		"out.m3u8":    "#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
	} {
		if err := os.WriteFile(filepath.Join(made, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	web := httptest.NewServer(http.FileServer(http.Dir(made)))
	t.Cleanup(web.Close)
	start := func(uri string) (bench, error) {
		b := newBench(t, strings.Replace(fromPlaylist, "%URI%", uri, 1), clip)
		b.runner.Fetcher = objects.NewFetcher(objects.FetchOptions{AllowPrivate: true})
		if err := os.CopyFS(filepath.Join(b.local.dir, "in", "a"), os.DirFS(made)); err != nil {
			t.Fatal(err)
		}
		_, err := b.runner.Run(t.Context(), b.order, work.Observer{})
		return b, err
	}
	for _, uri := range []string{"s3://in/a/master.m3u8", "s3://in/a/one.m3u8", web.URL + "/master.m3u8"} {
		b, err := start(uri)
		if err != nil {
			t.Errorf("%s: %v", uri, err)
			continue
		}
		got, err := filepath.Glob(filepath.Join(b.local.dir, "out", "v", "*.mp4"))
		if err != nil || len(got) != 1 {
			t.Fatalf("%v, %v", got, err)
		}
		if p := testkit.Probe(t, got[0]); p.Of("video").Width != 320 {
			t.Errorf("%s: %d px wide", uri, p.Of("video").Width)
		}
		inSync(t, got[0])
	}
	t.Run("a disk that fills up", func(t *testing.T) {
		b := newBench(t, strings.Replace(fromPlaylist, "%URI%", "s3://in/a/one.m3u8", 1), clip)
		if err := os.CopyFS(filepath.Join(b.local.dir, "in", "a"), os.DirFS(made)); err != nil {
			t.Fatal(err)
		}
		full := &filling{Objects: b.local}
		b.runner.Objects, b.runner.Reserve = full, 1<<20
		full.free = func(asked int) int64 { return 1<<21 - int64(asked/4)<<21 } // room for the start, and two of three ranges
		_, err := b.runner.Run(t.Context(), b.order, work.Observer{Inputs: func([]spool.InputInfo) { t.Error("the segments were joined all the same") }})
		var failure *spool.Failure
		if !errors.As(err, &failure) || failure.Code != spool.CodeDiskFull {
			t.Errorf("got %v, want a failure of code %d", err, spool.CodeDiskFull)
		}
	})
	for name, want := range map[string]string{
		"key.m3u8": "#EXT-X-KEY is not taken", "gone.m3u8": "gone.ts", "text.m3u8": "no MPEG transport stream", "out.m3u8": "neither beside",
		"often.m3u8": "a/often.m3u8] can't be used: segment ", "twice.m3u8": "twice.m3u8] can't be used: segment 3 [s3://in/a/high seg_000.ts]: the playlist takes parts of it more than once",
	} {
		_, err := start("s3://in/a/" + name)
		var failure *spool.Failure
		if !errors.As(err, &failure) || !strings.Contains(failure.Message, want) {
			t.Errorf("%s: got %v, want one about %q", name, err, want)
		}
	}
}
