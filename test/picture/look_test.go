package picture_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/spool"
	"spool/internal/testkit"
)

// flat makes a clip of one colour in RGB, with its tags.
func flat(t testing.TB, name, rgb string, more ...string) string {
	t.Helper()
	testkit.NeedTools(t, "ffmpeg")
	path := filepath.Join(t.TempDir(), name)
	if !strings.Contains(rgb, ":") {
		rgb += ":s=128x96:d=1"
	}
	args := append([]string{"-v", "error", "-f", "lavfi", "-i", "color=r=25:c=" + rgb}, more...)
	out, err := exec.CommandContext(t.Context(), "ffmpeg", append(args, path)...).CombinedOutput()
	if err != nil {
		t.Fatalf("make %s: %v: %s", name, err, out)
	}
	return path
}

var sdr = []string{"-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", "-c:v", "libx264", "-crf", "4",
	"-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"}

// at gives one pixel of an RGB picture.
func at(pix []byte, width, x, y int) [3]int {
	i := 3 * (y*width + x)
	return [3]int{int(pix[i]), int(pix[i+1]), int(pix[i+2])}
}

func near(a, b [3]int, tolerance int) bool {
	for i := range a {
		if d := a[i] - b[i]; d > tolerance || d < -tolerance {
			return false
		}
	}
	return true
}

// need demands the colour of a pixel.
func need(t testing.TB, what string, got, want [3]int, tolerance int) {
	t.Helper()
	if !near(got, want, tolerance) {
		t.Errorf("%s: the colour is %v, not %v", what, got, want)
	}
}

// logo is a picture: its left half is opaque, its right half transparent.
func logo(t testing.TB, w, h int, c color.NRGBA) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w / 2 {
			m.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tga is an uncompressed picture of 24 bits, of one colour.
func tga(w, h int, c color.NRGBA) []byte {
	b := make([]byte, 18, 18+3*w*h)
	b[2], b[12], b[13], b[14], b[15], b[16], b[17] = 2, byte(w), byte(w>>8), byte(h), byte(h>>8), 24, 0x20
	for range w * h {
		b = append(b, c.B, c.G, c.R)
	}
	return b
}

// TestImages: where, how large, how opaque, in which order and when.
func TestImages(t *testing.T) {
	t.Parallel()
	red, blue := color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 0, 255, 255}
	gray := [3]int{128, 128, 128}
	path := flat(t, "gray.mp4", "0x808080", append([]string{"-t", "1"}, sdr...)...)
	image := func(name string, x, y int, more object) object {
		o := object{"imageInserterInput": "s3://pics/" + name, "imageX": x, "imageY": y, "opacity": 100}
		for k, v := range more {
			o[k] = v
		}
		return o
	}
	inserter := func(images ...object) object {
		return object{"videoPreprocessors": object{"imageInserter": object{"insertableImages": images}}}
	}
	upon := object{"imageInserter": object{"insertableImages": []object{image("red.png", 64, 48, object{"width": 32, "height": 32})}}}
	j := job{
		files: []string{path, path}, more: object{"timecodeConfig": object{"source": "ZEROBASED"}},
		inputs:  []object{{}, upon},
		objects: map[string][]byte{"pics/red.png": logo(t, 32, 16, red), "pics/blue.tga": tga(16, 16, blue)},
		outputs: []object{
			inserter(image("red.png", 8, 8, nil), image("blue.tga", 100, 80, object{"width": 64, "height": 64})),
			inserter(image("red.png", 8, 8, object{"opacity": 50, "width": 64, "height": 32})),
			inserter(image("blue.tga", 0, 0, object{"layer": 5}), image("red.png", 0, 0, object{"layer": 2, "width": 64, "height": 64})),
			inserter(image("red.png", 8, 8, object{"startTime": "00:00:00:10", "duration": 400})),
			inserter(image("red.png", 8, 8, object{"startTime": "00:00:00:05", "duration": 800, "fadeIn": 400, "fadeOut": 400})),
			{"width": 64, "height": 48},
		},
	}
	d := j.run(t)
	const w, h = 128, 96
	look := func(n int, when float64, x, y int) [3]int { return at(pixels(t, d.file(n), when, w, h), w, x, y) }
	need(t, "left half of the logo", look(0, 0.5, 14, 16), [3]int{255, 0, 0}, 12)
	need(t, "its transparent half", look(0, 0.5, 34, 16), gray, 6)
	need(t, "beside it", look(0, 0.5, 14, 40), gray, 6)
	need(t, "what overhangs is cut", look(0, 0.5, 126, 94), [3]int{0, 0, 255}, 12)
	need(t, "half opaque and larger", look(1, 0.5, 20, 30), [3]int{192, 64, 64}, 12)
	need(t, "the higher layer lies on top", look(2, 0.5, 8, 8), [3]int{0, 0, 255}, 12)
	need(t, "and the lower one shows beside it", look(2, 0.5, 8, 40), [3]int{255, 0, 0}, 12)
	for frame, want := range map[int][3]int{8: gray, 9: gray, 10: {255, 0, 0}, 19: {255, 0, 0}, 20: gray} {
		need(t, fmt.Sprintf("from frame 10 to 19: frame %d", frame), look(3, (float64(frame)-0.4)/25, 14, 16), want, 14)
	}
	for when, want := range map[float64][3]int{0.1: gray, 0.38: {192, 64, 64}, 0.8: {255, 0, 0}, 1.18: {192, 64, 64}, 1.5: gray} {
		need(t, fmt.Sprintf("fades: at %g", when), look(4, when, 14, 16), want, 26)
	}
	need(t, "an image upon the second input grows with it", look(5, 1.5, 70, 60), [3]int{255, 0, 0}, 20)
	need(t, "and is not upon the first", look(5, 0.5, 70, 60), gray, 6)
}

