package testkit

import (
	"bufio"
	"encoding/binary"
	"math"
	"os"
	"time"
)

const (
	beepHz     = 3500.0 // above the voice, below what phone codecs cut
	beepLevel  = 0.5
	voiceLevel = 0.22
)

// writeSound writes the sound track of a clip as 16-bit PCM: a voice-like hum
// whose vowels change, and a beep at every flash. It lasts as long as the
// picture.
func writeSound(spec ClipSpec, path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	last := spec.FrameTime(spec.Frames()-1) + time.Duration(1e9/spec.FPS.Float())
	samples := int(last.Seconds() * float64(spec.SampleRate))
	n := channels[spec.Audio]
	w := bufio.NewWriterSize(f, 1<<16)
	if _, err := w.Write(wavHeader(n, spec.SampleRate, samples)); err != nil {
		return err
	}
	left := voice{rate: float64(spec.SampleRate), pitch: 118}
	right := voice{rate: float64(spec.SampleRate), pitch: 203}
	beeps := spec.FlashTimes()
	row := make([]int16, n)
	for i := range samples {
		t := float64(i) / float64(spec.SampleRate)
		for len(beeps) > 0 && t > (beeps[0]+flashLength).Seconds() {
			beeps = beeps[1:]
		}
		beep := 0.0
		if len(beeps) > 0 && t >= beeps[0].Seconds() {
			beep = beepLevel * math.Sin(2*math.Pi*beepHz*(t-beeps[0].Seconds()))
		}
		mix(row, spec.Audio, left.at(t), right.at(t), beep)
		if err := binary.Write(w, binary.LittleEndian, row); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// mix sets one sample of every channel, in WAV's order. In stereo and in 5.1
// left and right carry different voices, so that swapped channels are noticed.
func mix(row []int16, audio Audio, left, right, beep float64) {
	pcm := func(v float64) int16 { return int16(math.Max(-1, math.Min(1, v)) * 32767) }
	switch audio {
	case NoAudio:
	case Mono:
		row[0] = pcm((left+right)/2 + beep)
	case Stereo:
		row[0], row[1] = pcm(left+beep), pcm(right+beep)
	case Surround: // FL FR FC LFE BL BR
		row[0], row[1] = pcm(left/2+beep), pcm(right/2+beep)
		row[2] = pcm((left+right)/2 + beep)
		row[3] = pcm(left / 8)
		row[4], row[5] = pcm(left/4+beep/2), pcm(right/4+beep/2)
	}
}

// voice hums syllables: a pulse train of harmonics shaped by two formants that
// glide between vowels, faded in and out three times a second.
type voice struct{ rate, pitch float64 }

var vowels = [...][2]float64{{730, 1090}, {270, 2290}, {300, 870}, {530, 1840}, {570, 840}}

func (v voice) at(t float64) float64 {
	syllable := math.Pow(math.Sin(math.Pi*math.Mod(t*3, 1)), 2)
	pos := t * 1.5
	i := int(pos)
	blend := pos - float64(i)
	a, b := vowels[i%len(vowels)], vowels[(i+1)%len(vowels)]
	f1 := a[0] + (b[0]-a[0])*blend
	f2 := a[1] + (b[1]-a[1])*blend
	sum, weights := 0.0, 0.0
	for k := 1; k <= 12; k++ {
		hz := v.pitch * float64(k)
		weight := resonance(hz, f1, 90) + 0.6*resonance(hz, f2, 140) + 0.05
		sum += weight * math.Sin(2*math.Pi*hz*t)
		weights += weight
	}
	return voiceLevel * syllable * sum / math.Sqrt(weights)
}

func resonance(hz, centre, width float64) float64 {
	d := (hz - centre) / width
	return 1 / (1 + d*d)
}

// wavHeader gives the header of a WAV file of 16-bit samples. More than two
// channels need the extensible form to say which they are: 5.1 with back
// channels.
func wavHeader(channels, rate, samples int) []byte {
	data := samples * channels * 2
	format := []byte{}
	le := binary.LittleEndian
	tag := uint16(1)
	if channels > 2 {
		tag = 0xfffe
	}
	format = le.AppendUint16(format, tag)
	format = le.AppendUint16(format, uint16(channels))
	format = le.AppendUint32(format, uint32(rate))
	format = le.AppendUint32(format, uint32(rate*channels*2))
	format = le.AppendUint16(format, uint16(channels*2))
	format = le.AppendUint16(format, 16)
	if channels > 2 {
		format = le.AppendUint16(format, 22)
		format = le.AppendUint16(format, 16)
		format = le.AppendUint32(format, 0x3f) // FL FR FC LFE BL BR
		format = append(format, 1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71)
	}
	head := append([]byte("RIFF"), le.AppendUint32(nil, uint32(4+8+len(format)+8+data))...)
	head = append(head, "WAVEfmt "...)
	head = le.AppendUint32(head, uint32(len(format)))
	head = append(head, format...)
	head = append(head, "data"...)
	return le.AppendUint32(head, uint32(data))
}
