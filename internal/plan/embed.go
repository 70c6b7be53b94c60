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

// FormatCarrier is closed captions for pictures: a video that FFmpeg lays the
// pictures over, so that they carry its captions (captions.Carrier).
const FormatCarrier captions.Format = "carrier"

// Carry is the captions of one channel of pictures.
type Carry struct {
	Track   int `json:"track"`
	Channel int `json:"channel"` // CC1 to CC4
}

// carriers are the video codecs whose encoders write closed captions.
var carriers = []string{"h264", "mpeg2video"}

// embed gives the pictures of an output the closed captions that it asks for.
// Where they are those of the input unchanged, picture by picture, they come with
// the pictures; otherwise a carrier brings them.
func (b *builder) embed(i, j int, o *types.Output, enc *encoding) error {
	var carry []Carry
	unchanged := true
	for k := range o.CaptionDescriptions {
		d := &o.CaptionDescriptions[k]
		if destination(d) != types.CaptionDestinationTypeEmbedded {
			continue
		}
		at := fmt.Sprintf("/outputGroups/%d/outputs/%d/captionDescriptions/%d", i, j, k)
		track, err := b.caption(aws.ToString(d.CaptionSelectorName))
		if err != nil {
			return err
		}
		c := Carry{Track: track, Channel: 1}
		for _, p := range b.captions.Tracks[track].Parts {
			if p.Format != captions.SCC && p.Format != captions.CC {
				return spool.Failf(spool.CodeIncompatible, "%s/destinationSettings/destinationType: %s captions can't become EMBEDDED; SCC and embedded ones can.", at, strings.ToUpper(string(p.Format)))
			}
			c.Channel = cmp.Or(p.Channel, c.Channel)
			unchanged = unchanged && p.Format == captions.CC
		}
		source := c.Channel
		if d.DestinationSettings != nil && d.DestinationSettings.EmbeddedDestinationSettings != nil {
			c.Channel = int(cmp.Or(aws.ToInt32(d.DestinationSettings.EmbeddedDestinationSettings.Destination608ChannelNumber), int32(c.Channel)))
		}
		unchanged = unchanged && source == c.Channel
		for _, other := range carry {
			if (other.Channel-1)/2 == (c.Channel-1)/2 && (other.Channel != c.Channel || other.Track != c.Track) {
				return spool.Failf(spool.CodeIncompatible, "%s: two captions would share a field of the picture: CC1 and CC2 do, and CC3 and CC4. Give one of them a channel of the other field.", at)
			}
		}
		carry = append(carry, c)
	}
	option := "1"
	switch {
	case enc.copies:
		return nil // the pictures keep what they have
	case len(carry) == 0:
		if !b.hasEmbedded() || enc.codec != "h264" && enc.codec != "mpeg2video" {
			return nil
		}
		option = "0" // they are known, and not asked for
	case !contains(carriers, enc.codec):
		return spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: captions can be embedded in H_264 and MPEG2 only here, not in %s.", i, j, enc.codec)
	case !unchanged || !b.pictureByPicture(enc):
		b.carrier(enc, CaptionFile{
			Track: carry[0].Track, Format: FormatCarrier, Carry: carry, FrameRate: enc.rate,
			Frames: b.prog.frames(enc.rate), Pointer: fmt.Sprintf("/outputGroups/%d/outputs/%d", i, j),
		})
	}
	enc.args = append(enc.args, "-a53cc", option)
	return nil
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// hasEmbedded tells whether the job knows of captions in its inputs' pictures.
func (b *builder) hasEmbedded() bool {
	for _, in := range b.settings.Inputs {
		for _, sel := range in.CaptionSelectors {
			if sel.SourceSettings != nil && sel.SourceSettings.SourceType == types.CaptionSourceTypeEmbedded {
				return true
			}
		}
	}
	return false
}

// pictureByPicture tells whether every picture of the inputs becomes one of the
// output.
func (b *builder) pictureByPicture(enc *encoding) bool {
	for _, p := range b.prog.parts {
		if p.src.video == nil || p.src.rate != enc.rate || p.src.interlaced() || p.src.video.AvgFrameRate.Reduced() != p.src.video.FrameRate.Reduced() {
			return false
		}
	}
	return enc.fields == ""
}

// overlayFormats are the overlay filter's names of pixel formats.
var overlayFormats = map[string]string{
	"yuv420p": "yuv420", "yuv422p": "yuv422", "yuv444p": "yuv444", "yuv420p10le": "yuv420p10", "yuv422p10le": "yuv422p10",
}

// carrier lays an encode's pictures over a carrier. They cover it: what is left of
// it is the captions. It ends before they do, with a frame that says nothing and that
// stays below the rest: so there are as many pictures as without it.
func (b *builder) carrier(enc *encoding, f CaptionFile) {
	staged := b.addCaption(f, "h264")
	b.inputs = append(b.inputs, []string{"-protocol_whitelist", "file", "-framerate", enc.rate.String(), "-f", "h264", "-i", Work + "/" + staged})
	sar := enc.geo.sar
	if !sar.Valid() {
		sar = spool.Rational{Num: 1, Den: 1}
	}
	below := fmt.Sprintf("[%d:0]scale=%d:%d:flags=neighbor,setsar=%d/%d,format=%s", len(b.inputs)-1, enc.geo.width, enc.geo.height, sar.Num, sar.Den, enc.pixFmt)
	enc.post = append(enc.post, filter{text: "overlay=format=" + cmp.Or(overlayFormats[enc.pixFmt], "auto"), under: below})
}

// closedCaptions says which captions within the pictures an HLS group announces
// (captionLanguageSetting INSERT): a channel for each mapping, in their order.
func closedCaptions(hs *types.HlsGroupSettings) []ClosedCaptions {
	if hs.CaptionLanguageSetting != types.HlsCaptionLanguageSettingInsert {
		return nil
	}
	var list []ClosedCaptions
	for i, m := range hs.CaptionLanguageMappings {
		c := ClosedCaptions{Channel: int(aws.ToInt32(m.CaptionChannel)), Language: captionLanguage(string(m.LanguageCode), m.CustomLanguageCode)}
		if c.Channel < 1 || c.Channel > 4 {
			c.Channel = i%4 + 1
		}
		c.Name = cmp.Or(aws.ToString(m.LanguageDescription), languageNames[c.Language], strings.ToUpper(c.Language), fmt.Sprintf("CC%d", c.Channel))
		list = append(list, c)
	}
	return list
}

// captionHints says which closed captions are in the picture of an output, as
// DASH manifests do (SCTE 214-1).
func (b *builder) captionHints(o *types.Output) string {
	var hints []string
	for k := range o.CaptionDescriptions {
		d := &o.CaptionDescriptions[k]
		if destination(d) != types.CaptionDestinationTypeEmbedded {
			continue
		}
		channel := int32(1)
		if s := d.DestinationSettings; s != nil && s.EmbeddedDestinationSettings != nil {
			channel = cmp.Or(aws.ToInt32(s.EmbeddedDestinationSettings.Destination608ChannelNumber), channel)
		}
		hints = append(hints, fmt.Sprintf("CC%d=%s", channel, cmp.Or(b.describedLanguage(d), "und")))
	}
	return strings.Join(hints, ";")
}
