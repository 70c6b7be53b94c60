package hostile_test

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/test/harness"
)

// TestFilesThatAreNoMedia uploads scripts, playlists and headers that lie, all
// under the name of a video.
func TestFilesThatAreNoMedia(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	port, hits := trap(t)
	victim := write(t, "victim.mp4", clip(t, 320)) // a video of somebody else's, which FFmpeg could read
	secret := write(t, "secret.txt", []byte(marker+"\n"))
	s.Upload(t, "uploads", "victim.mp4", victim) // beside the others, and taken by no pipeline

	playlist := func(uri string) string {
		return "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n" + uri + "\n#EXT-X-ENDLIST\n"
	}
	mpd := func(uri string) string {
		return `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">` +
			`<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000"><BaseURL>` + uri + `</BaseURL></Representation></AdaptationSet></Period></MPD>`
	}
	trapURL := "http://127.0.0.1:" + port + "/x.mp4"
	bodies := map[string]string{
		"hls-file.mp4":        playlist("file://" + victim),
		"hls-path.mp4":        playlist(victim),
		"hls-sibling.mp4":     playlist("../victim.mp4"),
		"hls-secret.mp4":      playlist("file://" + secret),
		"hls-http.mp4":        playlist(trapURL),
		"hls-http.m3u8":       playlist(trapURL),
		"hls-concat.mp4":      playlist("concat:" + victim + "|" + victim),
		"hls-key.mp4":         "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXT-X-KEY:METHOD=AES-128,URI=\"" + trapURL + "\"\n#EXTINF:10,\n" + victim + "\n#EXT-X-ENDLIST\n",
		"concat-file.mp4":     "ffconcat version 1.0\nfile '" + victim + "'\n",
		"concat-sibling.mp4":  "ffconcat version 1.0\nfile ../victim.mp4\n",
		"concat-http.mp4":     "ffconcat version 1.0\nfile " + trapURL + "\n",
		"concat.ffconcat":     "ffconcat version 1.0\nfile '" + victim + "'\n",
		"dash-file.mp4":       mpd("file://" + victim),
		"dash-http.mpd":       mpd(trapURL),
		"picture.svg":         `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64"><image width="64" height="64" xlink:href="file://` + secret + `"/></svg>`,
		"svg.mp4":             `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><text>hello</text></svg>`,
		"text.mp4":            "Dear sir or madam,\nthis is a letter.\n",
		"ansi.mp4":            "\x1b[31mred\x1b[0m\n",
		"art.txt":             strings.Repeat("#################\n", 40),
		"song.lrc":            "[ti:Song]\n[00:01.00]La\n[00:02.00]La\n",
		"subtitles.srt":       "1\n00:00:01,000 --> 00:00:02,000\nHello\n",
		"subtitles.mp4":       "[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:00.00,0:00:05.00,Default,,0,0,0,,hello\n",
		"session.sdp":         "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
		"meta.mp4":            ";FFMETADATA1\ntitle=x\n",
		"picture.png":         "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 64),
		"6000-tracks.avi":     manyTracks(6000),
		"empty-boxes.mp4":     "\x00\x00\x00\x08moov\x00\x00\x00\x08mdat",
		"box-beyond-file.mp4": "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2\x7f\xff\xff\xffmoov",
		"zeroes.mp4":          strings.Repeat("\x00", 10_000),
	}
	codes := []int{spool.CodeFileAccess, spool.CodeHTTPAddress, spool.CodeNoVideo, spool.CodeDemux, spool.CodeUnsupportedCodec, spool.CodeIncompatible}
	for name, body := range bodies {
		s.Upload(t, "uploads", "in/"+name, write(t, "hostile", []byte(body)))
	}
	for name := range bodies {
		v := s.WaitVideo(t, 2*time.Minute, harness.OfKey("uploads", "in/"+name))
		if v.WorkflowStatus != spool.VideoError || !slices.Contains(codes, v.ErrorCode) || v.ErrorMessage == "" {
			t.Errorf("%s: %s %d %q", name, v.WorkflowStatus, v.ErrorCode, v.ErrorMessage)
		}
		if strings.Contains(v.ErrorMessage, victim) || strings.ContainsAny(v.ErrorMessage, "\n\x1b") || len(v.ErrorMessage) > 500 {
			t.Errorf("%s: the message is not for users: %q", name, v.ErrorMessage)
		}
		t.Logf("%-20s %d %s", name, v.ErrorCode, v.ErrorMessage)
		refuseProbe(t, s, "s3://uploads/in/"+name, "BadRequestException")
	}
	if keys := s.Keys(t, "media", ""); len(keys) > 0 {
		t.Errorf("published: %v", keys)
	}
	if n := hits.Load(); n > 0 {
		t.Errorf("the server asked the listener %d times", n)
	}
	checkNothingForeign(t, s)
}

