package plan

import (
	"fmt"

	"spool/internal/dash"
	"spool/internal/spool"
)

// smallest is the picture of a group that trick play is made from: fast forward
// is seen for an instant, and many of its frames should arrive.
type smallest struct {
	output    int
	width     int
	mezzanine string
	names     ids
	stream    Packed
}

// trickPlay plans a stream of the key frames alone, which players of DASH use for
// fast forward (dashIFrameTrickPlayNameModifier).
func (p *packing) trickPlay() error {
	if p.trick == "" || p.group.Dash == nil || p.small.mezzanine == "" {
		return nil
	}
	out := &p.group.Outputs[p.small.output]
	s := p.small.stream
	s.Trick = true
	s.Staged = fmt.Sprintf("g%d_trick", p.i)
	s.ID = "trick"
	p.keys(&s, dash.Literal(p.base)+p.small.names.template(p.trick, !p.cmaf))
	for _, key := range []string{s.Init, dash.Fill(s.Media, dash.Values{Representation: s.ID, Number: 1})} {
		if err := spool.CheckKey(key); key != "" && err != nil {
			return spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputGroupSettings/%s/dashIFrameTrickPlayNameModifier: %s.", p.i, p.object, err)
		}
	}
	out.Packed = append(out.Packed, s)
	p.streams = append(p.streams, p.descriptor(s, p.small.mezzanine)+",trick_play_factor=1")
	return nil
}
