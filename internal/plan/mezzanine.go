package plan

import (
	"fmt"
	"slices"
	"strings"
)

// mezzanine is the file of one encode that packages are made from. Groups that
// ask for the same encode share it: a ladder in HLS, DASH, CMAF and Smooth form
// is encoded once.
type mezzanine struct {
	staged string
	video  string // what it shows and how it is coded, in full; "" without video
	sound  *sound
}

// videoMezzanine plans an encode for packages and gives its staged name.
func (b *builder) videoMezzanine(e *encoding) string {
	key := b.describe(e)
	for _, m := range b.mezz {
		if m.video == key {
			return m.staged
		}
	}
	m := mezzanine{staged: fmt.Sprintf("m%d.mp4", len(b.mezz)), video: key}
	b.mezz = append(b.mezz, m)
	args := append([]string{"-map", b.mapped(e)}, e.coding()...)
	if !e.copies {
		args = append(args, "-fps_mode:v", "passthrough", "-video_track_timescale", timescale(e.rate))
	}
	b.mezzArgs(args, m.staged)
	return m.staged
}

// soundMezzanine plans a sound for packages and gives its staged name. Its
// language is not in the file: packages say it.
func (b *builder) soundMezzanine(a sound) string {
	for _, m := range b.mezz {
		if m.sound != nil && m.sound.same(a) && slices.Equal(m.sound.args, a.args) {
			return m.staged
		}
	}
	m := mezzanine{staged: fmt.Sprintf("m%d.mp4", len(b.mezz)), sound: &a}
	b.mezz = append(b.mezz, m)
	b.mezzArgs(slices.Concat([]string{"-map", b.soundMap(a)}, a.args, a.muxing), m.staged)
	return m.staged
}

func (b *builder) mezzArgs(args []string, staged string) {
	b.outputs = append(b.outputs, args...)
	b.outputs = append(b.outputs, "-map_metadata", "-1", "-map_chapters", "-1",
		"-max_muxing_queue_size", "4096", "-f", "mp4", Work+"/"+staged)
}

// describe writes all that makes the pictures of an encode.
func (b *builder) describe(e *encoding) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s ", e.rate, e.pixFmt)
	for _, p := range b.prog.parts {
		if p.src.video != nil {
			text.WriteString(describeFilters(e.early(p)))
		}
		text.WriteString(";" + describeFilters(e.place(p)))
	}
	text.WriteString(";" + describeFilters(slices.Concat(e.post, e.last)) + ";")
	fmt.Fprintf(&text, "%s %s %d %s ", e.drawn, e.convert, e.passes, e.flags)
	return text.String() + strings.Join(slices.Concat(e.args, e.params), "\x00")
}

// copyArgs are the arguments of a package task of FFmpeg that copies the
// mezzanines of one output's streams, up to the muxer's own.
func (b *builder) copyArgs(enc *encoding, sounds []sound) []string {
	var staged []string
	if enc != nil {
		staged = append(staged, b.videoMezzanine(enc))
	}
	for _, a := range sounds {
		staged = append(staged, b.soundMezzanine(a))
	}
	var args []string
	for _, name := range staged {
		args = append(args, "-protocol_whitelist", "file", "-f", "mp4", "-i", Work+"/"+name)
	}
	for i := range staged {
		args = append(args, "-map", fmt.Sprintf("%d:0", i))
	}
	args = append(args, "-c", "copy", "-copyts")
	for k, a := range sounds {
		args = append(args, a.tags(k)...)
	}
	return append(args, "-map_metadata", "-1", "-map_chapters", "-1", "-max_muxing_queue_size", "4096")
}
