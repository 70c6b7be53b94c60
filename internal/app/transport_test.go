package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"spool/internal/hls/ts"
	"spool/internal/testkit"
)

// TestTransportStream looks for the settings of a transport stream in the file:
// its PIDs, numbers and names, packets of 188 bytes at a constant rate, the first
// timestamp, and as many frames of sound in a packet as were asked for.
func TestTransportStream(t *testing.T) {
	t.Parallel()
	const settings = `"PmtPid":600,"VideoPid":601,"AudioPids":[620],"ProgramNumber":7,"TransportStreamId":9,"PatInterval":200,"AudioFramesPerPes":2,"PtsOffsetMode":"SECONDS","PtsOffset":5`
	job := hlsJob(`"Destination":"s3://out/h/","SegmentLength":10`,
		`{"NameModifier":"_v",`+strings.Replace(hlsVideo, `"Container":"M3U8"`, `"Container":"M3U8","M3u8Settings":{`+settings+`}`, 1)+`,`+hlsSound+`}`)
	job = strings.Replace(job, `"OutputGroups":[`, `"OutputGroups":[{"OutputGroupSettings":{"Type":"FILE_GROUP_SETTINGS","FileGroupSettings":{"Destination":"s3://out/f/"}},"Outputs":[{`+
		strings.Replace(hlsVideo, `"Container":"M3U8"`, `"Container":"M2TS","M2tsSettings":{`+settings+`,"RateMode":"CBR","Bitrate":1500000,"DvbSdtSettings":{"OutputSdt":"SDT_MANUAL","ServiceName":"One: two","ServiceProviderName":"Three=four"}}`, 1)+`,`+hlsSound+`}]},`, 1)
	b := newBench(t, job, fiveSeconds(t))
	b.run(t)
	out := filepath.Join(b.local.dir, "out")
	for _, name := range []string{"f/clip.m2ts", "h/clip_v_00001.ts"} {
		file := filepath.Join(out, name)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		null := 0
		for at := 0; at < len(data); at += ts.Size {
			if data[at] != 0x47 {
				t.Fatalf("%s: no packet at %d", name, at)
			}
			if data[at+1]&0x1f == 0x1f && data[at+2] == 0xff {
				null++
			}
		}
		said, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-show_entries", "program=program_id,pmt_pid:program_tags=service_name,service_provider:stream=id:format=start_time", "-of", "default=nw=1", file).Output()
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Fields(strings.ReplaceAll(string(said), ": two", ":two"))
		for _, want := range []string{"program_id=7", "pmt_pid=600", "id=0x259", "id=0x26c"} {
			if !slices.Contains(lines, want) {
				t.Errorf("%s: %s is missing in\n%s", name, want, said)
			}
		}
		pictures, sounds, first := 0, 0, int64(0)
		if err := ts.Walk(strings.NewReader(string(withoutNull(data))), func(u *ts.Unit) error {
			switch u.PID {
			case 601:
				if pictures++; pictures == 1 {
					first = u.PTS
				}
			case 620:
				sounds++
			}
			return nil
		}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if first != 5*90000 || pictures != 150 {
			t.Errorf("%s: %d pictures, the first at %d", name, pictures, first)
		}
		if frames := 235; sounds < frames/3 || sounds > frames*2/3 {
			t.Errorf("%s: %d packets for about %d frames of sound", name, sounds, frames)
		}
		if strings.HasSuffix(name, ".ts") {
			continue
		}
		if !slices.Contains(lines, "TAG:service_name=One:two") || !slices.Contains(lines, "TAG:service_provider=Three=four") {
			t.Errorf("the names of the service are missing in\n%s", said)
		}
		rate, err := strconv.ParseFloat(testkit.Probe(t, file).Format.BitRate, 64)
		if err != nil || rate < 1.45e6 || rate > 1.56e6 || null < 1000 {
			t.Errorf("%.0f bit/s with %d null packets, %v", rate, null, err)
		}
	}
}

// withoutNull leaves out the packets that fill a stream up.
func withoutNull(data []byte) []byte {
	var out []byte
	for at := 0; at < len(data); at += ts.Size {
		if data[at+1]&0x1f != 0x1f || data[at+2] != 0xff {
			out = append(out, data[at:at+ts.Size]...)
		}
	}
	return out
}
