package plan

import (
	"fmt"
	"strings"
)

// graph collects FFmpeg's filter graph: one decode, the pictures turned and
// deinterlaced once, put on each frame rate once, then scaled for each output.
type graph struct {
	src    *source
	videos []videoBranch
	sounds []soundBranch
}

type videoBranch struct {
	label string
	fps   string // the filter that makes the rate; equal ones are shared
	rest  string
}

type soundBranch struct {
	label string
	sound sound
}

// video adds a branch for an encoding and gives its pad's label.
func (g *graph) video(e *encoding) string {
	rest := append(e.geo.filters(e.scaler, false), "format="+e.pixFmt)
	return g.branch("fps="+e.rate.String(), rest)
}

// capture adds a branch for captures: rounding up makes each tick show the
// picture on screen then (split-notes.md). After the last capture the branch
// ends, so that no picture is scaled for nothing.
func (g *graph) capture(e *encoding, c *Capture) string {
	var rest []string
	if c.Max > 0 {
		rest = append(rest, fmt.Sprintf("trim=end_frame=%d", c.Max))
	}
	rest = append(rest, e.geo.filters(e.scaler, true)...)
	return g.branch("fps="+e.rate.String()+":round=up", append(rest, "format="+e.pixFmt))
}

func (g *graph) branch(fps string, rest []string) string {
	label := fmt.Sprintf("v%d", len(g.videos))
	g.videos = append(g.videos, videoBranch{label: label, fps: fps, rest: strings.Join(rest, ",")})
	return "[" + label + "]"
}

// sound adds a branch for a sound and gives its pad's label.
func (g *graph) sound(a sound) string {
	label := fmt.Sprintf("a%d", len(g.sounds))
	g.sounds = append(g.sounds, soundBranch{label: label, sound: a})
	return "[" + label + "]"
}

// String writes the whole graph.
func (g *graph) String() string {
	return strings.Join(append(g.videoChains(), g.soundChains()...), ";")
}

func (g *graph) videoChains() []string {
	if len(g.videos) == 0 {
		return nil
	}
	var rates []string
	byRate := map[string][]videoBranch{}
	for _, b := range g.videos {
		if byRate[b.fps] == nil {
			rates = append(rates, b.fps)
		}
		byRate[b.fps] = append(byRate[b.fps], b)
	}
	chains := []string{g.head() + fanOut("split", "r", len(rates))}
	for i, fps := range rates {
		bs := byRate[fps]
		in := fmt.Sprintf("[r%d]", i)
		if len(bs) == 1 {
			chains = append(chains, in+fps+","+bs[0].rest+"["+bs[0].label+"]")
			continue
		}
		chains = append(chains, in+fps+fanOut("split", fmt.Sprintf("r%ds", i), len(bs)))
		for j, b := range bs {
			chains = append(chains, fmt.Sprintf("[r%ds%d]%s[%s]", i, j, b.rest, b.label))
		}
	}
	return chains
}

// head is the part of the picture's way that all outputs share.
func (g *graph) head() string {
	s := g.src
	if s.video == nil {
		return fmt.Sprintf("color=c=black:s=%dx%d:r=%s:d=%.6f", s.width, s.height, s.rate, s.duration.Seconds())
	}
	head := fmt.Sprintf("[0:%d]setpts=PTS-STARTPTS", s.video.Index)
	if s.interlaced() {
		head += ",bwdif=mode=send_frame:deint=interlaced"
	}
	switch s.rotate {
	case 90:
		head += ",transpose=clock"
	case 180:
		head += ",hflip,vflip"
	case 270:
		head += ",transpose=cclock"
	}
	return head
}

// fanOut ends a chain in n pads called prefix0, prefix1 …
func fanOut(filter, prefix string, n int) string {
	var pads strings.Builder
	for i := range n {
		fmt.Fprintf(&pads, "[%s%d]", prefix, i)
	}
	if n == 1 {
		return pads.String()
	}
	return fmt.Sprintf(",%s=%d%s", filter, n, pads.String())
}

func (g *graph) soundChains() []string {
	var chains []string
	done := make([]bool, len(g.sounds))
	for i, b := range g.sounds {
		if done[i] {
			continue
		}
		var labels string
		n := 0
		for j := i; j < len(g.sounds); j++ {
			if !done[j] && g.sounds[j].sound.same(b.sound) {
				done[j] = true
				labels += "[" + g.sounds[j].label + "]"
				n++
			}
		}
		chain := g.joined(i, b.sound) + b.sound.shape()
		if n > 1 {
			chain += fmt.Sprintf(",asplit=%d", n)
		}
		chains = append(chains, chain+labels)
	}
	return chains
}

// joined puts every track of a sound on the timeline and stacks their channels.
func (g *graph) joined(i int, a sound) string {
	if len(a.tracks) == 1 {
		return fmt.Sprintf("[0:%d]%s,", a.tracks[0], a.aligned(g.src))
	}
	var chains, pads strings.Builder
	for k, t := range a.tracks {
		fmt.Fprintf(&chains, "[0:%d]%s[t%d_%d];", t, a.aligned(g.src), i, k)
		fmt.Fprintf(&pads, "[t%d_%d]", i, k)
	}
	return chains.String() + pads.String() + fmt.Sprintf("amerge=inputs=%d,", len(a.tracks))
}
