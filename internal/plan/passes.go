package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Two passes: a task before the encode task runs the encoders that ask for it
// without keeping their pictures, and leaves what they learned in files of the
// staging folder, which is where both tasks run.

// passLog begins the names of those files. FFmpeg adds the number of the stream
// among all of the command, so that a stream needs the same number in both tasks.
const passLog = "pass"

// passShare is the first pass's share of the work: encoders do it with fast settings.
const passShare = 0.25

// passArgs gives an encoder's arguments and private parameters of a pass.
func (e *encoding) passArgs(pass int) (args, params []string) {
	if e.option == "-x265-params" { // FFmpeg does not know how to tell it
		return nil, []string{fmt.Sprintf("pass=%d", pass), fmt.Sprintf("stats=%s-%d.x265", passLog, e.index)}
	}
	return []string{"-pass", fmt.Sprint(pass), "-passlogfile", passLog}, nil
}

// mapped adds the way to an encode to the graph and gives its pad's label,
// or the input's stream where it is copied. The stream becomes the next one of the encode task.
func (b *builder) mapped(e *encoding) string {
	e.index = 0
	for _, arg := range b.outputs {
		if arg == "-map" {
			e.index++
		}
	}
	if e.passes == 2 {
		b.twice = append(b.twice, e)
	}
	if e.copies {
		p := b.prog.parts[0]
		return fmt.Sprintf("%d:%d", p.input, p.src.video.Index)
	}
	return b.graph.video(e)
}

// measured puts the first passes before the encode task, where there are any.
func (b *builder) measured(encode Task) []Task {
	if len(b.twice) == 0 {
		return []Task{encode}
	}
	analysis := graph{prog: b.prog}
	var outputs, idle []string
	next := 0
	for _, e := range b.twice {
		var fill []string
		for ; next < e.index; next++ {
			pad := fmt.Sprintf("[n%d]", next)
			idle = append(idle, "anullsrc=d=0.02"+pad)
			fill = append(fill, "-map", pad)
		}
		if len(fill) > 0 {
			outputs = append(outputs, fill...)
			outputs = append(outputs, "-c:a", "pcm_s16le", "-f", "null", "-")
		}
		outputs = append(outputs, "-map", analysis.video(e))
		args, params := e.passArgs(1)
		outputs = slices.Concat(outputs, e.args, args)
		if e.flags != "" {
			outputs = append(outputs, "-flags", e.flags)
		}
		if all := slices.Concat(e.params, params); len(all) > 0 {
			outputs = append(outputs, e.option, strings.Join(all, ":"))
		}
		outputs = append(outputs, "-fps_mode:v", "passthrough", "-f", "null", "-")
		next++
	}
	first := encode
	first.ID = "first-pass"
	first.Args = slices.Concat(b.inputs...)
	first.Args = append(first.Args, "-filter_complex", strings.Join(append([]string{analysis.String()}, idle...), ";"))
	first.Args = append(first.Args, outputs...)
	first.Share = passShare * encode.Share
	encode.Share -= first.Share
	return []Task{first, encode}
}
