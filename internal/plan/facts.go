package plan

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// Source is one file that a job reads.
type Source struct {
	URI     string
	Pointer string // of the first setting that names it
	Probe   bool   // the plan needs to know what is in it
	Image   bool   // a still picture: PNG, BMP or TGA
	LUT     bool   // a colour lookup table: .cube
}

// Sources lists the files that a job reads, each once, the media of its inputs
// first. The runner fetches them; source i is InputToken(i) in arguments.
func Sources(s *types.JobSettings) []Source {
	var list sourceList
	for i := range s.Inputs {
		list.add(aws.ToString(s.Inputs[i].FileInput), "/inputs/"+strconv.Itoa(i)+"/fileInput", true)
	}
	for i := range s.Inputs {
		in := &s.Inputs[i]
		at := "/inputs/" + strconv.Itoa(i)
		for _, name := range slices.Sorted(maps.Keys(in.AudioSelectors)) {
			list.add(aws.ToString(in.AudioSelectors[name].ExternalAudioFileInput), at+"/audioSelectors/"+pointerName(name)+"/externalAudioFileInput", true)
		}
		for _, name := range slices.Sorted(maps.Keys(in.DynamicAudioSelectors)) {
			list.add(aws.ToString(in.DynamicAudioSelectors[name].ExternalAudioFileInput), at+"/dynamicAudioSelectors/"+pointerName(name)+"/externalAudioFileInput", true)
		}
	}
	captionSources(s, &list)
	list.addPicture(s)
	return list
}

// pointerName writes a member's name as JSON pointers have it.
func pointerName(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

type sourceList []Source

// add names a file; one that is named twice is probed if either asks for it.
func (l *sourceList) add(uri, pointer string, probe bool) {
	l.put(Source{URI: uri, Pointer: pointer, Probe: probe})
}

func (l *sourceList) put(s Source) {
	if s.URI == "" {
		return
	}
	for i := range *l {
		if o := &(*l)[i]; o.URI == s.URI {
			o.Probe, o.Image, o.LUT = o.Probe || s.Probe, o.Image || s.Image, o.LUT || s.LUT
			return
		}
	}
	*l = append(*l, s)
}

// Facts are what is known of a job besides its settings.
type Facts struct {
	// Media tells what is in each source that was to be probed, by URI.
	Media map[string]spool.Media
	// Findings hold what each task of the Survey reported, by task id.
	Findings map[string]string
	// Encoders are those of this machine's FFmpeg that not every one has.
	Encoders []string
	// Started is when the job began: date identifiers stand for it.
	Started time.Time
}

// Survey gives the tasks that measure what Build needs to know, nil when there
// is nothing to measure. Each runs like any other task; what it leaves in
// "$WORK/<id>.txt", or the end of its log where it leaves no such file, becomes
// its finding. It leaves out what facts hold already: what was found may ask for
// more, so that the runner asks again until nothing is missing. Settings that fit
// no source fail as those of Build do.
func Survey(settings *types.JobSettings, facts Facts) ([]Task, error) {
	sizes, err := surveyABR(settings, facts)
	if err != nil {
		return nil, err
	}
	sounds, err := surveyLoudness(settings, facts)
	if err != nil {
		return nil, err
	}
	rates, err := surveyRates(settings, facts)
	return slices.Concat(surveyFields(settings, facts), sizes, sounds, rates), err
}
