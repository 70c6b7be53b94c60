package mediaconvert

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

func (c *checker) input(in *types.Input, at string) {
	switch {
	case in.FileInput == nil && in.VideoGenerator == nil:
		c.required(at, "fileInput")
	case in.FileInput != nil && in.VideoGenerator != nil:
		c.add(at, `Should match exactly one schema defined in "oneOf"`)
	case in.FileInput != nil:
		c.fileInput(*in.FileInput, at+"/fileInput")
	default:
		c.generator(in.VideoGenerator, at+"/videoGenerator")
	}
	c.startTimecode(at, "timecodeSource", "timecodeStart", string(in.TimecodeSource), in.TimecodeStart)
	clips := make([]clip, len(in.InputClippings))
	for i, k := range in.InputClippings {
		clips[i] = clip{k.StartTimecode, k.EndTimecode}
	}
	c.clippings(clips, at+"/inputClippings")
	c.rectangle(in.Crop, at+"/crop")
	c.rectangle(in.Position, at+"/position")
	c.images(in.ImageInserter, at+"/imageInserter")
	c.audioSelectors(in.AudioSelectors, at+"/audioSelectors")
	if len(in.CaptionSelectors) > 100 {
		c.add(at+"/captionSelectors", "Should have at most 100 properties")
	}
	for _, name := range sortedNames(in.CaptionSelectors) {
		c.captionSource(in.CaptionSelectors[name].SourceSettings, at+"/captionSelectors/"+escapePointer(name))
	}
	for i, o := range in.VideoOverlays {
		if s := o.Input; s != nil {
			here := at + "/videoOverlays/" + itoa(i) + "/input"
			c.startTimecode(here, "timecodeSource", "timecodeStart", string(s.TimecodeSource), s.TimecodeStart)
			clips := make([]clip, len(s.InputClippings))
			for i, k := range s.InputClippings {
				clips[i] = clip{k.StartTimecode, k.EndTimecode}
			}
			c.clippings(clips, here+"/inputClippings")
		}
	}
	if f := in.FilterEnable; f == types.InputFilterEnableForce {
		switch s := in.FilterStrength; {
		case s == nil:
			c.required(at, "filterStrength")
		case *s == 0:
			c.add(at+"/filterStrength", "Should be greater than or equal to 1")
		}
	}
}

// fileInput checks what the pattern of the model lets through.
func (c *checker) fileInput(uri, at string) {
	switch {
	case strings.HasPrefix(uri, "s3://"):
		_, key, err := spool.ParseS3URI(uri)
		if err == nil {
			err = spool.CheckKey(key)
		}
		switch {
		case err != nil:
			c.add(at, "Should name an object as s3://bucket/key: %v", err)
		case strings.HasSuffix(key, "/"):
			c.add(at, "Should name an object, not a folder")
		}
	case hasControl(uri):
		c.add(at, "Should hold no control characters")
	}
}

// generator checks a generated input: both sides of its picture or none.
func (c *checker) generator(g *types.InputVideoGenerator, at string) {
	if (g.Width == nil) != (g.Height == nil) {
		c.both(at, "width", g.Width, "height", g.Height)
	}
	c.multipleOf(at+"/width", g.Width, 2)
	c.multipleOf(at+"/height", g.Height, 2)
}

// clip is a part of an input; a nil side is that of the input.
type clip struct{ start, end *string }

// clippings checks that clips are in order, one after another (behaviour.md 5.2):
// only the first may begin with the input and only the last end with it.
func (c *checker) clippings(clips []clip, at string) {
	for i, k := range clips {
		here := at + "/" + itoa(i)
		if k.start == nil && k.end == nil {
			c.anyOf(here, "startTimecode", "endTimecode")
			continue
		}
		start, fromHere := timecode(k.start)
		end, toHere := timecode(k.end)
		if fromHere && toHere && end < start {
			c.add(here+"/endTimecode", "Should not be before startTimecode")
		}
		if i > 0 && k.start == nil {
			c.required(here, "startTimecode")
		}
		if i < len(clips)-1 && k.end == nil {
			c.required(here, "endTimecode")
		}
		if i > 0 && fromHere {
			if last, ok := timecode(clips[i-1].end); ok && start <= last {
				c.add(here+"/startTimecode", "Should be after the end of the clip before: clips stand in order and do not overlap")
			}
		}
	}
}

// timecode gives a number by which timecodes of one timeline are in order; false
// for one that is missing or has not the form HH:MM:SS:FF, which the model
// refuses. A frame rate after "@" does not change the order.
func timecode(s *string) (int, bool) {
	if s == nil || len(*s) < 11 {
		return 0, false
	}
	n := 0
	for i := range 11 {
		switch d := (*s)[i]; {
		case i%3 == 2:
		case d < '0' || d > '9':
			return 0, false
		default:
			n = n*10 + int(d-'0')
		}
	}
	return n, true
}

func (c *checker) audioSelectors(selectors map[string]types.AudioSelector, at string) {
	for _, name := range sortedNames(selectors) {
		sel := selectors[name]
		here := at + "/" + escapePointer(name)
		if name == "" || hasControl(name) {
			c.add(here, "The name of an audio selector should be text")
		}
		if sel.SelectorType == types.AudioSelectorTypeLanguageCode && sel.LanguageCode == "" && sel.CustomLanguageCode == nil {
			c.required(here, "languageCode")
		}
		c.remix(sel.RemixSettings, here+"/remixSettings")
	}
}
