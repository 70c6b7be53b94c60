package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"spool/internal/testkit"
)

// TestDashForms: every codec that DASH takes, as single files with signed
// offsets and as segments with DASH's own identifiers in their names, from one
// encode of each.
func TestDashForms(t *testing.T) {
	t.Parallel()
	clip, spec := ntscClip(t)
	outputs := func(modifier string) []string {
		sound := func(name, codec string) string {
			return strings.Replace(soundOutput(name+modifier, "MPD"), aacLC, `{"CodecSettings":{`+codec+`}}`, 1)
		}
		return []string{
			rung("_h264"+modifier, "MPD", "160", h264Fast),
			rung("_h265"+modifier, "MPD", "160", `"Codec":"H_265","H265Settings":{"RateControlMode":"QVBR","MaxBitrate":300000,"WriteMp4PackagingType":"HVC1","QualityTuningLevel":"SINGLE_PASS"}`),
			rung("_av1"+modifier, "MPD", "160", `"Codec":"AV1","Av1Settings":{"RateControlMode":"QVBR","MaxBitrate":300000}`),
			sound("_ac3", `"Codec":"AC3","Ac3Settings":{"Bitrate":192000,"CodingMode":"CODING_MODE_2_0","SampleRate":48000}`),
			sound("_eac3", `"Codec":"EAC3","Eac3Settings":{"Bitrate":192000,"CodingMode":"CODING_MODE_2_0","SampleRate":48000}`),
			sound("_aac", aacLC[len(`{"CodecSettings":{`):len(aacLC)-2]),
		}
	}
	job := packedJob("DASH_ISO_GROUP_SETTINGS", `"SegmentLength":2,"FragmentLength":1,"SegmentControl":"SINGLE_FILE","MpdProfile":"ON_DEMAND_PROFILE","VideoCompositionOffsets":"SIGNED"`, outputs("")...)
	second := strings.Replace(packedJob("DASH_ISO_GROUP_SETTINGS", `"SegmentLength":2,"FragmentLength":1,"MinFinalSegmentLength":1.5,"DashManifestStyle":"COMPACT","DashIFrameTrickPlayNameModifier":"_trick_$Number$","AudioChannelConfigSchemeIdUri":"DOLBY_CHANNEL_CONFIGURATION"`,
		outputs("_$Bandwidth$_$RepresentationID$_$Number$")...), "s3://out/v/a b", "s3://out/w/c", 1)
	_, group, _ := strings.Cut(second, `"OutputGroups":[`)
	b := newBench(t, strings.TrimSuffix(job, "]}}")+","+group, clip)
	b.finished(t)

	pictures := testkit.FrameNumbers(t, clip)
	for _, name := range []string{"_h264", "_h265", "_av1"} {
		if got := testkit.FrameNumbers(t, b.path("out/v/a b"+name+".mp4")); !slices.Equal(got, pictures) {
			t.Errorf("%s shows %v", name, got)
		}
	}
	want := testkit.Beeps(t, clip)
	for _, name := range []string{"_ac3", "_eac3", "_aac"} {
		beeps := testkit.Beeps(t, b.path("out/v/a b"+name+".mp4"))
		if len(beeps) != len(want) {
			t.Errorf("%s: %d beeps instead of %d", name, len(beeps), len(want))
			continue
		}
		for i := range want {
			if off := (beeps[i] - want[i]).Abs(); off > 5*time.Millisecond {
				t.Errorf("%s: beep %d is %v off", name, i, off)
			}
		}
	}
	flashes := testkit.Flashes(t, b.path("out/v/a b_h264.mp4"))
	if due := spec.FlashTimes(); len(flashes) != len(due) {
		t.Errorf("%d flashes instead of %d", len(flashes), len(due))
	}
	mpd := b.text(t, "out/v/a b.mpd")
	for _, part := range []string{"isoff-on-demand:2011", `codecs="hvc1.1.`, `codecs="av01.0.`, `codecs="ac-3"`, `codecs="ec-3"`, "<BaseURL>a%20b_av1.mp4</BaseURL>", "<SegmentBase indexRange="} {
		if !strings.Contains(mpd, part) {
			t.Errorf("%s is missing in\n%s", part, mpd)
		}
	}
	// three segments of two seconds, the last of which is short and joined
	var numbered []string
	for _, name := range b.published(t) {
		if strings.HasPrefix(name, "out/w/c_h264_") {
			numbered = append(numbered, name)
		}
	}
	if len(numbered) != 3 || !strings.HasSuffix(numbered[0], "_$Number$init.mp4") || !strings.HasSuffix(numbered[1], "_1_1.mp4") || !strings.HasSuffix(numbered[2], "_1_2.mp4") {
		t.Fatalf("the segments are %q", numbered)
	}
	allFrames(t, b.joined(t, numbered...), spec)
	mpd = b.text(t, "out/w/c.mpd")
	if numbers := testkit.FrameNumbers(t, b.joined(t, "out/w/c_trick_$Number$init.mp4", "out/w/c_trick_1.mp4", "out/w/c_trick_2.mp4")); !slices.Equal(numbers, []int{0, 30, 60, 90, 120}) {
		t.Errorf("the trick-play stream shows %v", numbers)
	}
	for _, part := range []string{`<EssentialProperty schemeIdUri="http://dashif.org/guidelines/trickmode" value="1"/>`, `media="c_h264_$Bandwidth$_$RepresentationID$_$Number$.mp4"`, `<S d="90090"/>`, `schemeIdUri="tag:dolby.com,2014:dash:audio_channel_configuration:2011" value="A000"`} {
		if !strings.Contains(mpd, part) {
			t.Errorf("%s is missing in\n%s", part, mpd)
		}
	}
}