// TestBadImages: what is no image is named, and nothing is made.
func TestBadImages(t *testing.T) {
	t.Parallel()
	path := flat(t, "gray.mp4", "0x808080", sdr...)
	for name, data := range map[string][]byte{
		"text.png":  []byte("this is not an image, however it is called"),
		"empty.png": {},
		"huge.tga":  append([]byte{0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 24, 0}, make([]byte, 64)...),
		"short.png": logo(t, 32, 16, color.NRGBA{255, 0, 0, 255})[:60],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := job{
				files: []string{path}, objects: map[string][]byte{"pics/" + name: data},
				outputs: []object{{"videoPreprocessors": object{"imageInserter": object{"insertableImages": []object{{"imageInserterInput": "s3://pics/" + name, "imageX": 0, "imageY": 0}}}}}},
			}.try(t)
			if code, message := d.failure(); code == 0 || len(message) == 0 {
				t.Errorf("it ends with %v", d.err)
			} else if code == spool.CodeUnexpected {
				t.Errorf("%d: %s", code, message)
			}
		})
	}
}

// TestColors: conversions, corrections, ranges and tables, by the pixels that
// come out.
func TestColors(t *testing.T) {
	t.Parallel()
	correct := func(members object) object {
		return object{"videoPreprocessors": object{"colorCorrector": members}}
	}
	path := flat(t, "colour.mp4", "0xB04060", sdr...)
	table := "TITLE \"swap\"\nLUT_3D_SIZE 2\n"
	for i := range 8 { // red and blue change places
		table += fmt.Sprintf("%d %d %d\n", i>>2, i>>1&1, i&1)
	}
	d := job{
		files: []string{path}, objects: map[string][]byte{"luts/swap.cube": []byte(table)},
		more: object{"colorConversion3DLUTSettings": []object{{"fileInput": "s3://luts/swap.cube", "inputColorSpace": "REC_709", "outputColorSpace": "P3D65_SDR"}}},
		outputs: []object{
			{}, correct(object{"colorSpaceConversion": "FORCE_601"}), correct(object{"saturation": 1}), correct(object{"brightness": 70}),
			correct(object{"contrast": 75}), correct(object{"hue": 120}), correct(object{"colorSpaceConversion": "FORCE_P3D65_SDR"}),
			correct(object{"clipLimits": object{"maximumYUV": 920, "minimumYUV": 128, "maximumRGBTolerance": 90, "minimumRGBTolerance": 10}}),
			correct(object{"colorSpaceConversion": "FORCE_P3DCI"}),
		},
	}.run(t)
	look := func(n int) [3]int { return at(pixels(t, d.file(n), 0.4, 16, 16), 16, 8, 8) }
	base := look(0)
	need(t, "as it was", base, [3]int{0xB0, 0x40, 0x60}, 4)
	need(t, "HD in SD's numbers looks the same", look(1), base, 6)
	stream := testkit.Probe(t, d.file(1)).Of("video")
	if stream.ColorSpace != "smpte170m" {
		t.Errorf("FORCE_601 is tagged %q", stream.ColorSpace)
	}
	if gray := look(2); gray[0]-gray[2] > 8 || gray[0]-gray[1] > 8 || gray[1]-gray[0] > 8 {
		t.Errorf("without saturation the colour is %v", gray)
	}
	if bright := look(3); bright[0] < base[0]+35 || bright[1] < base[1]+35 {
		t.Errorf("brighter, %v became %v", base, bright)
	}
	if c := look(4); c[0]-c[1] <= base[0]-base[1]-2 && c[1] >= base[1] {
		t.Errorf("with more contrast, %v became %v", base, c)
	}
	if turned := look(5); turned[0] > turned[1] && turned[0] > turned[2] {
		t.Errorf("with another hue, %v became %v", base, turned)
	}
	if swapped := look(6); swapped[2] < swapped[0]+40 {
		t.Errorf("the table should swap red and blue: %v became %v", base, swapped)
	}
	if stream := testkit.Probe(t, d.file(8)).Of("video"); stream.ColorTransfer != "smpte428" {
		t.Errorf("P3DCI is tagged %q", stream.ColorTransfer)
	}
}

