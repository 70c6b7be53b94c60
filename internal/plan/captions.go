package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/captions"
	"spool/internal/spool"
)

// Captions is what a task of ToolCaptions does: it reads captions, cuts and moves
// them onto the timeline of the programme, and writes files of them.
type Captions struct {
	Tracks []CaptionTrack `json:"tracks"`
	Files  []CaptionFile  `json:"files"`
}

// CaptionTrack is the captions of one selector in the whole programme.
type CaptionTrack struct {
	Selector string        `json:"selector"`
	Parts    []CaptionPart `json:"parts"`
}

// CaptionPart is what a part of the programme has of them.
type CaptionPart struct {
	Source    string          `json:"source"` // token of a source, or of a staged file
	URI       string          `json:"uri"`    // what the user calls it
	Format    captions.Format `json:"format"`
	FrameRate spool.Rational  `json:"frameRate,omitzero"` // of timecodes in it
	Channel   int             `json:"channel,omitempty"`  // of CEA-608, 1 to 4
	Language  string          `json:"language,omitempty"` // which of several in one file
	Shift     time.Duration   `json:"shift,omitempty"`    // from its own times to the input's, whose first picture is at 0
	Clip      captions.Clip   `json:"clip"`
	// KeepLast lets what is shown at the end stay on over what follows
	// (terminateCaptions DISABLED).
	KeepLast bool `json:"keepLast,omitempty"`
}

// FormatTrack is a staged track: playlists and segments are made of it when the
// streams that it goes with are there.
const FormatTrack captions.Format = "track"

// FormatASS is captions to be drawn.
const FormatASS captions.Format = "ass"

// CaptionFile is a file that a captions task writes.
type CaptionFile struct {
	Track     int               `json:"track"` // index
	Format    captions.Format   `json:"format"`
	Staged    string            `json:"staged"`
	Language  string            `json:"language,omitempty"`
	Styled    bool              `json:"styled,omitempty"` // stylePassthrough
	VTT       captions.VTTStyle `json:"vtt,omitempty"`
	FrameRate spool.Rational    `json:"frameRate,omitzero"` // of SCC
	DropFrame bool              `json:"dropFrame,omitempty"`
	Carry     []Carry           `json:"carry,omitempty"`  // of FormatCarrier
	Frames    int64             `json:"frames,omitempty"` // of FormatCarrier, at FrameRate
	Look      *captions.Look    `json:"look,omitempty"`   // of FormatASS
	Fonts     []string          `json:"fonts,omitempty"`  // tokens of font files, the regular one first
	Pointer   string            `json:"pointer"`          // of the caption description
}

// FontsFolder is where a captions task puts the fonts of a job.
const FontsFolder = "fonts"

// captionSources lists the files with captions and fonts that a job reads.
func captionSources(s *types.JobSettings, list *sourceList) {
	used := map[string]bool{}
	for i := range s.OutputGroups {
		for j := range s.OutputGroups[i].Outputs {
			for k, d := range s.OutputGroups[i].Outputs[j].CaptionDescriptions {
				used[aws.ToString(d.CaptionSelectorName)] = true
				if d.DestinationSettings == nil || d.DestinationSettings.BurninDestinationSettings == nil {
					continue
				}
				at := fmt.Sprintf("/outputGroups/%d/outputs/%d/captionDescriptions/%d/destinationSettings/burninDestinationSettings/", i, j, k)
				b := d.DestinationSettings.BurninDestinationSettings
				list.add(aws.ToString(b.FontFileRegular), at+"fontFileRegular", false)
				list.add(aws.ToString(b.FontFileBold), at+"fontFileBold", false)
				list.add(aws.ToString(b.FontFileItalic), at+"fontFileItalic", false)
				list.add(aws.ToString(b.FontFileBoldItalic), at+"fontFileBoldItalic", false)
			}
		}
	}
	for i := range s.Inputs {
		for _, name := range slices.Sorted(maps.Keys(s.Inputs[i].CaptionSelectors)) {
			sel := s.Inputs[i].CaptionSelectors[name]
			if used[name] && sel.SourceSettings != nil && sel.SourceSettings.FileSourceSettings != nil {
				list.add(aws.ToString(sel.SourceSettings.FileSourceSettings.SourceFile), captionPointer(i, name)+"/fileSourceSettings/sourceFile", false)
			}
		}
	}
}

