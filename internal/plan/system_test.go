package plan_test

import (
	"testing"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// TestSystemTemplate: the service's ladder plans, whatever the source's rate,
// with the frames that the names of its rungs say.
func TestSystemTemplate(t *testing.T) {
	t.Parallel()
	job := []byte(`{"jobTemplate":"System-Ott_Hls_Ts_Avc_Aac","settings":{"inputs":[{"fileInput":"s3://in/a.mp4"}],
		"outputGroups":[{"outputGroupSettings":{"hlsGroupSettings":{"destination":"s3://out/a/"}}}]}}`)
	for _, rate := range []spool.Rational{{Num: 25, Den: 1}, {Num: 30000, Den: 1001}, {Num: 60, Den: 1}} {
		p, err := build(t, job, media(track(func(v *spool.VideoTrack) { v.FrameRate, v.AvgFrameRate = rate, rate }), stereo(1)))
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range p.Groups[0].Outputs {
			want := spool.Rational{Num: 30, Den: 1}
			if i == 0 {
				want.Num = 15
			}
			if o.Video.FrameRate != want || len(o.Audio) != 1 {
				t.Errorf("output %d: %v, want %v; %d audio", i, o.Video.FrameRate, want, len(o.Audio))
			}
		}
	}
}

// TestSystemPresets: each plans in a group of its kind.
func TestSystemPresets(t *testing.T) {
	t.Parallel()
	for _, p := range mediaconvert.SystemPresets() {
		group := `"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://out/"}`
		if p.Category == "OTT-HLS" {
			group = `"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://out/","segmentLength":3,"minSegmentLength":0}`
		}
		job := `{"inputs":[{"fileInput":"s3://in/a.mp4"}],"outputGroups":[{"outputGroupSettings":{` + group + `},"outputs":[{"preset":"` + p.Name + `","nameModifier":"_x"}]}]}`
		planned, err := build(t, []byte(job), media(track(nil), stereo(1)))
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		if o := planned.Groups[0].Outputs[0]; o.Video == nil || len(o.Audio) != 1 {
			t.Errorf("%s: %+v", p.Name, o)
		}
	}
}
