package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// Smooth says how the manifests of a Smooth Streaming group are written
// (behaviour.md 4.5, 5.7).
type Smooth struct {
	Server string       `json:"server"` // key of the server's manifest, .ism
	Client string       `json:"client"` // key of the players' manifest, .ismc
	Wide   bool         `json:"wide,omitempty"`
	More   []MoreMaster `json:"more,omitempty"` // further server's manifests; each has a players' one beside it
}

// SmoothStream is one stream of an output of a Smooth Streaming group.
type SmoothStream struct {
	Kind     string `json:"kind"`  // video | audio
	Index    int    `json:"index"` // of the stream in its file
	Bitrate  int64  `json:"bitrate"`
	Language string `json:"language,omitempty"`
	Name     string `json:"name,omitempty"` // as people see it
	Track    int    `json:"track"`          // which of the output's audio
}

// mssGroup plans a Smooth Streaming group: one fragmented file for each output,
// which players are served fragments of.
func (b *builder) mssGroup(i int, og *types.OutputGroup) error {
	ms := og.OutputGroupSettings.MsSmoothGroupSettings
	bucket, base, err := b.destination(aws.ToString(ms.Destination))
	if err != nil {
		return err
	}
	g := Group{Type: spool.GroupMSS, Bucket: bucket, Smooth: &Smooth{
		Server: base + ".ism", Client: base + ".ismc",
		Wide: ms.ManifestEncoding == types.MsSmoothManifestEncodingUtf16,
	}}
	var heard []sound // by outputs before
	for j := range og.Outputs {
		out, err := b.mssOutput(i, j, &og.Outputs[j], ms, base, &heard)
		if err != nil {
			return err
		}
		g.Outputs = append(g.Outputs, out)
	}
	var more []types.HlsAdditionalManifest
	for _, a := range ms.AdditionalManifests {
		more = append(more, types.HlsAdditionalManifest{ManifestNameModifier: a.ManifestNameModifier, SelectedOutputs: a.SelectedOutputs})
	}
	like := types.OutputGroup{
		OutputGroupSettings: &types.OutputGroupSettings{HlsGroupSettings: &types.HlsGroupSettings{AdditionalManifests: more}}, Outputs: og.Outputs,
	}
	var m Master
	if err := b.moreMasters(i, &like, base, &m); err != nil {
		return err
	}
	for k := range m.More {
		m.More[k].Key = strings.TrimSuffix(m.More[k].Key, ".m3u8") + ".ism"
	}
	g.Smooth.More = m.More
	b.plan.Groups = append(b.plan.Groups, g)
	return nil
}

func (b *builder) mssOutput(i, j int, o *types.Output, ms *types.MsSmoothGroupSettings, base string, heard *[]sound) (Output, error) {
	fragment := int(cmp.Or(aws.ToInt32(ms.FragmentLength), 2))
	enc, sounds, out, err := b.encodes(i, j, o, fragment)
	if err != nil {
		return out, err
	}
	if enc != nil && ms.FragmentLengthControl == types.MsSmoothFragmentLengthControlGopMultiple {
		if gop := givenGOP(o.VideoDescription, enc.rate); gop > 0 {
			enc.keysEvery(spool.Rational{Num: int64(gop), Den: 1})
		}
	}
	if ms.AudioDeduplication == types.MsSmoothAudioDeduplicationCombineDuplicateStreams {
		sounds, out.Audio = once(sounds, out.Audio, heard)
		if enc == nil && len(sounds) == 0 {
			return out, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: all its sound is in outputs before, and audioDeduplication leaves nothing of it.", i, j)
		}
	}
	ext := "ismv"
	if enc == nil {
		ext = "isma"
	}
	names := b.names(enc, sounds, "ism")
	out.Kind, out.ContentType = KindSmooth, "video/mp4"
	out.Staged = fmt.Sprintf("g%d_o%d.%s", i, j, ext)
	out.Key = base + names.expand(aws.ToString(o.NameModifier), inModifier) + "." + ext
	if err := spool.CheckKey(out.Key); err != nil {
		return out, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: %s.", i, j, err)
	}
	if enc != nil {
		out.Smooth = append(out.Smooth, SmoothStream{Kind: "video", Bitrate: names.videoRate})
	} else {
		out.ContentType = "audio/mp4"
	}
	for k, a := range sounds {
		out.Smooth = append(out.Smooth, SmoothStream{
			Kind: "audio", Index: len(out.Smooth), Track: k, Bitrate: a.expect.BitRate, Language: a.language,
			Name: aws.ToString(o.AudioDescriptions[a.index].StreamName),
		})
	}
	args := b.copyArgs(enc, sounds)
	if len(sounds) > 0 {
		// Fragments have no edit list: sound before the beginning, which primes the
		// decoder, would be heard, and all after it would come late.
		args = append(args, "-bsf:a", `noise=drop=lt(pts\,0)`)
	}
	args = append(args, "-f", "ismv")
	length := strconv.FormatInt((time.Duration(fragment)*time.Second - time.Millisecond).Microseconds(), 10)
	if enc != nil {
		args = append(args, "-movflags", "+frag_keyframe", "-min_frag_duration", length)
	} else {
		args = append(args, "-frag_duration", length)
	}
	args = append(args, Work+"/"+out.Staged)
	b.packages = append(b.packages, Task{ID: fmt.Sprintf("package_g%d_o%d", i, j), Tool: ToolFFmpeg, Args: args, Duration: out.Duration})
	return out, nil
}

// once leaves out the sounds that outputs before have already
// (audioDeduplication).
func once(sounds []sound, expect []Audio, heard *[]sound) ([]sound, []Audio) {
	var left []sound
	var what []Audio
	for k, a := range sounds {
		if slices.ContainsFunc(*heard, func(h sound) bool { return h.language == a.language && h.same(a) && slices.Equal(h.args, a.args) }) {
			continue
		}
		*heard = append(*heard, a)
		left, what = append(left, a), append(what, expect[k])
	}
	return left, what
}
