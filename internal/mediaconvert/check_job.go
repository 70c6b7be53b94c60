package mediaconvert

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// checker applies the rules of behaviour.md 6.3 that the model does not hold.
type checker struct {
	problems *problemList
	settings *types.JobSettings
	keys     map[string]string // object an output writes → pointer of the output
	partial  bool              // of a template: what is missing may still come
}

// checkSettings checks whole settings: what templates and presets give is in
// place, defaults are not. It may be called on settings that break the model.
func checkSettings(s *types.JobSettings, problems *problemList) {
	c := &checker{problems: problems, settings: s, keys: make(map[string]string)}
	switch {
	case s.Inputs == nil:
		c.required("", "inputs")
	case len(s.Inputs) == 0:
		c.atLeast("/inputs", 0, 1)
	}
	for i := range s.Inputs {
		c.input(&s.Inputs[i], "/inputs/"+itoa(i))
	}
	if t := s.TimecodeConfig; t != nil {
		c.startTimecode("/timecodeConfig", "source", "start", string(t.Source), t.Start)
	}
	if f := s.FollowSource; f != nil && int(*f) > max(1, len(s.Inputs)) {
		c.add("/followSource", "Should be less than or equal to %d", max(1, len(s.Inputs)))
	}
	c.atMost("/colorConversion3DLUTSettings", len(s.ColorConversion3DLUTSettings), 8)
	switch {
	case s.OutputGroups == nil:
		c.required("", "outputGroups")
	case len(s.OutputGroups) == 0:
		c.atLeast("/outputGroups", 0, 1)
	}
	for i := range s.OutputGroups {
		c.group(&s.OutputGroups[i], "/outputGroups/"+itoa(i))
	}
	c.allAutomated()
}

func (c *checker) add(pointer, format string, args ...any) {
	c.problems.add(pointer, format, args...)
}

func (c *checker) required(parent, member string) {
	if c.partial {
		return
	}
	c.add(parent, "%s is a required property", member)
}

// depends says, in the two sentences of the service, that what stands at one
// place asks for a value at another (behaviour.md 6.2).
func (c *checker) depends(at, other, value string) {
	c.add(at, "Should match all dependencies: See other errors for more details")
	c.add(other, "Must be %s", value)
}

// anyOf says that an object has none of the members of which it needs one.
func (c *checker) anyOf(at string, members ...string) {
	if c.partial {
		return
	}
	c.add(at, `Should match any schema defined in "anyOf"`)
	for _, m := range members {
		c.required(at, m)
	}
}

func (c *checker) atLeast(at string, n, least int) {
	if n < least && !c.partial {
		c.add(at, "Should have at least %d items", least)
	}
}

func (c *checker) atMost(at string, n, most int) {
	if n > most {
		c.add(at, "Should have at most %d items", most)
	}
}

// oneOfInts checks a number that may have a few values only; nil is fine.
func (c *checker) oneOfInts(at string, n *int32, allowed ...int32) {
	if n != nil && !slices.Contains(allowed, *n) {
		c.add(at, "Should be equal to one of the allowed values in [%s]", joinInts(allowed, ","))
	}
}

func (c *checker) multipleOf(at string, n *int32, step int32) {
	if n != nil && *n%step != 0 {
		c.add(at, "Should be a multiple of %d", step)
	}
}

// startTimecode checks that a start is given when, and only when, the source
// says so (behaviour.md 6.3).
func (c *checker) startTimecode(at, sourceName, startName, source string, start *string) {
	switch {
	case source == "SPECIFIEDSTART" && start == nil:
		c.required(at, startName)
	case source != "SPECIFIEDSTART" && start != nil && *start != "":
		c.depends(at+"/"+startName, at+"/"+sourceName, "SPECIFIEDSTART")
	}
}

func (c *checker) rectangle(r *types.Rectangle, at string) {
	if r == nil {
		return
	}
	c.multipleOf(at+"/width", r.Width, 2)
	c.multipleOf(at+"/height", r.Height, 2)
	c.multipleOf(at+"/x", r.X, 2)
	c.multipleOf(at+"/y", r.Y, 2)
}

// images checks overlays: each needs its picture and its place (behaviour.md 5.2).
func (c *checker) images(ins *types.ImageInserter, at string) {
	if ins == nil {
		return
	}
	for i, image := range ins.InsertableImages {
		here := at + "/insertableImages/" + itoa(i)
		if image.ImageInserterInput == nil {
			c.required(here, "imageInserterInput")
		}
		if image.ImageX == nil {
			c.required(here, "imageX")
		}
		if image.ImageY == nil {
			c.required(here, "imageY")
		}
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
