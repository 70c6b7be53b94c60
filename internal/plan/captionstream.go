package plan

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/captions"
	"spool/internal/spool"
)

// CaptionStream says how captions become a stream of a group. Its staged file is
// of FormatTrack.
type CaptionStream struct {
	// MatchVideo gives them the segments of the group's video; otherwise each has
	// LargeSegment seconds (captionSegmentLengthControl).
	MatchVideo bool              `json:"matchVideo,omitempty"`
	Style      captions.VTTStyle `json:"style,omitempty"`
	// Accessible says that they tell all that can be heard.
	Accessible bool `json:"accessible,omitempty"`
}

// LargeSegment is the length of caption segments that don't follow the video,
// in seconds (behaviour.md 4.4).
const LargeSegment = 300

// subtitleGroup is the group of all subtitles (behaviour.md 4.4).
const subtitleGroup = "subs"

// hlsCaptions plans an output of captions alone in an HLS group: a playlist of
// its own with WebVTT segments.
func (b *builder) hlsCaptions(i, j int, o *types.Output, hs *types.HlsGroupSettings, base string) (Output, error) {
	at := fmt.Sprintf("/outputGroups/%d/outputs/%d", i, j)
	out, err := b.captionStream(o, at)
	if err != nil {
		return out, err
	}
	out.Captions.MatchVideo = hs.CaptionSegmentLengthControl == types.HlsCaptionSegmentLengthControlMatchVideo
	names := b.names(nil, nil, "m3u8")
	name := base + names.expand(aws.ToString(o.NameModifier), inModifier)
	out.Kind, out.Key, out.ContentType = KindCaptionStream, name+".m3u8", "application/vnd.apple.mpegurl"
	out.SegmentBase, out.SegmentModifier = name, names.expand(aws.ToString(hlsSettings(o).SegmentModifier), inSegment)
	out.HLS = &HLS{Extension: "vtt", Rendition: b.subtitles(o)}
	if hs.DirectoryStructure == types.HlsDirectoryStructureSubdirectoryPerStream {
		out.HLS.Folder = name[strings.LastIndexByte(name, '/')+1:]
		out.HLS.PerFolder = int(aws.ToInt32(hs.SegmentsPerSubdirectory))
	}
	if err := spool.CheckKey(out.SegmentKey(1, b.facts.Started)); err != nil {
		return out, spool.Failf(spool.CodeIncompatible, "%s: %s.", at, err)
	}
	return out, nil
}

// captionStream plans the track of an output of WebVTT for players.
func (b *builder) captionStream(o *types.Output, at string) (Output, error) {
	d := &o.CaptionDescriptions[0]
	if destination(d) != types.CaptionDestinationTypeWebvtt {
		return Output{}, spool.Failf(spool.CodeIncompatible, "%s/captionDescriptions/0/destinationSettings/destinationType: %s is no stream of its own.", at, destination(d))
	}
	f, err := b.sidecar(d, at+"/captionDescriptions/0")
	if err != nil {
		return Output{}, err
	}
	f.Format = FormatTrack
	s := &CaptionStream{Style: f.VTT}
	if w := d.DestinationSettings.WebvttDestinationSettings; w != nil {
		s.Accessible = w.Accessibility == types.WebvttAccessibilitySubsEnabled
	}
	return Output{Captions: s, Staged: b.addCaption(f, "json")}, nil
}

// subtitles says how a playlist announces an output's captions.
func (b *builder) subtitles(o *types.Output) *Rendition {
	d := &o.CaptionDescriptions[0]
	r := &Rendition{Group: subtitleGroup, Language: b.describedLanguage(d), AutoSelect: true}
	r.Name = cmp.Or(aws.ToString(d.LanguageDescription), languageNames[r.Language], strings.ToUpper(r.Language), "Subtitles")
	return r
}

// languageNames are those that people see where a job gives no name.
var languageNames = map[string]string{
	"ara": "Arabic", "bul": "Bulgarian", "ces": "Czech", "dan": "Danish", "deu": "German", "ell": "Greek", "eng": "English",
	"fin": "Finnish", "fra": "French", "heb": "Hebrew", "hin": "Hindi", "hrv": "Croatian", "hun": "Hungarian", "ind": "Indonesian",
	"ita": "Italian", "jpn": "Japanese", "kor": "Korean", "nld": "Dutch", "nor": "Norwegian", "pol": "Polish", "por": "Portuguese",
	"ron": "Romanian", "rus": "Russian", "slk": "Slovak", "spa": "Spanish", "swe": "Swedish", "tha": "Thai", "tur": "Turkish",
	"ukr": "Ukrainian", "vie": "Vietnamese", "zho": "Chinese",
}

// nameSubtitles keeps the subtitles of a group as players demand it: names
// differ, and the first is the default one.
func nameSubtitles(outs []Output) {
	var before []*Rendition
	for j := range outs {
		if outs[j].Captions == nil || outs[j].HLS == nil {
			continue
		}
		r := outs[j].HLS.Rendition
		r.Default = len(before) == 0
		r.join(before)
		before = append(before, r)
	}
}
