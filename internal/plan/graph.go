package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spool/internal/spool"
)

// filter is one step of a chain of FFmpeg's filter graph.
type filter struct {
	text string // "scale=640:360"
	// side is a chain that makes a second picture, such as "[3:v]format=rgba". text
	// is then a filter of two inputs: the picture so far, and that one.
	side string
	// fork is a filter that makes the second picture from the first: text takes both.
	fork string
	// under is a chain that makes a picture that text takes first, and the picture so
	// far second: what the frame says of itself is then that one's.
	under string
}

// plain gives filters of one input each.
func plain(texts ...string) []filter {
	fs := make([]filter, len(texts))
	for i, t := range texts {
		fs[i] = filter{text: t}
	}
	return fs
}

// graph collects FFmpeg's filter graph: each part is decoded and prepared once,
// put on each frame rate once, scaled for each output; then the parts are joined.
type graph struct {
	prog   *programme
	videos []videoBranch
	sounds []soundBranch
	pads   int // names given so far to pads of side chains
}

// videoBranch is the way of the picture to one encode.
type videoBranch struct {
	label   string
	rate    spool.Rational
	round   string               // how fps rounds where the programme is one whole input
	convert string               // filter that makes pictures between the source's, see encoding
	early   func(*part) []filter // what is done at the source's own rate and size
	place   func(*part) []filter // makes a part's picture the output's
	post    []filter             // what is done to the joined programme
}

type soundBranch struct {
	label string
	sound sound
}

// video adds a branch for an encode and gives its pad's label.
func (g *graph) video(e *encoding) string {
	rate := e.rate
	if e.drawn.Valid() {
		rate = e.drawn
	}
	return g.branch(videoBranch{
		rate: rate, convert: e.convert,
		early: e.early, place: e.place,
		post: slices.Concat(e.post, e.last, plain("format="+e.pixFmt)),
	})
}

// capture adds a branch for captures: rounding up makes each tick show the
// picture on screen then (split-notes.md). After the last capture the branch
// ends, so that no picture is scaled for nothing.
func (g *graph) capture(e *encoding, c *Capture) string {
	var last []filter
	if c.Max > 0 {
		last = plain(fmt.Sprintf("trim=end_frame=%d", c.Max))
	}
	format := append(e.post, plain("format="+e.pixFmt)...)
	if g.prog.joined() {
		// captures tick through the joined programme, not in each part
		post := append(plain("fps="+e.rate.String()+":round=up"), last...)
		return g.branch(videoBranch{rate: g.prog.follow.rate, early: e.early, place: e.place, post: append(post, format...)})
	}
	return g.branch(videoBranch{
		rate: e.rate, round: ":round=up", early: e.early,
		place: func(p *part) []filter { return append(append([]filter{}, last...), e.place(p)...) },
		post:  format,
	})
}