// TestTonemap: a bright HDR picture becomes one that is neither clipped nor gray,
// by both mappers, and SDR becomes HDR of the asked brightness.
func TestTonemap(t *testing.T) {
	t.Parallel()
	hdr := []string{"-vf", "format=gbrp,zscale=min=gbr:pin=bt709:tin=bt709:rin=full:m=2020_ncl:p=2020:t=smpte2084:r=limited:npl=100,format=yuv420p10le", "-c:v", "libx264", "-crf", "4",
		"-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-color_range", "tv"}
	path := flat(t, "hdr.mp4", "0x808080", hdr...)
	correct := func(members object) object {
		return object{"videoPreprocessors": object{"colorCorrector": members}}
	}
	d := job{files: []string{path}, outputs: []object{
		correct(object{"colorSpaceConversion": "FORCE_709"}), correct(object{"colorSpaceConversion": "FORCE_709", "hdrToSdrToneMapper": "VIBRANT"}), {},
	}}.run(t)
	look := func(d done, n int) [3]int { return at(pixels(t, d.file(n), 0.4, 16, 16), 16, 8, 8) }
	raw, details, vivid := look(d, 2), look(d, 0), look(d, 1)
	for name, c := range map[string][3]int{"PRESERVE_DETAILS": details, "VIBRANT": vivid} {
		if c[0] < 50 || c[0] > 200 || !near(c, [3]int{c[0], c[0], c[0]}, 4) {
			t.Errorf("%s: gray of 128 became %v (untouched: %v)", name, c, raw)
		}
	}
	if near(details, vivid, 3) {
		t.Errorf("both mappers give %v", details)
	}
	if s := testkit.Probe(t, d.file(0)).Of("video"); s.ColorSpace != "bt709" || s.ColorTransfer != "bt709" {
		t.Errorf("tone mapped, the tags are %s and %s", s.ColorSpace, s.ColorTransfer)
	}
	up := job{files: []string{flat(t, "white.mp4", "0xFFFFFF", sdr...)}, outputs: []object{
		correct(object{"colorSpaceConversion": "FORCE_HDR10"}), correct(object{"colorSpaceConversion": "FORCE_HDR10", "sdrReferenceWhiteLevel": 203}),
	}}.run(t)
	// white of 100 nits is 51 % of PQ, of 203 nits 58 %
	for n, want := range []int{127, 143} {
		if got := luma(t, up.file(n)); got < want-4 || got > want+4 {
			t.Errorf("output %d: white has the level %d of 16 to 235, not %d", n, got, want)
		}
	}
}

// luma gives the mean luma of a corner of a file's first picture, as it is coded.
func luma(t testing.TB, path string) int {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-vf", "crop=16:16:0:0", "-f", "rawvideo", "-").Output()
	if err != nil || len(out) != 16*16*3/2 {
		t.Fatalf("luma of %s: %v, %d bytes", path, err, len(out))
	}
	sum := 0
	for _, v := range out[:16*16] {
		sum += int(v)
	}
	return sum / (16 * 16)
}

// TestRanges: the full range is squeezed, kept or clipped.
func TestRanges(t *testing.T) {
	t.Parallel()
	path := flat(t, "full.mp4", "0xFFFFFF", "-vf", "scale=out_color_matrix=bt709:out_range=pc,format=yuvj420p", "-c:v", "libx264", "-crf", "4",
		"-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "pc")
	correct := func(members object) object {
		return object{"videoPreprocessors": object{"colorCorrector": members}}
	}
	d := job{files: []string{path}, outputs: []object{
		{}, correct(object{"sampleRangeConversion": "LIMITED_RANGE_SQUEEZE"}), correct(object{"sampleRangeConversion": "NONE"}), correct(object{"sampleRangeConversion": "LIMITED_RANGE_CLIP"}),
	}}.run(t)
	for n, want := range []struct {
		level int
		tag   string
	}{{235, "tv"}, {235, "tv"}, {255, "pc"}, {235, "tv"}} {
		if got := luma(t, d.file(n)); got < want.level-2 || got > want.level+2 {
			t.Errorf("output %d: white has the level %d, not %d", n, got, want.level)
		}
		if s := testkit.Probe(t, d.file(n)).Of("video"); s.ColorRange != want.tag {
			t.Errorf("output %d is tagged %q, not %q", n, s.ColorRange, want.tag)
		}
	}
}
