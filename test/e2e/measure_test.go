package e2e

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strconv"
	"testing"
)

// packet is one coded picture.
type packet struct {
	at   float64 // decoding time, seconds
	bits float64
}

// packetsOf gives the coded pictures of a file in decoding order.
func packetsOf(t *testing.T, file string) []packet {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", "v:0",
		"-show_entries", "packet=dts_time,size", "-of", "json", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var listed struct {
		Packets []struct {
			Time string `json:"dts_time"`
			Size string `json:"size"`
		} `json:"packets"`
	}
	if err := json.Unmarshal(out, &listed); err != nil {
		t.Fatal(err)
	}
	var packets []packet
	for _, p := range listed.Packets {
		at, err1 := strconv.ParseFloat(p.Time, 64)
		size, err2 := strconv.ParseFloat(p.Size, 64)
		if err1 != nil || err2 != nil {
			t.Fatalf("%s: a packet is %+v", file, p)
		}
		packets = append(packets, packet{at, 8 * size})
	}
	if len(packets) < 2 {
		t.Fatalf("%s has %d pictures", file, len(packets))
	}
	slices.SortStableFunc(packets, func(a, b packet) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		default:
			return 0
		}
	})
	return packets
}

// capped demands that in every stretch of t seconds there are at most
// most·t + 2·most bits, two seconds being the buffer, and gives the mean rate.
// A bucket that leaks at the cap tells all stretches at once.
func capped(t *testing.T, file string, most int) float64 {
	t.Helper()
	packets := packetsOf(t, file)
	frame := (packets[len(packets)-1].at - packets[0].at) / float64(len(packets)-1)
	limit := float64(most)
	level, highest, total := 0.0, 0.0, 0.0
	for i, p := range packets {
		if i > 0 {
			level = max(0, level-limit*(p.at-packets[i-1].at))
		}
		level += p.bits
		total += p.bits
		highest = max(highest, level)
	}
	mean := total / (frame * float64(len(packets)))
	t.Logf("%s: %.0f bits/s of %d, at most %.2f of the buffer", file, mean, most, highest/(2*limit+limit*frame))
	// A stretch lasts until its last picture has been shown.
	if over := highest - limit*frame - 2*limit; over > 0 {
		t.Errorf("%s: in some stretch there are %.0f bits more than a cap of %d bits/s and two seconds of buffer allow", file, over, most)
	}
	return mean
}

func sorted(texts []string) []string { return slices.Sorted(slices.Values(texts)) }
