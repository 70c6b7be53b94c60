package audio

import (
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/testkit"
)

// codecCase is one output of sound: what it must be.
type codecCase struct {
	name, container, codec string
	video                  bool
	file                   string // name's ending
	want                   string // codec, profile, channels, layout, rate; "" is not looked at
	bits                   float64
}

var codecCases = []codecCase{
	{"lc", "RAW", aacStereo, false, "aac", "aac LC 2 stereo 48000", 192000},
	{"latm", "RAW", `"codec":"AAC","aacSettings":{"bitrate":96000,"codingMode":"CODING_MODE_2_0","sampleRate":44100,"rawFormat":"LATM_LOAS"}`, false, "aac", "aac_latm LC 2 stereo 44100", 0},
	{"surround", "MP4", `"codec":"AAC","aacSettings":{"bitrate":384000,"codingMode":"CODING_MODE_5_1","sampleRate":48000}`, false, "mp4", "aac LC 6 5.1 48000", 0},
	{"vbr", "MP4", `"codec":"AAC","aacSettings":{"codingMode":"CODING_MODE_2_0","sampleRate":48000,"rateControlMode":"VBR","vbrQuality":"LOW"}`, true, "mp4", "aac LC 2 stereo 48000", 0},
	{"apart", "MP4", `"codec":"AAC","aacSettings":{"codingMode":"CODING_MODE_1_1","sampleRate":48000}`, false, "mp4", "aac LC 2 stereo 48000", 96000},
	{"ac3", "RAW", `"codec":"AC3","ac3Settings":{"codingMode":"CODING_MODE_3_2_LFE","bitrate":448000}`, false, "ac3", "ac3  6 5.1(side) 48000", 448000},
	{"ac3mp4", "MP4", `"codec":"AC3","ac3Settings":{"codingMode":"CODING_MODE_1_0"}`, true, "mp4", "ac3  1 mono 48000", 96000},
	{"eac3", "RAW", `"codec":"EAC3","eac3Settings":{"codingMode":"CODING_MODE_3_2","lfeControl":"NO_LFE"}`, false, "eac3", "eac3  5 5.0(side) 48000", 384000},
	{"eac3ts", "M2TS", `"codec":"EAC3","eac3Settings":{"codingMode":"CODING_MODE_2_0"}`, true, "m2ts", "eac3  2 stereo 48000", 192000},
	{"mp2", "RAW", `"codec":"MP2","mp2Settings":{"bitrate":256000,"channels":2,"sampleRate":32000}`, false, "mp2", "mp2  2 stereo 32000", 256000},
	{"mp2ts", "M2TS", `"codec":"MP2","mp2Settings":{"channels":1,"bitrate":96000}`, true, "m2ts", "mp2  1 mono 48000", 96000},
	{"mp3", "RAW", `"codec":"MP3","mp3Settings":{"bitrate":296000,"channels":2,"sampleRate":44100}`, false, "mp3", "mp3  2 stereo 44100", 320000},
	{"mp3v", "RAW", `"codec":"MP3","mp3Settings":{"rateControlMode":"VBR","vbrQuality":4,"channels":1}`, false, "mp3", "mp3  1 mono 48000", 0},
	{"opus", "WEBM", `"codec":"OPUS","opusSettings":{"bitrate":64000,"sampleRate":24000}`, false, "webm", "opus  2 stereo 48000", 0},
	{"opusogg", "OGG", `"codec":"OPUS","opusSettings":{"channels":1}`, false, "ogg", "opus  1 mono 48000", 0},
	{"vorbis", "OGG", `"codec":"VORBIS","vorbisSettings":{"sampleRate":44100}`, false, "ogg", "vorbis  2 stereo 44100", 0},
	{"flac", "RAW", `"codec":"FLAC","flacSettings":{"bitDepth":24,"channels":0,"sampleRate":96000}`, false, "flac", "flac  6 5.1 96000", 0},
	{"wav", "RAW", `"codec":"WAV","wavSettings":{"bitDepth":24,"channels":4,"format":"RF64"}`, false, "wav", "pcm_s24le  4  48000", 0},
	{"wide", "RAW", `"codec":"WAV","wavSettings":{"bitDepth":16,"channels":16}`, false, "wav", "pcm_s16le  16  48000", 0},
	{"wavmov", "MOV", `"codec":"WAV","wavSettings":{"bitDepth":24}`, true, "mov", "pcm_s24le  2 stereo 48000", 0},
	{"wavts", "M2TS", `"codec":"WAV","wavSettings":{"bitDepth":24,"channels":6}`, true, "m2ts", "s302m  6  48000", 0},
	{"wavmxf", "MXF", `"codec":"WAV","wavSettings":{"bitDepth":16,"channels":2}`, true, "mxf", "pcm_s16le  2  48000", 0},
	{"aiff", "RAW", `"codec":"AIFF","aiffSettings":{"bitDepth":24,"channels":2}`, false, "aiff", "pcm_s24be  2  48000", 0},
	{"aiffmov", "MOV", `"codec":"AIFF","aiffSettings":{"sampleRate":44100}`, true, "mov", "pcm_s16be  2 stereo 44100", 0},
	{"copy", "MP4", `"codec":"PASSTHROUGH"`, true, "mp4", "aac LC 6 5.1 48000", 0},
	{"bare", "RAW", `"codec":"PASSTHROUGH"`, false, "aac", "aac LC 6 5.1 48000", 0},
}

