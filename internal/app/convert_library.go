package app

import (
	"errors"
	"fmt"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// DefinitionFile is a preset or job template in a file, as the console and the
// AWS CLI export it, or its bare settings.
type DefinitionFile struct {
	Name string // of the file, without its ending: its contents may name none, and may be named so too
	Data []byte
}

// fileLibrary is the library of a job that runs without a server: the files of
// the command line, then what Spool brings along.
type fileLibrary struct {
	template *spool.JobTemplate // nil: none is given
	presets  map[string]spool.Preset
}

// newFileLibrary reads the files. What is wrong with them comes back as
// spool.Problems that name the file.
func newFileLibrary(o ConvertOptions) (*fileLibrary, error) {
	lib := &fileLibrary{presets: make(map[string]spool.Preset)}
	var wrong spool.Problems
	if f := o.Template; f != nil {
		t, err := mediaconvert.DecodeCreateJobTemplate(f.Data, mediaconvert.FormFile)
		wrong = append(wrong, inFile(err, "template", f.Name)...)
		if t.Name == "" {
			t.Name = f.Name
		}
		lib.template = &t
	}
	for _, f := range o.Presets {
		p, err := mediaconvert.DecodeCreatePreset(f.Data, mediaconvert.FormFile)
		wrong = append(wrong, inFile(err, "preset", f.Name)...)
		if p.Name == "" {
			p.Name = f.Name
		}
		for _, name := range []string{f.Name, p.Name} {
			if other, taken := lib.presets[name]; taken && other.Name != p.Name {
				wrong = append(wrong, spool.Problem{Message: fmt.Sprintf("Two files hold a preset %q: give one of them another name.", name)})
			}
			lib.presets[name] = p
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return lib, nil
}

// inFile makes what is wrong with a file name the file.
func inFile(err error, kind, name string) spool.Problems {
	var problems spool.Problems
	if errors.As(err, &problems) {
		for i := range problems {
			problems[i].Message = fmt.Sprintf("%s (in the %s file %s)", problems[i].Message, kind, name)
		}
	}
	return problems
}

func (l *fileLibrary) Preset(name string) (spool.Preset, error) {
	if p, ok := l.presets[name]; ok {
		return p, nil
	}
	return mediaconvert.SystemLibrary().Preset(name)
}

func (l *fileLibrary) JobTemplate(name string) (spool.JobTemplate, error) {
	if l.template != nil {
		return *l.template, nil
	}
	return mediaconvert.SystemLibrary().JobTemplate(name)
}
