package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/captions"
	"spool/internal/spool"
)

// textCodecs are the tracks that can be read, by FFmpeg's names, for each type of
// source.
var textCodecs = map[types.CaptionSourceType][]string{
	types.CaptionSourceTypeSrt:    {"subrip", "text", "ass", "ssa"},
	types.CaptionSourceTypeWebvtt: {"webvtt"},
	types.CaptionSourceTypeTt3gpp: {"mov_text"},
}

// captionTrack plans taking a text track out of an input.
func (b *builder) captionTrack(p *part, sel types.CaptionSelector, pointer string) (*CaptionPart, error) {
	kind := sel.SourceSettings.SourceType
	codecs := textCodecs[kind]
	track, err := textTrack(p.src, sel.SourceSettings.TrackSourceSettings, codecs, pointer)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(codecs, track.Codec) {
		return nil, spool.Failf(spool.CodeIncompatible, "%s/sourceType: the track %d of the input [%s] holds %s and not %s captions.", pointer, track.Index+1, p.src.uri, track.Codec, kind)
	}
	format, code := captions.SRT, "srt"
	if track.Codec == "webvtt" {
		format, code = captions.WebVTT, "copy"
	}
	source := b.extract(p.src.uri, fmt.Sprintf("%d", track.Index), func(in, staged string) Task {
		args := append(inputArgs(in), "-map", "0:"+strconv.Itoa(track.Index), "-c:s", code, "-f", string(format), staged)
		return Task{Tool: ToolFFmpeg, Args: args}
	}, string(format))
	// FFmpeg counts from the container's first timestamp
	return &CaptionPart{Source: source, URI: p.src.uri, Format: format, Shift: -p.src.zero}, nil
}

// textTrack finds the track that a selector means: by its number among the text
// tracks or among all, or the first that can be it.
func textTrack(s *source, t *types.TrackSourceSettings, codecs []string, pointer string) (spool.TextTrack, error) {
	if t == nil {
		t = &types.TrackSourceSettings{}
	}
	n, all := int(aws.ToInt32(t.TrackNumber)), int(aws.ToInt32(t.StreamNumber))
	for i, track := range s.media.Text {
		switch {
		case all > 0 && track.Index == all-1,
			all == 0 && n > 0 && i == n-1,
			all == 0 && n == 0 && slices.Contains(codecs, track.Codec):
			return track, nil
		}
	}
	what := "no such track"
	if n > 0 || all > 0 {
		what = fmt.Sprintf("no captions in track %d", cmp.Or(all, n))
	}
	return spool.TextTrack{}, spool.Failf(spool.CodeIncompatible, "%s/trackSourceSettings: the input [%s] has %s; it has %d text tracks.", pointer, s.uri, what, len(s.media.Text))
}

// embeddedCaptions plans reading the closed captions that the pictures of an
// input carry.
func (b *builder) embeddedCaptions(p *part, sel types.CaptionSelector, pointer string) (*CaptionPart, error) {
	v := p.src.video
	if v == nil {
		return nil, spool.Failf(spool.CodeIncompatible, "%s/sourceType: the input [%s] has no video that captions could be embedded in.", pointer, p.src.uri)
	}
	source := b.extract(p.src.uri, "cc", func(in, staged string) Task {
		return Task{Tool: ToolCC, Args: []string{in, staged, p.src.media.Format}}
	}, "txt")
	out := &CaptionPart{Source: source, URI: p.src.uri, Format: captions.CC, Channel: 1}
	if e := sel.SourceSettings.EmbeddedSourceSettings; e != nil {
		out.Channel = int(cmp.Or(aws.ToInt32(e.Source608ChannelNumber), 1))
		out.KeepLast = e.TerminateCaptions == types.EmbeddedTerminateCaptionsDisabled
	}
	// these are the pictures' own timestamps
	out.Shift = -time.Duration(float64(v.FirstPTS) * v.TimeBase.Float() * 1e9)
	return out, nil
}

// extract adds a task that takes captions out of a source, once, and gives the
// token of what it leaves.
func (b *builder) extract(uri, what string, task func(in, staged string) Task, extension string) string {
	in := b.token(uri)
	id := "extract_" + in[1:] + "_" + what
	staged := Work + "/" + id + "." + extension
	for _, t := range b.extracts {
		if t.ID == id {
			return staged
		}
	}
	t := task(in, staged)
	t.ID, t.Duration = id, b.prog.duration
	b.extracts = append(b.extracts, t)
	return staged
}
