package plan

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/captions"
	"spool/internal/dash"
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
	// Rendition is how manifests announce them.
	Rendition *Rendition `json:"rendition,omitempty"`
	// File is the form that DASH manifests name, where they are not packaged.
	File *CaptionFileStream `json:"file,omitempty"`
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
	out.Captions.Rendition = b.subtitles(o)
	out.HLS = &HLS{Extension: "vtt", Rendition: out.Captions.Rendition}
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
	return Output{Captions: &CaptionStream{Style: f.VTT, Accessible: accessible(d)}, Staged: b.addCaption(f, "json")}, nil
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
		if outs[j].Captions == nil {
			continue
		}
		r := outs[j].Captions.Rendition
		r.Default = len(before) == 0
		r.join(before)
		before = append(before, r)
	}
}

// CaptionFileStream is captions that are one file beside the segments of a DASH
// or CMAF group, which its DASH manifest names.
type CaptionFileStream struct {
	ID          string `json:"id"` // of the DASH Representation
	Staged      string `json:"staged"`
	Key         string `json:"key"`
	ContentType string `json:"contentType"`
}

// captions plans an output of captions alone in a DASH or CMAF group
// (behaviour.md 4.5, 5.9).
func (p *packing) captions(j int, o *types.Output) (Output, error) {
	at := fmt.Sprintf("/outputGroups/%d/outputs/%d", p.i, j)
	d := &o.CaptionDescriptions[0]
	kind := destination(d)
	file, ok := sidecars[kind]
	if !ok || kind == types.CaptionDestinationTypeSrt || kind == types.CaptionDestinationTypeScc || kind == types.CaptionDestinationTypeSmi {
		return Output{}, spool.Failf(spool.CodeIncompatible, "%s/captionDescriptions/0/destinationSettings/destinationType: %s is no stream of its own.", at, kind)
	}
	f, err := p.sidecar(d, at+"/captionDescriptions/0")
	if err != nil {
		return Output{}, err
	}
	r := p.subtitles(o)
	s := &CaptionStream{Style: f.VTT, Rendition: r, Accessible: accessible(d)}
	out := Output{Kind: KindCaptionStream, Captions: s}
	names := p.names(nil, nil, "mpd")
	name := p.base + names.expand(aws.ToString(o.NameModifier), inModifier)
	var mpd types.MpdSettings
	if o.ContainerSettings != nil && o.ContainerSettings.MpdSettings != nil {
		mpd = *o.ContainerSettings.MpdSettings
	}
	if p.cmaf && kind != types.CaptionDestinationTypeWebvtt || mpd.CaptionContainerType == types.MpdCaptionContainerTypeFragmentedMp4 {
		return p.fragmentedCaptions(j, o, f, out)
	}
	if p.group.Dash != nil {
		s.File = &CaptionFileStream{ID: fmt.Sprint(j + 1), Staged: p.addCaption(f, file.extension), Key: name + "." + file.extension, ContentType: file.contentType}
		out.Key, out.ContentType = s.File.Key, file.contentType
	}
	if p.hls {
		f.Format = FormatTrack
		out.Staged = p.addCaption(f, "json")
		out.Key, out.ContentType = name+".m3u8", "application/vnd.apple.mpegurl"
		out.SegmentBase = name
		out.HLS = &HLS{Extension: "vtt", Digits: 9, Rendition: r}
	}
	if err := spool.CheckKey(name + ".webvtt"); err != nil {
		return out, spool.Failf(spool.CodeIncompatible, "%s: %s.", at, err)
	}
	return out, nil
}

// fragmentedCaptions plans captions in fragmented MP4, which the packager makes of
// WebVTT: wvtt of WebVTT, and stpp of TTML and IMSC.
func (p *packing) fragmentedCaptions(j int, o *types.Output, f CaptionFile, out Output) (Output, error) {
	format := "vtt+mp4"
	if f.Format != captions.WebVTT {
		format, f.VTT = "ttml+mp4", captions.VTTBare
	}
	f.Format = captions.WebVTT
	s := Packed{
		ID: fmt.Sprint(j + 1), Kind: "text", Ext: ".mp4", ContentType: "application/mp4", Staged: fmt.Sprintf("g%d_o%d_0", p.i, j),
		Language: out.Captions.Rendition.Language, Label: out.Captions.Rendition.Name,
	}
	if p.cmaf {
		s.Ext = ".cmft"
	}
	names := p.names(nil, nil, "mpd")
	name := dash.Literal(p.base) + names.template(aws.ToString(o.NameModifier), !p.cmaf)
	p.keys(&s, name)
	for _, key := range []string{s.Init, dash.Fill(s.Media, dash.Values{Number: 1})} {
		if key != "" && spool.CheckKey(key) != nil {
			return out, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: %s.", p.i, j, spool.CheckKey(key))
		}
	}
	staged := p.addCaption(f, "vtt")
	p.streams = append(p.streams, strings.TrimSuffix(p.descriptor(s, staged), "mp4")+format)
	out.Kind, out.Packed, out.Duration = KindPacked, []Packed{s}, p.prog.duration
	out.Key = dash.Fill(s.Media, dash.Values{Representation: s.ID, Number: 1})
	out.ContentType = s.ContentType
	if p.hls {
		out.Key = dash.Fill(name, dash.Values{Representation: s.ID, Number: 1}) + ".m3u8"
		out.HLS = &HLS{Rendition: out.Captions.Rendition}
	}
	return out, nil
}

// accessible tells whether captions are said to tell all that can be heard.
func accessible(d *types.CaptionDescription) bool {
	s := d.DestinationSettings
	return s != nil && (s.WebvttDestinationSettings != nil && s.WebvttDestinationSettings.Accessibility == types.WebvttAccessibilitySubsEnabled ||
		s.ImscDestinationSettings != nil && s.ImscDestinationSettings.Accessibility == types.ImscAccessibilitySubsEnabled)
}