// manyTracks is the header of an AVI file that declares so many video tracks.
func manyTracks(n int) string {
	chunk := func(id string, body []byte) []byte {
		return append(binary.LittleEndian.AppendUint32([]byte(id), uint32(len(body))), body...)
	}
	list := func(id string, parts ...[]byte) []byte {
		return chunk("LIST", append([]byte(id), slices.Concat(parts...)...))
	}
	words := func(values ...uint32) (b []byte) {
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		return b
	}
	mjpg := binary.LittleEndian.Uint32([]byte("MJPG"))
	head := chunk("strh", append([]byte("vidsMJPG"), words(0, 0, 0, 1, 25, 0, 25, 0, 0, 0, 0, 0)...))
	format := chunk("strf", words(40, 64, 64, 1|24<<16, mjpg, 64*64*3, 0, 0, 0, 0))
	header := chunk("avih", words(40_000, 0, 0, 0x10, 25, 0, uint32(n), 0, 64, 64, 0, 0, 0, 0))
	tracks := bytes.Repeat(list("strl", head, format), n)
	body := slices.Concat([]byte("AVI "), list("hdrl", header, tracks), list("movi", chunk("00dc", make([]byte, 16))))
	return string(chunk("RIFF", body))
}

// TestNames uploads good clips under names that FFmpeg would take for options,
// protocols or patterns: each must be read for what it is.
func TestNames(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	good := write(t, "good.mp4", clip(t, 160))
	names := []string{
		"-report", "-report.mp4", "-i", "img%d.mp4", "img%03d.mp4", "http:x.mp4", "concat:a.mp4|b.mp4", "subfile,,start,0,end,9,,:a.mp4",
		"pipe:0", "file:x.mp4", "data:video.mp4", "*.mp4", "a'b;c,d[e]=f:g\\h.mp4", "$(id).mp4", "`id`.mp4", "crypto:x.mp4",
	}
	// What they would stand for, were they patterns or protocols.
	for _, name := range []string{"img1.mp4", "img001.mp4", "a.mp4", "b.mp4", "x.mp4"} {
		s.Upload(t, "uploads", "in/"+name, write(t, "other.mp4", clip(t, 320)))
	}
	for _, name := range names {
		s.Upload(t, "uploads", "in/"+name, good)
	}
	for _, name := range names {
		v := s.WaitVideo(t, 2*time.Minute, harness.OfKey("uploads", "in/"+name))
		if v.WorkflowStatus != spool.VideoComplete {
			t.Errorf("%q: %s %d %q", name, v.WorkflowStatus, v.ErrorCode, v.ErrorMessage)
			continue
		}
		picture := s.Get(t, s.Delivered("media", v.GUID+"/p.0000000.jpg"), false)
		if picture.Status != http.StatusOK {
			t.Errorf("%q: the picture is not delivered: %d", name, picture.Status)
			continue
		}
		if c, err := jpeg.DecodeConfig(bytes.NewReader(picture.Body)); err != nil || c.Width != 160 {
			t.Errorf("%q shows another file: width %d, %v", name, c.Width, err)
		}
	}
	found, err := filepath.Glob(filepath.Join(s.Data, "*", "ffmpeg-*.log"))
	if err != nil || len(found) > 0 {
		t.Errorf("FFmpeg wrote reports: %v %v", found, err)
	}
}

// TestHolesInTime uploads clips of a second with a hole of hours in the middle.
func TestHolesInTime(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	source := write(t, "source.mp4", clip(t, 160))
	for _, ext := range []string{"mp4", "mkv", "ts"} {
		gap := filepath.Join(t.TempDir(), "gap."+ext)
		out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-i", source, "-c", "copy", "-copyts",
			"-bsf:v", "setts=ts=if(gte(N\\,15)\\,TS+36000/TB\\,TS)", gap).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		s.Upload(t, "uploads", "whole/gap."+ext, gap)
	}
	for _, ext := range []string{"mp4", "mkv", "ts"} {
		v := s.WaitVideo(t, time.Minute, harness.OfKey("uploads", "whole/gap."+ext))
		if v.WorkflowStatus != spool.VideoError || v.ErrorCode != spool.CodeDemux && v.ErrorCode != spool.CodeTruncated {
			t.Errorf("%s: %s %d %q", ext, v.WorkflowStatus, v.ErrorCode, v.ErrorMessage)
		}
	}
	if keys := s.Keys(t, "media", ""); len(keys) > 0 {
		t.Errorf("published: %v", keys)
	}
	checkNothingForeign(t, s)
}
