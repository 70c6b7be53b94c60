package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// defaultAudioGroup is the group of audio renditions that name none: what the
// console and its presets write (behaviour.md 4.4).
const defaultAudioGroup = "program_audio"

// defaultRendition is the name of renditions that have none (behaviour.md 4.4).
const defaultRendition = "Alternate Audio"

// hlsGroup plans an HLS group with transport-stream segments.
func (b *builder) hlsGroup(i int, og *types.OutputGroup) error {
	hs := og.OutputGroupSettings.HlsGroupSettings
	bucket, base, err := b.destination(aws.ToString(hs.Destination))
	if err != nil {
		return err
	}
	m := &Master{
		Key:               base + ".m3u8",
		SegmentSeconds:    int(cmp.Or(aws.ToInt32(hs.SegmentLength), 10)),
		MinSegment:        max(float64(aws.ToInt32(hs.MinSegmentLength)), aws.ToFloat64(hs.MinFinalSegmentLength)),
		IntegerDurations:  hs.ManifestDurationFormat == types.HlsManifestDurationFormatInteger,
		SpecTargets:       hs.TargetDurationCompatibilityMode == types.HlsTargetDurationCompatibilityModeSpecCompliant,
		LegacyCodecs:      hs.CodecSpecification != types.HlsCodecSpecificationRfc6381,
		OmitResolution:    hs.StreamInfResolution == types.HlsStreamInfResolutionExclude,
		ForbidClientCache: hs.ClientCache == types.HlsClientCacheDisabled,
		SegmentsOnly:      hs.OutputSelection == types.HlsOutputSelectionSegmentsOnly,
		SingleFile:        hs.SegmentControl == types.HlsSegmentControlSingleFile,
		Gzip:              hs.ManifestCompression == types.HlsManifestCompressionGzip,
		BaseURL:           aws.ToString(hs.BaseUrl),
		NoClosedCaptions:  hs.CaptionLanguageSetting == types.HlsCaptionLanguageSettingNone,
	}
	if hs.ProgramDateTime == types.HlsProgramDateTimeInclude {
		start := b.programStart()
		m.ProgramStart, m.ProgramSeconds = &start, int(aws.ToInt32(hs.ProgramDateTimePeriod))
	}
	if m.Encryption, err = hlsEncryption(i, hs.Encryption); err != nil {
		return err
	}
	match, err := b.matchLength(i, hs, og)
	if err != nil {
		return err
	}
	g := Group{Type: spool.GroupHLS, Bucket: bucket, Master: m}
	for j := range og.Outputs {
		var out Output
		if isSidecar(&og.Outputs[j]) {
			out, err = b.hlsCaptions(i, j, &og.Outputs[j], hs, base)
		} else {
			length := match
			if og.Outputs[j].VideoDescription == nil {
				length = b.soundGrid(hs, og, match)
			}
			out, err = b.hlsOutput(i, j, &og.Outputs[j], hs, base, length)
		}
		if err != nil {
			return err
		}
		g.Outputs = append(g.Outputs, out)
	}
	b.audioGroups(i, og, g.Outputs)
	nameSubtitles(g.Outputs)
	m.ClosedCaptions = closedCaptions(hs)
	if g.Images, err = b.hlsImages(i, og, g.Outputs); err != nil {
		return err
	}
	if err := b.moreMasters(i, og, base, m); err != nil {
		return err
	}
	b.warnClear(i, &g)
	b.plan.Groups = append(b.plan.Groups, g)
	return nil
}