// TestCodecs: every codec in every container that takes it, with the channels,
// the rate and about the bits that were asked for, and with the sound in it.
func TestCodecs(t *testing.T) {
	t.Parallel()
	in := source(t, "in.mp4", append(append(picture(3), tones(3, "5.1", 300, 400, 500, 60, 700, 800)...), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-b:a", "384k")...)
	var outputs []string
	for _, c := range codecCases {
		o := audioOutput(c.name, c.container, c.codec, "")
		if c.video {
			o = strings.Replace(o, `"audioDescriptions"`, small+`,"audioDescriptions"`, 1)
		}
		outputs = append(outputs, o)
	}
	base := complete(t, fileJob(`{}`, outputs...), in)
	for _, c := range codecCases {
		path := base + "_" + c.name + "." + c.file
		probed := testkit.Probe(t, path)
		s := probed.Of("audio")
		if s == nil {
			t.Errorf("%s has no sound", filepath.Base(path))
			continue
		}
		profile, layout := s.Profile, s.ChannelLayout
		want := strings.Split(c.want, " ")
		if want[1] == "" {
			profile = ""
		}
		if want[3] == "" {
			layout = ""
		}
		if got := fmt.Sprintf("%s %s %d %s %s", s.Codec, profile, s.Channels, layout, s.SampleRate); got != c.want {
			t.Errorf("%s: %s, want %s", filepath.Base(path), got, c.want)
		}
		if (probed.Of("video") != nil) != c.video {
			t.Errorf("%s: video is there where it should not be, or missing", filepath.Base(path))
		}
		rate := 0.0
		if _, err := fmt.Sscan(s.SampleRate, &rate); err != nil {
			t.Fatal(err)
		}
		left := testkit.Channels(t, path, 0, s.Channels)[0]
		if seconds := float64(len(left)) / rate; math.Abs(seconds-3) > 0.08 {
			t.Errorf("%s plays %.3f s", filepath.Base(path), seconds)
		}
		if level := testkit.ToneLevel(left[int(rate):int(2*rate)], rate, 300); level < 0.08 || level > 0.25 {
			t.Errorf("%s: the first tone has the level %.3f", filepath.Base(path), level)
		}
		if bits := 0.0; c.bits > 0 {
			if _, err := fmt.Sscan(s.BitRate, &bits); err != nil || math.Abs(bits-c.bits) > c.bits/8 {
				t.Errorf("%s: %s b/s, want %.0f", filepath.Base(path), s.BitRate, c.bits)
			}
		}
	}
}

// TestHEAAC: without an encoder of HE-AAC the sound is AAC-LC, and the job says
// so with the setting's place.
func TestHEAAC(t *testing.T) {
	t.Parallel()
	in := source(t, "in.wav", append(tones(1, "stereo", 300, 400), "-c:a", "pcm_s16le")...)
	he := strings.Replace(aacStereo, `"bitrate":192000`, `"bitrate":64000,"codecProfile":"HEV1"`, 1)
	_, r := convert(t, fileJob(`{}`, audioOutput("he", "MP4", he, "")), in)
	if r.Status != "COMPLETE" {
		t.Fatalf("%d %s", r.ErrorCode, r.ErrorMessage)
	}
	profile := ffprobeProfile(t, r.Outputs[0].Path)
	warned := false
	for _, w := range r.Warnings {
		warned = warned || strings.HasSuffix(w.Pointer, "aacSettings/codecProfile") && strings.Contains(w.Message, "AAC-LC")
	}
	if (profile == "LC") != warned || profile != "LC" && profile != "HE-AAC" {
		t.Errorf("the profile is %s, and the warnings are %+v", profile, r.Warnings)
	}
}

func ffprobeProfile(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-show_entries", "stream=profile", "-of", "csv=p=0", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
