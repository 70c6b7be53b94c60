package plan

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// TestLUTs: the first table is taken that is meant for both colours; FOLLOW and
// nothing are for any.
func TestLUTs(t *testing.T) {
	t.Parallel()
	spaces := types.ColorSpace("").Values()
	for _, in := range spaces {
		for _, out := range spaces {
			b := &builder{
				settings: &types.JobSettings{ColorConversion3DLUTSettings: []types.ColorConversion3DLUTSetting{{
					FileInput: aws.String("s3://in/a.cube"), InputColorSpace: in, OutputColorSpace: out,
				}}},
				plan: &Plan{Inputs: []Input{{URI: "s3://in/v.mp4"}, {URI: "s3://in/a.cube"}}},
			}
			for _, from := range spaces {
				for _, to := range spaces {
					f, ok1 := spaceNamed(string(from))
					o, ok2 := spaceNamed(string(to))
					if !ok1 || !ok2 {
						continue
					}
					want := ""
					if (in == "FOLLOW" || in == from) && (out == "FOLLOW" || out == to) {
						want = "lut_1.cube"
					}
					if got := b.lut(f, o); got != want {
						t.Errorf("a table for %s to %s, asked for %s to %s: %q", in, out, from, to, got)
					}
				}
			}
		}
	}
}