func (b *builder) hlsOutput(i, j int, o *types.Output, hs *types.HlsGroupSettings, base string, match spool.Rational) (Output, error) {
	enc, sounds, out, err := b.encodes(i, j, o, int(cmp.Or(aws.ToInt32(hs.SegmentLength), 10)))
	if err != nil {
		return out, err
	}
	names := b.names(enc, sounds, "m3u8")
	name := base + names.expand(aws.ToString(o.NameModifier), inModifier)
	set := hlsSettings(o)
	out.Kind = KindHLS
	out.Staged = fmt.Sprintf("g%d_o%d.m3u8", i, j)
	out.Key = name + ".m3u8"
	out.SegmentBase, out.SegmentModifier = name, names.expand(aws.ToString(set.SegmentModifier), inSegment)
	out.ContentType = "application/vnd.apple.mpegurl"
	out.HLS = &HLS{Segment: hlsGrid(hs, o, enc, match), Extension: "ts"}
	b.hlsForm(&out, hs, o, set)
	if err := b.checkSamples(i, j, hs, &out); err != nil {
		return out, err
	}
	if len(sounds) > 0 {
		out.HLS.language = sounds[0].language
	}
	if hs.DirectoryStructure == types.HlsDirectoryStructureSubdirectoryPerStream {
		out.HLS.Folder = name[strings.LastIndexByte(name, '/')+1:]
		out.HLS.PerFolder = int(aws.ToInt32(hs.SegmentsPerSubdirectory))
	}
	if err := spool.CheckKey(out.SegmentKey(1, b.facts.Started)); err != nil {
		return out, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: %s.", i, j, err)
	}
	if enc != nil {
		out.HLS.mezzanine = b.videoMezzanine(enc)
	}
	ts := newTransport(o, enc, sounds)
	out.HLS.Origin = ts.origin
	args := append(ts.delayed(b.copyArgs(enc, sounds)), ts.args()...)
	args = append(args,
		"-f", "hls", "-hls_time", hlsTime(out.HLS.Segment), "-hls_list_size", "0", "-hls_playlist_type", "vod",
		"-hls_segment_type", "mpegts", "-start_number", "1",
		"-hls_segment_options", ts.muxer(),
		"-hls_segment_filename", Work+"/"+strings.TrimSuffix(out.Staged, ".m3u8")+"_%05d.ts",
		Work+"/"+out.Staged)
	b.packages = append(b.packages, Task{ID: fmt.Sprintf("package_g%d_o%d", i, j), Tool: ToolFFmpeg, Args: args, Duration: out.Duration})
	return out, nil
}

// rawExtensions are those of raw audio segments by FFmpeg's name of the codec.
var rawExtensions = map[string]string{"aac": "aac", "ac3": "ac3", "eac3": "ec3"}

// hlsForm says in which form the segments are published, and what comes beside
// them.
func (b *builder) hlsForm(out *Output, hs *types.HlsGroupSettings, o *types.Output, set types.HlsSettings) {
	samples := hs.Encryption != nil && hs.Encryption.EncryptionMethod == types.HlsEncryptionTypeSampleAes
	if out.Video == nil && len(out.Audio) == 1 && set.AudioOnlyContainer != types.HlsAudioOnlyContainerM2ts && !samples {
		// samples of raw audio are encrypted in another way than those of transport streams
		out.HLS.Extension = cmp.Or(rawExtensions[out.Audio[0].Codec], "ts")
	}
	if out.Video != nil && set.IFrameOnlyManifest == types.HlsIFrameOnlyManifestInclude {
		out.HLS.IFrames = IFrameRanges
		if hs.Encryption != nil && !samples {
			out.HLS.IFrames = IFrameFiles // of a segment that is encrypted as a whole no part can be read
		}
	}
	if out.Video != nil && set.IFrameOnlyManifest == types.HlsIFrameOnlyManifestIncludeAsTs {
		out.HLS.IFrames = IFrameFiles
	}
	if out.HLS.Extension == "ts" && o.ContainerSettings != nil {
		out.HLS.Metadata = b.metadata(hs, o.ContainerSettings.M3u8Settings)
	}
}

// checkSamples refuses what SAMPLE-AES does not know in transport streams.
func (b *builder) checkSamples(i, j int, hs *types.HlsGroupSettings, out *Output) error {
	if hs.Encryption == nil || hs.Encryption.EncryptionMethod != types.HlsEncryptionTypeSampleAes {
		return nil
	}
	if out.Video != nil && out.Video.Codec != "h264" {
		return spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: in transport streams SAMPLE_AES is for H_264 video only; take AES128, or a CMAF group.", i, j)
	}
	for _, a := range out.Audio {
		if rawExtensions[a.Codec] == "" {
			return spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: SAMPLE_AES is for AAC, AC3 and EAC3 sound only; take AES128.", i, j)
		}
	}
	return nil
}

