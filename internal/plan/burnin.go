package plan

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/captions"
)

// burnIn draws the captions of an output into its picture, if it asks for that.
func (b *builder) burnIn(i, j int, o *types.Output, enc *encoding) error {
	for k := range o.CaptionDescriptions {
		d := &o.CaptionDescriptions[k]
		if destination(d) != types.CaptionDestinationTypeBurnIn {
			continue
		}
		track, err := b.caption(aws.ToString(d.CaptionSelectorName))
		if err != nil {
			return err
		}
		var s types.BurninDestinationSettings
		if d.DestinationSettings.BurninDestinationSettings != nil {
			s = *d.DestinationSettings.BurninDestinationSettings
		}
		f := CaptionFile{
			Track: track, Format: FormatASS, Look: look(&s, enc.geo.width, enc.geo.height),
			Pointer: fmt.Sprintf("/outputGroups/%d/outputs/%d/captionDescriptions/%d", i, j, k),
		}
		f.Look.Aspect = enc.geo.sar.Float()
		if s.TeletextSpacing == types.BurninSubtitleTeletextSpacingFixedGrid && b.gridded(track) && s.FontFileRegular == nil {
			f.Look.Font = "monospace"
		}
		for _, font := range []*string{s.FontFileRegular, s.FontFileBold, s.FontFileItalic, s.FontFileBoldItalic} {
			if font != nil {
				f.Fonts = append(f.Fonts, b.token(*font))
			}
		}
		enc.post = append(enc.post, filter{text: b.drawing(f)})
	}
	return nil
}

// drawing gives the filter that draws captions. FFmpeg runs in the staging
// folder, so that the names in it are ours alone. Outputs of one size with the
// same look share one file, and so their encodes can be shared.
func (b *builder) drawing(f CaptionFile) string {
	staged := ""
	for _, other := range b.captions.Files {
		if other.Format == FormatASS && other.Track == f.Track && fmt.Sprint(other.Fonts) == fmt.Sprint(f.Fonts) && other.Look.Same(*f.Look) {
			staged = other.Staged
		}
	}
	if staged == "" {
		staged = b.addCaption(f, "ass")
	}
	text := "ass=filename=" + staged
	if len(f.Fonts) > 0 {
		text += ":fontsdir=" + FontsFolder
	}
	return text
}

// gridded tells whether a track's captions stand on a grid of characters.
func (b *builder) gridded(track int) bool {
	for _, p := range b.captions.Tracks[track].Parts {
		if p.Format == captions.SCC || p.Format == captions.CC {
			return true
		}
	}
	return false
}

// captionColors are the colours that settings name.
var captionColors = map[string]captions.Color{
	"WHITE": captions.RGB(0xffffff), "BLACK": captions.RGB(0), "YELLOW": captions.RGB(0xffff00),
	"RED": captions.RGB(0xff0000), "GREEN": captions.RGB(0x00ff00), "BLUE": captions.RGB(0x0000ff),
}

// captionFonts are the families that settings name; fontconfig finds the nearest.
var captionFonts = map[types.BurninSubtitleFallbackFont]string{
	types.BurninSubtitleFallbackFontMonospacedSansserif: "monospace", types.BurninSubtitleFallbackFontMonospacedSerif: "Courier",
	types.BurninSubtitleFallbackFontProportionalSerif: "serif", types.BurninSubtitleFallbackFontProportionalSansserif: "sans-serif",
}

// look turns the settings of a burn-in into how it is drawn (behaviour.md 5.9).
func look(s *types.BurninDestinationSettings, width, height int) *captions.Look {
	opaque := func(c captions.Color, opacity *int32, otherwise int32) captions.Color {
		v := otherwise
		if opacity != nil {
			v = *opacity
		}
		return c&^0xff | captions.Color(uint8(v))
	}
	l := &captions.Look{
		Width: width, Height: height,
		Font:         cmp.Or(captionFonts[s.FallbackFont], "sans-serif"),
		FontSize:     int(aws.ToInt32(s.FontSize)),
		Color:        cmp.Or(captionColors[string(s.FontColor)], captionColors["WHITE"]),
		OutlineColor: cmp.Or(captionColors[string(s.OutlineColor)], captionColors["BLACK"]),
		Outline:      -1,
		Left:         s.Alignment == types.BurninSubtitleAlignmentLeft,
		Centered:     s.Alignment == types.BurninSubtitleAlignmentCentered,
		Styled:       s.StylePassthrough == types.BurnInSubtitleStylePassthroughEnabled,
		ColorAll:     s.FontColor != "" && s.FontColor != types.BurninSubtitleFontColorAuto && s.ApplyFontColor != types.BurninSubtitleApplyFontColorWhiteTextOnly,
	}
	if r := aws.ToInt32(s.FontResolution); r > 0 && l.FontSize > 0 {
		l.FontSize = max(1, l.FontSize*int(r)/96)
	}
	switch s.FontScript {
	case types.FontScriptHans:
		l.Font = "Noto Sans CJK SC"
	case types.FontScriptHant:
		l.Font = "Noto Sans CJK TC"
	default:
	}
	opacity := int32(255)
	if hex := aws.ToString(s.HexFontColor); hex != "" {
		if n, err := strconv.ParseUint(hex[:min(6, len(hex))], 16, 32); err == nil {
			l.Color = captions.RGB(uint32(n))
		}
		if n, err := strconv.ParseUint(hex[min(6, len(hex)):], 16, 8); err == nil {
			opacity = int32(n)
		}
	}
	l.Color = opaque(l.Color, s.FontOpacity, opacity)
	l.OutlineColor = opaque(l.OutlineColor, s.FontOpacity, opacity)
	if s.OutlineSize != nil {
		l.Outline = int(*s.OutlineSize)
	}
	if c, ok := captionColors[string(s.BackgroundColor)]; ok {
		l.Background = opaque(c, s.BackgroundOpacity, 0)
	}
	if c, ok := captionColors[string(s.ShadowColor)]; ok {
		l.Shadow = opaque(c, s.ShadowOpacity, 0)
		l.ShadowX, l.ShadowY = shadowOffset(s.ShadowXOffset), shadowOffset(s.ShadowYOffset)
	}
	l.X, l.Y = pixels(s.XPosition), pixels(s.YPosition)
	return l
}

// shadowOffset is 2 px unless said.
func shadowOffset(v *int32) int {
	if v == nil {
		return 2
	}
	return int(*v)
}

func pixels(v *int32) *int {
	if v == nil {
		return nil
	}
	n := int(*v)
	return &n
}
