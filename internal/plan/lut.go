package plan

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// LUTName is the name in the staging folder of the lookup table that source i is:
// the runner writes it there once it has read it through.
func LUTName(i int) string { return fmt.Sprintf("lut_%d.cube", i) }

// lut gives the staged name of the table that turns one colour space into
// another, "" where the job has none for them.
func (b *builder) lut(from, to colors) string {
	matches := func(space types.ColorSpace, c colors) bool {
		named, ok := spaceNamed(string(space))
		return !ok || named == c
	}
	for _, l := range b.settings.ColorConversion3DLUTSettings {
		if !matches(l.InputColorSpace, from) || !matches(l.OutputColorSpace, to) {
			continue
		}
		uri := aws.ToString(l.FileInput)
		i := slices.IndexFunc(b.plan.Inputs, func(in Input) bool { return in.URI == uri })
		if i >= 0 {
			return LUTName(i)
		}
	}
	return ""
}

// lutFilters look colours up in a table, in RGB of 16 bits.
func lutFilters(name string, from, to colors, full bool) []string {
	return []string{
		fmt.Sprintf("zscale=min=%s:rin=%s:m=gbr:r=full", zimgMatrix(from.matrix), zimgRange(full)), "format=gbrp16le",
		"lut3d=file=" + name + ":interp=tetrahedral",
		fmt.Sprintf("zscale=min=gbr:rin=full:pin=%[2]s:tin=%[3]s:m=%[1]s:p=%[2]s:t=%[3]s:r=%[4]s",
			zimgMatrix(to.matrix), zimgPrimaries(to.primaries), zimgTransfer(to.transfer), zimgRange(full)),
	}
}
