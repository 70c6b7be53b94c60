package plan

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// rung is one rendition.
type rung struct {
	size  size
	max   int64 // bits/s, the cap
	level int   // of quality
	must  bool  // a rule names it
}

// ladder chooses the renditions of a group.
type ladder struct {
	rules abrRules
	sizes []size           // that may be chosen, largest first
	rate  map[size]float64 // bits/s that each takes at abrCRF
	slope float64          // by how much the rate's logarithm falls with one step of CRF
}

const (
	// rungStep is how many times the bitrate of the next rung a rung has: wide
	// enough that a switch can be seen, and near enough that little is given away.
	rungStep = 1.7
	// nearRung is what two rungs of different size must differ by at least, and
	// nearSame two of the same size.
	nearRung, nearSame = 1.2, 1.3
	// worstCRF is the quality below which a rendition is of no use.
	worstCRF = 40.0
	// poorCRF is the quality below which a smaller picture looks better at the
	// same rate, and forcedCRF that of sizes which are there by a rule.
	poorCRF, forcedCRF = 26.5, 25.0
)

func newLadder(rules abrRules, probes []abrProbe, group int) ladder {
	l := ladder{rules: rules, sizes: rules.candidates(), rate: make(map[size]float64), slope: math.Ln2 / 6}
	fine, poor := 0.0, 0.0
	for _, p := range probes {
		if !slices.Contains(p.groups, group) {
			continue
		}
		bits := p.bits
		if rules.h265 {
			bits /= h265Worth
		}
		switch p.crf {
		case abrFineCRF:
			fine = bits
		case abrPoorCRF:
			poor = bits
		default:
			l.rate[p.size] = bits
		}
	}
	if fine > 0 && poor > 0 && len(l.sizes) > 0 {
		l.slope = math.Log(fine/poor) / (abrPoorCRF - abrFineCRF)
		l.rate[l.sizes[0]] = fine * math.Exp(-l.slope*(abrCRF-abrFineCRF))
	}
	return l
}

// at estimates the rate of a size at a quality, bits/s.
func (l ladder) at(s size, crf float64) float64 {
	return l.rate[s] * math.Exp(-l.slope*(crf-abrCRF))
}

// level is the quality level of a size: the service's advice by height, one step
// down for the largest, where the best shows no difference; maxQualityLevel
// bounds all of them.
func (l ladder) level(s size) int {
	level := min(8, int(autoLevel(min(s.width, s.height))))
	if l.rules.level > 0 {
		if s == l.rules.largest {
			return l.rules.level
		}
		level = min(level, l.rules.level)
	}
	return level
}

// levelCRF is what a quality level is in CRF, as H.264 encodes it.
func levelCRF(level int) float64 { return 12 + 3.3*float64(10-level) }

// useful is the rate beyond which a size looks no better: what its quality level
// takes, and no more than the source is worth.
func (l ladder) useful(s size) int64 {
	bits := int64(l.at(s, levelCRF(l.level(s))))
	if most := l.rules.sourceRate; most > 0 {
		bits = min(bits, most)
	}
	return max(bits, l.rules.low)
}

// best is the largest size, down from one, that looks better than a smaller one
// at a rate; the smallest there is when none does.
func (l ladder) best(rate int64, from, least size) size {
	choice := from
	for _, s := range l.sizes {
		if !s.within(from) || !least.within(s) {
			continue
		}
		if choice = s; l.at(s, poorCRF) <= float64(rate) {
			break
		}
	}
	return choice
}

// below is the next smaller size, or the size itself where there is none.
func (l ladder) below(s size) size {
	for _, smaller := range l.sizes {
		if smaller != s && smaller.within(s) && l.least().within(smaller) {
			return smaller
		}
	}
	return s
}

// rungs gives the renditions, best first. There is one at least.
func (l ladder) rungs() []rung {
	r := l.rules
	if len(l.sizes) == 0 {
		l.sizes = []size{r.largest} // all that rules allow is larger than the source
	}
	most := r.high
	if r.sourceRate > 0 {
		most = max(r.low, min(most, r.sourceRate))
	}
	largest := l.sizes[0]
	first := largest
	if least := cmp.Or(r.minTop, r.minBottom); least.within(largest) {
		first = l.best(most, largest, least)
	}
	top := rung{size: first, max: l.cap(min(most, l.useful(first)))}
	list := l.down(top, rungStep)
	if n := len(list); n > r.most { // as far down, in fewer steps
		list = l.down(top, math.Pow(float64(top.max)/float64(list[n-1].max), 1/float64(r.most-1)))
	}
	for _, s := range r.must {
		list = l.include(list, s)
	}
	list = thin(l.ordered(list), r.most)
	for i := range list {
		list[i].level = l.level(list[i].size)
	}
	return list
}

// down puts rungs below the top one, each with a step-th of the rate of the one
// above.
func (l ladder) down(top rung, step float64) []rung {
	list := []rung{top}
	for { // each one is below the last: it ends
		n := len(list)
		last := list[n-1]
		rate := max(l.rules.low, int64(float64(last.max)/step))
		next := rung{size: l.best(rate, last.size, l.least())}
		if n > 1 && next.size == last.size && next.size == list[n-2].size {
			next.size = l.below(next.size)
		}
		next.max = l.cap(min(rate, l.useful(next.size)))
		if near(last, next) || l.at(next.size, worstCRF) > float64(next.max) {
			return list
		}
		if list = append(list, next); next.max == l.rules.low {
			return list
		}
	}
}