// hlsImages plans the images for trick play of a group.
func (b *builder) hlsImages(i int, og *types.OutputGroup, outs []Output) ([]ImageSet, error) {
	for j := range outs {
		if outs[j].Video != nil {
			hs := og.OutputGroupSettings.HlsGroupSettings
			gop, forced := keyGrid(hs, &og.Outputs[j], outs[j].Video.FrameRate, outs[j].HLS.Segment)
			return b.images(i, hlsTrickPlay(hs), outs, outs[j].HLS.Segment, gop, forced)
		}
	}
	return nil, nil
}

func hlsSettings(o *types.Output) types.HlsSettings {
	if o.OutputSettings == nil || o.OutputSettings.HlsSettings == nil {
		return types.HlsSettings{}
	}
	return *o.OutputSettings.HlsSettings
}

// audioGroups says which audio-only outputs are renditions, and which variants
// go with them (behaviour.md 4.4, 5.7).
//
// An output of one sound alone is a rendition where it is said to be one, where
// it names a group, and where a video output would be silent without it. It is a
// variant of its own otherwise.
func (b *builder) audioGroups(i int, og *types.OutputGroup, outs []Output) {
	mute := slices.ContainsFunc(outs, func(o Output) bool { return o.Video != nil && len(o.Audio) == 0 })
	members := map[string][]*Rendition{}
	var groups []string // in order of their first member
	for j := range outs {
		o, set := &outs[j], hlsSettings(&og.Outputs[j])
		if o.HLS == nil || o.Video != nil || len(o.Audio) == 0 ||
			set.AudioTrackType == types.HlsAudioTrackTypeAudioOnlyVariantStream ||
			set.AudioTrackType == "" && aws.ToString(set.AudioGroupId) == "" && !mute {
			continue
		}
		r := &Rendition{
			Group:          cmp.Or(strings.TrimSpace(aws.ToString(set.AudioGroupId)), defaultAudioGroup),
			Name:           defaultRendition,
			DescribesVideo: set.DescriptiveVideoServiceFlag == types.HlsDescriptiveVideoServiceFlagFlag,
			AutoSelect:     set.AudioTrackType != types.HlsAudioTrackTypeAlternateAudioNotAutoSelect,
		}
		if ads := og.Outputs[j].AudioDescriptions; len(ads) > 0 {
			r.Name = cmp.Or(aws.ToString(ads[0].StreamName), r.Name)
		}
		r.Language = o.HLS.language
		before := members[r.Group]
		// without a type the first is the default one
		r.Default = set.AudioTrackType == types.HlsAudioTrackTypeAlternateAudioAutoSelectDefault || set.AudioTrackType == "" && len(before) == 0
		r.join(before)
		if len(before) == 0 {
			groups = append(groups, r.Group)
		}
		members[r.Group] = append(before, r)
		o.HLS.Rendition = r
	}
	for j := range outs {
		o, set := &outs[j], hlsSettings(&og.Outputs[j])
		if o.HLS == nil || o.Video == nil {
			continue
		}
		asked := aws.ToString(set.AudioRenditionSets)
		if asked == "" && len(o.Audio) == 0 {
			o.HLS.AudioGroups = groups
			continue
		}
		for name := range strings.SplitSeq(asked, ",") {
			name = strings.TrimSpace(name)
			switch {
			case name == "" || slices.Contains(o.HLS.AudioGroups, name):
			case members[name] != nil:
				o.HLS.AudioGroups = append(o.HLS.AudioGroups, name)
			case name != defaultAudioGroup: // which presets name, whether there are any or not
				b.warn(spool.WarnSettingIgnored, fmt.Sprintf("/outputGroups/%d/outputs/%d/outputSettings/hlsSettings/audioRenditionSets", i, j),
					"No output of the group is an audio rendition of the group %q: the stream goes without it.", name)
			}
		}
	}
	b.warnUnheard(i, outs)
}

