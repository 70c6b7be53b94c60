package mediaconvert

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// checker applies the rules of behaviour.md 6.3 that the model does not hold.
type checker struct {
	problems *problemList
	settings *types.JobSettings
	keys     map[string]string // object an output writes → pointer of the output
}

func checkSettings(s *types.JobSettings, problems *problemList) {
	c := &checker{problems: problems, settings: s, keys: make(map[string]string)}
	switch {
	case s.Inputs == nil:
		c.required("", "inputs")
	case len(s.Inputs) == 0:
		c.add("/inputs", "Should have at least 1 items")
	}
	for i := range s.Inputs {
		c.input(&s.Inputs[i], "/inputs/"+itoa(i))
	}
	if t := s.TimecodeConfig; t != nil {
		c.startTimecode("/timecodeConfig", "start", string(t.Source), t.Start)
	}
	switch {
	case s.OutputGroups == nil:
		c.required("", "outputGroups")
	case len(s.OutputGroups) == 0:
		c.add("/outputGroups", "Should have at least 1 items")
	}
	if f := s.FollowSource; f != nil && int(*f) > max(1, len(s.Inputs)) {
		c.add("/followSource", "Should be less than or equal to %d", max(1, len(s.Inputs)))
	}
	for i := range s.OutputGroups {
		c.group(&s.OutputGroups[i], "/outputGroups/"+itoa(i))
	}
}

func (c *checker) add(pointer, format string, args ...any) {
	c.problems.add(pointer, format, args...)
}

func (c *checker) required(parent, member string) {
	c.add(parent, "%s is a required property", member)
}

// startTimecode checks that a start is given when, and only when, the source
// says so (behaviour.md 6.3).
func (c *checker) startTimecode(at, member, source string, start *string) {
	switch {
	case source == "SPECIFIEDSTART" && start == nil:
		c.required(at, member)
	case source != "SPECIFIEDSTART" && start != nil && *start != "":
		c.add(at+"/"+member, "Should be given only when the source is SPECIFIEDSTART")
	}
}

func (c *checker) input(in *types.Input, at string) {
	switch {
	case in.FileInput == nil && in.VideoGenerator == nil:
		c.required(at, "fileInput")
	case in.FileInput != nil && in.VideoGenerator != nil:
		c.add(at, `Should match exactly one schema defined in "oneOf": fileInput or videoGenerator`)
	case in.FileInput != nil:
		c.fileInput(*in.FileInput, at+"/fileInput")
	}
	c.startTimecode(at, "timecodeStart", string(in.TimecodeSource), in.TimecodeStart)
	for i, clip := range in.InputClippings {
		if clip.StartTimecode == nil && clip.EndTimecode == nil {
			c.add(at+"/inputClippings/"+itoa(i), `Should match any schema defined in "anyOf": startTimecode or endTimecode is required`)
		}
	}
	c.rectangle(in.Crop, at+"/crop")
	c.rectangle(in.Position, at+"/position")
	if len(in.AudioSelectors) > 100 {
		c.add(at+"/audioSelectors", "Should have at most 100 properties")
	}
	defaults := 0
	for _, name := range sortedNames(in.AudioSelectors) {
		sel := in.AudioSelectors[name]
		selector := at + "/audioSelectors/" + escapePointer(name)
		if name == "" || hasControl(name) {
			c.add(selector, "The name of an audio selector should be text")
		}
		if sel.DefaultSelection == types.AudioDefaultSelectionDefault {
			defaults++
		}
		if sel.SelectorType == types.AudioSelectorTypeLanguageCode && sel.LanguageCode == "" {
			c.required(selector, "languageCode")
		}
	}
	if defaults > 1 {
		c.add(at+"/audioSelectors", "Only one audio selector should have the default selection DEFAULT")
	}
	if f := in.FilterEnable; f == types.InputFilterEnableForce && (in.FilterStrength == nil || *in.FilterStrength == 0) {
		c.required(at, "filterStrength")
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

func (c *checker) rectangle(r *types.Rectangle, at string) {
	if r == nil {
		return
	}
	c.even(r.Width, at+"/width")
	c.even(r.Height, at+"/height")
	c.even(r.X, at+"/x")
	c.even(r.Y, at+"/y")
}

func (c *checker) even(n *int32, at string) {
	if n != nil && *n%2 != 0 {
		c.add(at, "Should be a multiple of 2")
	}
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