func (g *graph) branch(b videoBranch) string {
	b.label = "v" + strconv.Itoa(len(g.videos))
	g.videos = append(g.videos, b)
	return "[" + b.label + "]"
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

// chain writes filters from one pad to others; in may also be a filter that
// makes a picture itself.
func (g *graph) chain(in string, fs []filter, out string) []string {
	var chains, run []string
	if in != "" && !strings.HasSuffix(in, "]") {
		run, in = []string{in}, ""
	}
	for _, f := range fs {
		if f.side != "" {
			if len(run) == 0 {
				run = []string{"null"}
			}
			g.pads += 2
			main, side := fmt.Sprintf("[x%d]", g.pads-2), fmt.Sprintf("[x%d]", g.pads-1)
			chains = append(chains, in+strings.Join(run, ",")+main, f.side+side)
			in, run = main+side, nil
		}
		if f.under != "" {
			if len(run) == 0 {
				run = []string{"null"}
			}
			g.pads += 2
			above, below := fmt.Sprintf("[x%d]", g.pads-2), fmt.Sprintf("[x%d]", g.pads-1)
			chains = append(chains, in+strings.Join(run, ",")+above, f.under+below)
			in, run = below+above, nil
		}
		if f.fork != "" {
			g.pads += 3
			main, other, second := fmt.Sprintf("[x%d]", g.pads-3), fmt.Sprintf("[x%d]", g.pads-2), fmt.Sprintf("[x%d]", g.pads-1)
			chains = append(chains, in+strings.Join(append(run, "split"), ",")+main+other, other+f.fork+second)
			in, run = main+second, nil
		}
		run = append(run, f.text)
	}
	if len(run) == 0 {
		run = []string{"null"}
	}
	return append(chains, in+strings.Join(run, ",")+out)
}

// grouped puts branches with the same key together, in order.
func grouped(branches []videoBranch, key func(videoBranch) string) [][]videoBranch {
	var groups [][]videoBranch
	index := map[string]int{}
	for _, b := range branches {
		k := key(b)
		i, ok := index[k]
		if !ok {
			i = len(groups)
			index[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], b)
	}
	return groups
}

// byEarly groups the branches that do the same at the source's own rate.
func (g *graph) byEarly() [][]videoBranch {
	return grouped(g.videos, func(b videoBranch) string {
		key := ""
		for _, p := range g.prog.parts {
			key += "|" + describeFilters(b.earlier(p))
		}
		return key
	})
}

func (g *graph) videoChains() []string {
	if len(g.videos) == 0 {
		return nil
	}
	var chains []string
	firsts := g.byEarly()
	for _, p := range g.prog.parts {
		chains = append(chains, g.partChains(p, g.partLabel(p), firsts)...)
	}
	if len(g.prog.parts) == 1 {
		return chains
	}
	for _, b := range g.videos {
		var pads strings.Builder
		for i := range g.prog.parts {
			fmt.Fprintf(&pads, "[p%d%s]", i, b.label)
		}
		join := plain(fmt.Sprintf("concat=n=%d:v=1:a=0", len(g.prog.parts)))
		chains = append(chains, g.chain(pads.String(), append(join, b.post...), "["+b.label+"]")...)
	}
	return chains
}

// partLabel begins the names of a part's pads; it is empty where there is nothing
// to join.
func (g *graph) partLabel(p *part) string {
	if len(g.prog.parts) == 1 {
		return ""
	}
	return "p" + strconv.Itoa(slices.Index(g.prog.parts, p))
}

// partChains is the way of one part's picture to all encodes. Their pads have
// the prefix before the label, or no prefix where there is nothing to join.
func (g *graph) partChains(p *part, prefix string, firsts [][]videoBranch) []string {
	if len(firsts) == 1 {
		return g.rateChains(p.pad(), p.head(), p, prefix, firsts[0])
	}
	split, outs := fanOut(prefix+"e", len(firsts))
	chains := g.chain(p.pad(), append(p.head(), split...), strings.Join(outs, ""))
	for i, bs := range firsts {
		chains = append(chains, g.rateChains(outs[i], nil, p, fmt.Sprintf("%se%d", prefix, i), bs)...)
	}
	return chains
}

// rateChains is the way from a pad through what was done already to the encodes
// that do the same at the source's own rate.
func (g *graph) rateChains(in string, done []filter, p *part, prefix string, bs []videoBranch) []string {
	rates := grouped(bs, func(b videoBranch) string { return b.rate.String() + b.round + b.convert })
	split, outs := fanOut(prefix+"r", len(rates))
	chains := g.chain(in, slices.Concat(done, bs[0].earlier(p), split), strings.Join(outs, ""))
	for i, bs := range rates {
		fps := g.fps(p, bs[0])
		// Renditions of one size share it: only their encoders differ. Every size is
		// made of the source: from size to size would save 3 % of the time of a
		// ladder, and cost 0.1 dB of each step below the first.
		shapes := grouped(bs, func(b videoBranch) string { return describeFilters(b.place(p)) })
		if len(shapes) == 1 {
			chains = append(chains, g.placed(outs[i], p, fps, bs, fmt.Sprintf("%sr%d", prefix, i))...)
			continue
		}
		split, pads := fanOut(fmt.Sprintf("%sr%ds", prefix, i), len(shapes))
		chains = append(chains, g.chain(outs[i], append(fps, split...), strings.Join(pads, ""))...)
		for j, bs := range shapes {
			chains = append(chains, g.placed(pads[j], p, nil, bs, fmt.Sprintf("%sr%ds%d", prefix, i, j))...)
		}
	}
	return chains
}

// placed ends the way of one part's picture to the encodes that show it alike.
func (g *graph) placed(in string, p *part, fps []filter, bs []videoBranch, prefix string) []string {
	post := func(b videoBranch) []filter {
		if len(g.prog.parts) == 1 {
			return b.post
		}
		return nil
	}
	label := func(b videoBranch) string { return "[" + g.partLabel(p) + b.label + "]" }
	fs := append(fps, bs[0].place(p)...)
	if len(bs) == 1 {
		return g.chain(in, append(fs, post(bs[0])...), label(bs[0]))
	}
	split, pads := fanOut(prefix+"p", len(bs))
	chains := g.chain(in, append(fs, split...), strings.Join(pads, ""))
	for i, b := range bs {
		chains = append(chains, g.chain(pads[i], post(b), label(b))...)
	}
	return chains
}

// earlier is what a branch does to a part at its own rate.
func (b videoBranch) earlier(p *part) []filter {
	if b.early == nil || p.src.video == nil {
		return nil
	}
	return b.early(p)
}

// describeFilters writes filters such that different ones differ.
func describeFilters(fs []filter) string {
	var text strings.Builder
	for _, f := range fs {
		fmt.Fprintf(&text, "%s<%s<%s<%s,", f.text, f.side, f.fork, f.under)
	}
	return text.String()
}

// fps puts a part on a frame rate. Where parts are cut or joined each has exactly
// its number of pictures. Files declare a little more than they hold: the last
// picture stays for half a second more at the end of the programme, and for as
// long as is needed where another part follows, so that sound and picture of all
// that follows stay together.
func (g *graph) fps(p *part, b videoBranch) []filter {
	var fs []filter
	if b.convert != "" && p.src.video != nil {
		fs = plain(b.convert)
	}
	if p.whole {
		return append(fs, plain("fps="+b.rate.String()+b.round)...)
	}
	spare, mode := int64(b.rate.Float()/2)+1, "clone"
	if p.src.padded {
		spare, mode = -1, "add:color=black"
	}
	if p != g.prog.parts[len(g.prog.parts)-1] {
		spare = -1
	}
	return append(fs, plain(
		"fps="+b.rate.String()+b.round+":start_time=0",
		fmt.Sprintf("tpad=stop=%d:stop_mode=%s", spare, mode),
		fmt.Sprintf("trim=end_frame=%d", p.frames(b.rate)),
	)...)
}

// fanOut gives the filter, if any is needed, that ends a chain in n pads called
// prefix0, prefix1 …, and the pads.
func fanOut(prefix string, n int) ([]filter, []string) {
	pads := make([]string, n)
	for i := range n {
		pads[i] = fmt.Sprintf("[%s%d]", prefix, i)
	}
	if n == 1 {
		return nil, pads
	}
	return plain(fmt.Sprintf("split=%d", n)), pads
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
		var log []string
		if l := b.sound.loudness; l != nil && l.log != "" {
			pad := fmt.Sprintf("[l%d]", i)
			labels += pad
			n++
			log = []string{pad + meter(l.log, skipped(g.prog.duration)) + ",anullsink"}
		}
		split := ""
		if n > 1 {
			split = fmt.Sprintf(",asplit=%d", n)
		}
		chains = append(append(chains, b.sound.chains(g.prog, i, split+labels)...), log...)
	}
	return chains
}