// warnUnheard warns of audio renditions that no stream with a picture goes with.
func (b *builder) warnUnheard(i int, outs []Output) {
	for j := range outs {
		r := rendition(&outs[j])
		if r == nil || slices.ContainsFunc(outs, func(o Output) bool { return o.HLS != nil && slices.Contains(o.HLS.AudioGroups, r.Group) }) {
			continue
		}
		b.warn(spool.WarnSettingIgnored, fmt.Sprintf("/outputGroups/%d/outputs/%d/outputSettings/hlsSettings/audioGroupId", i, j),
			"No output with a picture names the audio group %q in audioRenditionSets: players do not offer this sound in HLS.", r.Group)
	}
}

// rendition gives the audio rendition that an output is; nil if it is none.
func rendition(o *Output) *Rendition {
	if o.HLS == nil || o.Captions != nil {
		return nil
	}
	return o.HLS.Rendition
}

// join keeps a group as players demand it: names differ, and one is the default.
func (r *Rendition) join(others []*Rendition) {
	name := r.Name
	for n := 2; slices.ContainsFunc(others, func(o *Rendition) bool { return o.Name == r.Name }); n++ {
		r.Name = fmt.Sprintf("%s %d", name, n)
	}
	if slices.ContainsFunc(others, func(o *Rendition) bool { return o.Default }) {
		r.Default = false
	}
}

// moreMasters plans the additional manifests (behaviour.md 4.4).
func (b *builder) moreMasters(i int, og *types.OutputGroup, base string, m *Master) error {
	names := ids{file: spool.BaseName(b.first().uri), started: b.facts.Started, extension: "m3u8"}
	for k, a := range og.OutputGroupSettings.HlsGroupSettings.AdditionalManifests {
		at := fmt.Sprintf("/outputGroups/%d/outputGroupSettings/hlsGroupSettings/additionalManifests/%d", i, k)
		more := MoreMaster{Key: base + names.expand(aws.ToString(a.ManifestNameModifier), inModifier) + ".m3u8"}
		if err := spool.CheckKey(more.Key); err != nil {
			return spool.Failf(spool.CodeIncompatible, "%s: %s.", at, err)
		}
		for n, name := range a.SelectedOutputs {
			found := false
			for j, o := range og.Outputs {
				if aws.ToString(o.NameModifier) == name {
					more.Outputs = append(more.Outputs, j)
					found = true
				}
			}
			if !found {
				return spool.Failf(spool.CodeIncompatible, "%s/selectedOutputs/%d: no output of the group has the name modifier [%s].", at, n, name)
			}
		}
		m.More = append(m.More, more)
	}
	return nil
}

// hlsEncryption plans the encryption of a group's segments; nil without any
// (behaviour.md 5.10).
func hlsEncryption(i int, e *types.HlsEncryptionSettings) (*Encryption, error) {
	if e == nil || e.EncryptionMethod == "" && e.Type == "" && e.StaticKeyProvider == nil && e.SpekeKeyProvider == nil {
		return nil, nil
	}
	p := e.StaticKeyProvider
	if p == nil || e.EncryptionMethod == "" || len(aws.ToString(p.StaticKeyValue)) != 32 {
		return nil, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputGroupSettings/hlsGroupSettings/encryption: only a static key of 32 hexadecimal digits, and a method, can encrypt here.", i)
	}
	return &Encryption{
		SampleAES: e.EncryptionMethod == types.HlsEncryptionTypeSampleAes,
		Key:       Secret(aws.ToString(p.StaticKeyValue)),
		IV:        aws.ToString(e.ConstantInitializationVector),
		TellIV:    e.InitializationVectorInManifest != types.HlsInitializationVectorInManifestExclude,
		URI:       aws.ToString(p.Url),
		Format:    aws.ToString(p.KeyFormat),
		Versions:  aws.ToString(p.KeyFormatVersions),
		Session:   e.OfflineEncrypted == types.HlsOfflineEncryptedEnabled,
	}, nil
}