// captionPointer names the source settings of a selector.
func captionPointer(input int, name string) string {
	return fmt.Sprintf("/inputs/%d/captionSelectors/%s/sourceSettings", input, strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
}

// fileFormats are the formats of caption files by the type of their source.
var fileFormats = map[types.CaptionSourceType]captions.Format{
	types.CaptionSourceTypeSrt: captions.SRT, types.CaptionSourceTypeWebvtt: captions.WebVTT,
	types.CaptionSourceTypeTtml: captions.TTML, types.CaptionSourceTypeSmpteTt: captions.TTML, types.CaptionSourceTypeImsc: captions.TTML,
	types.CaptionSourceTypeScc: captions.SCC, types.CaptionSourceTypeSmi: captions.SMI, types.CaptionSourceTypeStl: captions.STL,
}

// caption gives the index of a selector's track, made at its first use.
func (b *builder) caption(name string) (int, error) {
	for i, t := range b.captions.Tracks {
		if t.Selector == name {
			return i, nil
		}
	}
	t := CaptionTrack{Selector: name}
	for _, p := range b.prog.parts {
		i := slices.Index(b.prog.sources, p.src)
		sel, ok := p.src.input.CaptionSelectors[name]
		if !ok || sel.SourceSettings == nil {
			continue // another input has it; here nothing is said
		}
		part, err := b.captionPart(p, sel, captionPointer(i, name))
		if err != nil {
			return 0, err
		}
		if part != nil {
			part.Clip = captions.Clip{From: p.from, To: p.from + p.length, At: p.start}
			t.Parts = append(t.Parts, *part)
		}
	}
	b.captions.Tracks = append(b.captions.Tracks, t)
	return len(b.captions.Tracks) - 1, nil
}

// captionPart says where a part has its captions from; nil is from nowhere.
func (b *builder) captionPart(p *part, sel types.CaptionSelector, pointer string) (*CaptionPart, error) {
	s := sel.SourceSettings
	if f := s.FileSourceSettings; f != nil && aws.ToString(f.SourceFile) != "" {
		return b.captionFile(p, sel, f)
	}
	if s.SourceType == types.CaptionSourceTypeNullSource {
		return nil, nil
	}
	switch {
	case s.SourceType == types.CaptionSourceTypeEmbedded:
		return b.embeddedCaptions(p, sel, pointer)
	case textCodecs[s.SourceType] != nil:
		return b.captionTrack(p, sel, pointer)
	}
	return nil, spool.Failf(spool.CodeIncompatible, "%s/sourceType: captions of the type %s are not read from inside an input.", pointer, s.SourceType)
}

func (b *builder) captionFile(p *part, sel types.CaptionSelector, f *types.FileSourceSettings) (*CaptionPart, error) {
	out := &CaptionPart{
		URI: aws.ToString(f.SourceFile), Format: fileFormats[sel.SourceSettings.SourceType],
		Language: captionLanguage(string(sel.LanguageCode), sel.CustomLanguageCode),
		Shift:    time.Duration(aws.ToInt32(f.TimeDelta)) * time.Second,
	}
	out.Source = b.token(out.URI)
	if f.TimeDeltaUnits == types.FileSourceTimeDeltaUnitsMilliseconds {
		out.Shift = time.Duration(aws.ToInt32(f.TimeDelta)) * time.Millisecond
	}
	switch out.Format {
	case captions.SCC:
		// what they say are timecodes of the input's timeline (behaviour.md 5.2)
		out.FrameRate = spool.Rational{Num: 30000, Den: 1001}
		if r := f.Framerate; r != nil && r.FramerateNumerator != nil && r.FramerateDenominator != nil {
			out.FrameRate = spool.Rational{Num: int64(*r.FramerateNumerator), Den: int64(*r.FramerateDenominator)}
		}
		out.Shift -= startOf(p.src, out.FrameRate)
	case captions.STL:
		out.Shift -= startOf(p.src, p.src.rate)
	default: // the others count from the first picture
	}
	return out, nil
}

// startOf gives the moment, counted from timecode 0, that an input's timeline
// begins at; 0 where it has no timecode.
func startOf(s *source, rate spool.Rational) time.Duration {
	text := ""
	switch s.input.TimecodeSource {
	case types.InputTimecodeSourceZerobased:
	case types.InputTimecodeSourceSpecifiedstart:
		text = aws.ToString(s.input.TimecodeStart)
	default:
		text = s.media.Timecode
	}
	text, _, _ = strings.Cut(text, "@")
	at, _ := captions.Timecode(text, rate)
	return at
}

// token gives the token of a source by what the user calls it.
func (b *builder) token(uri string) string {
	for _, in := range b.plan.Inputs {
		if in.URI == uri {
			return in.Token
		}
	}
	return ""
}

// captionLanguage gives a language as playlists and files write it, or "".
func captionLanguage(code string, custom *string) string {
	return terminology(strings.ToLower(cmp.Or(code, aws.ToString(custom))))
}

// addCaption plans a file of captions and gives its staged name.
func (b *builder) addCaption(f CaptionFile, extension string) string {
	f.Staged = "c" + strconv.Itoa(len(b.captions.Files)) + "." + extension
	b.captions.Files = append(b.captions.Files, f)
	return f.Staged
}

// captionTasks are what has to be done before anything is encoded.
func (b *builder) captionTasks() []Task {
	if len(b.captions.Files) == 0 {
		return nil
	}
	return append(b.extracts, Task{ID: "captions", Tool: ToolCaptions, Duration: b.prog.duration, Captions: &b.captions})
}

// describedLanguage gives the language of a caption description: its own, or
// that of its selector in the first input that has one.
func (b *builder) describedLanguage(d *types.CaptionDescription) string {
	if l := captionLanguage(string(d.LanguageCode), d.CustomLanguageCode); l != "" {
		return l
	}
	for i := range b.settings.Inputs {
		sel := b.settings.Inputs[i].CaptionSelectors[aws.ToString(d.CaptionSelectorName)]
		if l := captionLanguage(string(sel.LanguageCode), sel.CustomLanguageCode); l != "" {
			return l
		}
	}
	return ""
}

func destination(d *types.CaptionDescription) types.CaptionDestinationType {
	if d.DestinationSettings == nil {
		return types.CaptionDestinationTypeEmbedded
	}
	return cmp.Or(d.DestinationSettings.DestinationType, types.CaptionDestinationTypeEmbedded)
}

// isSidecar tells whether an output is captions alone.
func isSidecar(o *types.Output) bool {
	return o.VideoDescription == nil && len(o.AudioDescriptions) == 0 && len(o.CaptionDescriptions) > 0
}

// sidecars are the files of captions alone (behaviour.md 4.2, 5.9).
var sidecars = map[types.CaptionDestinationType]struct {
	format                 captions.Format
	extension, contentType string
}{
	types.CaptionDestinationTypeSrt:    {captions.SRT, "srt", "application/x-subrip"},
	types.CaptionDestinationTypeWebvtt: {captions.WebVTT, "vtt", "text/vtt"},
	types.CaptionDestinationTypeTtml:   {captions.TTML, "ttml", "application/ttml+xml"},
	types.CaptionDestinationTypeImsc:   {captions.IMSC, "xml", "application/ttml+xml"},
	types.CaptionDestinationTypeScc:    {captions.SCC, "scc", "text/plain"},
	types.CaptionDestinationTypeSmi:    {captions.SMI, "smi", "application/x-sami"},
}

// sidecarOutput plans an output of captions alone in a file group.
func (b *builder) sidecarOutput(i, j int, o *types.Output, base string) (Output, error) {
	d := &o.CaptionDescriptions[0]
	at := fmt.Sprintf("/outputGroups/%d/outputs/%d/captionDescriptions/0", i, j)
	kind, ok := sidecars[destination(d)]
	if !ok {
		return Output{}, spool.Failf(spool.CodeIncompatible, "%s/destinationSettings/destinationType: %s is no file of its own.", at, destination(d))
	}
	f, err := b.sidecar(d, at)
	if err != nil {
		return Output{}, err
	}
	ext := cmp.Or(aws.ToString(o.Extension), kind.extension)
	out := Output{Kind: KindCaptions, ContentType: kind.contentType, Format: kind.format, Staged: b.addCaption(f, kind.extension)}
	names := b.names(nil, nil, ext)
	out.Key = base + names.expand(aws.ToString(o.NameModifier), inModifier) + "." + ext
	if err := spool.CheckKey(out.Key); err != nil {
		return out, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: %s.", i, j, err)
	}
	return out, nil
}

// sidecar says how a description's captions are written as a file.
func (b *builder) sidecar(d *types.CaptionDescription, at string) (CaptionFile, error) {
	track, err := b.caption(aws.ToString(d.CaptionSelectorName))
	f := CaptionFile{Track: track, Format: sidecars[destination(d)].format, Language: b.describedLanguage(d), Pointer: at}
	s := d.DestinationSettings
	switch {
	case s == nil:
	case s.SrtDestinationSettings != nil:
		f.Styled = s.SrtDestinationSettings.StylePassthrough == types.SrtStylePassthroughEnabled
	case s.TtmlDestinationSettings != nil:
		f.Styled = s.TtmlDestinationSettings.StylePassthrough == types.TtmlStylePassthroughEnabled
	case s.ImscDestinationSettings != nil:
		f.Styled = s.ImscDestinationSettings.StylePassthrough == types.ImscStylePassthroughEnabled
	case s.WebvttDestinationSettings != nil:
		f.VTT = map[types.WebvttStylePassthrough]captions.VTTStyle{
			types.WebvttStylePassthroughEnabled: captions.VTTStyled, types.WebvttStylePassthroughStrict: captions.VTTStrict,
			types.WebvttStylePassthroughMerge: captions.VTTMerge,
		}[s.WebvttDestinationSettings.StylePassthrough]
	case s.SccDestinationSettings != nil:
		f.FrameRate, f.DropFrame = sccRate(s.SccDestinationSettings.Framerate)
	}
	if f.Format == captions.SCC && !f.FrameRate.Valid() {
		f.FrameRate, f.DropFrame = sccRate("")
	}
	return f, err
}

// sccRate gives the frames that an SCC file counts; 29.97 with drops unless said.
func sccRate(r types.SccDestinationFramerate) (spool.Rational, bool) {
	switch r {
	case types.SccDestinationFramerateFramerate2397:
		return spool.Rational{Num: 24000, Den: 1001}, false
	case types.SccDestinationFramerateFramerate24:
		return spool.Rational{Num: 24, Den: 1}, false
	case types.SccDestinationFramerateFramerate25:
		return spool.Rational{Num: 25, Den: 1}, false
	case types.SccDestinationFramerateFramerate2997NonDropframe:
		return spool.Rational{Num: 30000, Den: 1001}, false
	default:
		return spool.Rational{Num: 30000, Den: 1001}, true
	}
}