// least is the smallest size that a rung may have.
func (l ladder) least() size {
	if l.rules.minBottom.within(l.rules.largest) {
		return l.rules.minBottom
	}
	return l.rules.largest
}

// cap rounds a rate to three digits, inside of what the job allows.
func (l ladder) cap(rate int64) int64 {
	unit := int64(1000)
	for rate/unit >= 1000 {
		unit *= 10
	}
	rate = (rate + unit/2) / unit * unit
	return min(max(rate, l.rules.low), l.rules.high)
}

// near tells whether the lower of two rungs is no choice beside the other.
func near(a, b rung) bool {
	ratio := nearRung
	if a.size == b.size {
		ratio = nearSame
	}
	return float64(a.max) < ratio*float64(b.max)
}

// include adds a size that a rule names, where no rung has it.
func (l ladder) include(list []rung, s size) []rung {
	for i := range list {
		if list[i].size == s {
			list[i].must = true
			return list
		}
	}
	rate := l.cap(min(int64(l.at(s, forcedCRF)), list[0].max))
	return append(list, rung{size: s, max: rate, must: true})
}

// ordered sorts rungs so that no smaller picture has a higher rate, drops those
// that are near to one that has to be there, and keeps all rates apart.
func (l ladder) ordered(list []rung) []rung {
	slices.SortStableFunc(list, func(a, b rung) int {
		return cmp.Or(cmp.Compare(b.max, a.max), cmp.Compare(b.size.pixels(), a.size.pixels()))
	})
	for i := 0; i+1 < len(list); {
		a, b := list[i], list[i+1]
		switch {
		case !near(a, b) || a.must && b.must:
			i++
		case b.must && i > 0:
			list = slices.Delete(list, i, i+1)
			i--
		case !b.must:
			list = slices.Delete(list, i+1, i+2)
		default:
			i++
		}
	}
	rates := make([]int64, len(list))
	for i, r := range list {
		rates[i] = r.max
	}
	slices.SortStableFunc(list, func(a, b rung) int { return cmp.Compare(b.size.pixels(), a.size.pixels()) })
	// Several that have to be there may be worth the same: they are put apart, from
	// the lowest up, and down again from the highest where that is too high.
	const apart = 1.05
	for i := len(rates) - 2; i >= 0; i-- {
		rates[i] = max(rates[i], int64(math.Ceil(float64(rates[i+1])*apart)))
	}
	for i := range rates {
		most := l.rules.high
		if i > 0 {
			most = int64(float64(rates[i-1]) / apart)
		}
		rates[i] = min(rates[i], most)
		list[i].max = rates[i]
	}
	return list
}

// thin drops the rungs that are least missed until there are few enough: not the
// best and those that have to be there, and the last only after all others.
func thin(list []rung, most int) []rung {
	for len(list) > most {
		worst, gap := -1, math.Inf(1)
		for i := 1; i < len(list); i++ {
			ratio := math.MaxFloat64 // of what stays on its two sides
			if i+1 < len(list) {
				ratio = float64(list[i-1].max) / float64(list[i+1].max)
			}
			if !list[i].must && ratio < gap {
				worst, gap = i, ratio
			}
		}
		if worst < 0 {
			break // the rules name as many as there may be, and the best is one of them or goes
		}
		list = slices.Delete(list, worst, worst+1)
	}
	if len(list) > most {
		list = slices.DeleteFunc(list, func(r rung) bool { return !r.must })
	}
	return list
}

// explain says what was chosen and why.
func (l ladder) explain(list []rung) string {
	r := l.rules
	words := make([]string, len(list))
	for i, g := range list {
		words[i] = fmt.Sprintf("%s at up to %s", g.size, kilobits(g.max))
	}
	noun := "renditions"
	if len(list) == 1 {
		noun = "rendition"
	}
	text := fmt.Sprintf("%d %s: %s.", len(list), noun, strings.Join(words, ", "))
	top := list[0]
	need := int64(l.at(top.size, levelCRF(l.level(top.size))))
	text += fmt.Sprintf(" At quality level %d the source takes %s in %s", l.level(top.size), kilobits(need), top.size)
	switch {
	case r.sourceRate > 0 && r.sourceRate < min(need, r.high):
		text += fmt.Sprintf(", and it is worth %s itself", kilobits(r.sourceRate))
	case need > r.high:
		text += ", more than maxAbrBitrate allows"
	case need < r.low:
		text += ", less than minAbrBitrate"
	}
	text += "."
	if top.size != r.largest {
		text += fmt.Sprintf(" %s would look worse at these bitrates or is not among the allowed sizes.", r.largest)
	}
	for _, s := range r.left {
		text += fmt.Sprintf(" %s is larger than the source or the output and was left out.", s)
	}
	for _, least := range []struct {
		size size
		rule string
	}{{r.minTop, "MIN_TOP_RENDITION_SIZE"}, {r.minBottom, "MIN_BOTTOM_RENDITION_SIZE"}} {
		if !least.size.within(r.largest) {
			text += fmt.Sprintf(" %s asks for %s, which the source or the output does not have.", least.rule, least.size)
		}
	}
	return text
}

// kilobits writes a bitrate for people.
func kilobits(bits int64) string {
	if bits >= 1_000_000 {
		return fmt.Sprintf("%.1f Mbit/s", float64(bits)/1e6)
	}
	return fmt.Sprintf("%d kbit/s", (bits+500)/1000)
}
