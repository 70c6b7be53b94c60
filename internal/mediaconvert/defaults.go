package mediaconvert

import "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

// fill sets a member that is not there.
func fill[T comparable](member *T, value T) {
	var zero T
	if *member == zero {
		*member = value
	}
}

// fillPtr sets an optional member that is not there.
func fillPtr[T any](member **T, value T) {
	if *member == nil {
		*member = &value
	}
}

// fillSettings fills in the service's defaults where they matter to a plan or to
// a reader (behaviour.md 5 and 6.1). What the service decides by itself, such
// as a QVBR level or the number of B-frames, stays absent.
func fillSettings(s *types.JobSettings) {
	fillPtr(&s.TimecodeConfig, types.TimecodeConfig{})
	fill(&s.TimecodeConfig.Source, types.TimecodeSourceEmbedded)
	fillPtr(&s.FollowSource, 1)
	for i := range s.Inputs {
		fillInput(&s.Inputs[i])
	}
	for i := range s.OutputGroups {
		g := &s.OutputGroups[i]
		if h := g.OutputGroupSettings.HlsGroupSettings; h != nil {
			fillHLS(h)
		}
		for j := range g.Outputs {
			fillOutput(&g.Outputs[j], g.OutputGroupSettings.Type)
		}
	}
}

func fillInput(in *types.Input) {
	fill(&in.TimecodeSource, types.InputTimecodeSourceEmbedded)
	fill(&in.FilterEnable, types.InputFilterEnableAuto)
	fill(&in.PsiControl, types.InputPsiControlUsePsi)
	fill(&in.DeblockFilter, types.InputDeblockFilterDisabled)
	fill(&in.DenoiseFilter, types.InputDenoiseFilterDisabled)
	fill(&in.InputScanType, types.InputScanTypeAuto)
	fillPtr(&in.VideoSelector, types.VideoSelector{})
	fill(&in.VideoSelector.Rotate, types.InputRotateDegree0)
	fill(&in.VideoSelector.ColorSpace, types.ColorSpaceFollow)
	fill(&in.VideoSelector.SampleRange, types.InputSampleRangeFollow)
	fill(&in.VideoSelector.AlphaBehavior, types.AlphaBehaviorDiscard)
	if len(in.AudioSelectors) == 0 {
		in.AudioSelectors = map[string]types.AudioSelector{
			defaultSelector: {DefaultSelection: types.AudioDefaultSelectionDefault},
		}
	}
	for name, sel := range in.AudioSelectors {
		if len(sel.Tracks) == 0 && sel.LanguageCode != "" {
			fill(&sel.SelectorType, types.AudioSelectorTypeLanguageCode)
		}
		// Without tracks a TRACK selector means the first one, if there is one:
		// the list stays empty, for naming a track that is not there is an error.
		fill(&sel.SelectorType, types.AudioSelectorTypeTrack)
		fill(&sel.DefaultSelection, types.AudioDefaultSelectionNotDefault)
		fillPtr(&sel.Offset, 0)
		fillPtr(&sel.ProgramSelection, 1)
		in.AudioSelectors[name] = sel
	}
}

func fillHLS(h *types.HlsGroupSettings) {
	fillPtr(&h.SegmentLength, 10)
	fillPtr(&h.MinSegmentLength, 0)
	fillPtr(&h.MinFinalSegmentLength, 0)
	fill(&h.SegmentLengthControl, types.HlsSegmentLengthControlExact)
	fill(&h.SegmentControl, types.HlsSegmentControlSegmentedFiles)
	fill(&h.DirectoryStructure, types.HlsDirectoryStructureSingleDirectory)
	fill(&h.ManifestDurationFormat, types.HlsManifestDurationFormatFloatingPoint)
	fill(&h.ManifestCompression, types.HlsManifestCompressionNone)
	fill(&h.CodecSpecification, types.HlsCodecSpecificationRfc4281)
	fill(&h.StreamInfResolution, types.HlsStreamInfResolutionInclude)
	fill(&h.OutputSelection, types.HlsOutputSelectionManifestsAndSegments)
	fill(&h.ClientCache, types.HlsClientCacheEnabled)
	fill(&h.ProgramDateTime, types.HlsProgramDateTimeExclude)
	fillPtr(&h.ProgramDateTimePeriod, 600)
	fill(&h.CaptionLanguageSetting, types.HlsCaptionLanguageSettingOmit)
	fill(&h.TimedMetadataId3Frame, types.HlsTimedMetadataId3FrameNone)
	fill(&h.TargetDurationCompatibilityMode, types.HlsTargetDurationCompatibilityModeLegacy)
	fill(&h.ImageBasedTrickPlay, types.HlsImageBasedTrickPlayNone)
}

func fillOutput(o *types.Output, group types.OutputGroupType) {
	fillContainer(o.ContainerSettings)
	if group == types.OutputGroupTypeHlsGroupSettings {
		fillPtr(&o.OutputSettings, types.OutputSettings{})
		fillPtr(&o.OutputSettings.HlsSettings, types.HlsSettings{})
		h := o.OutputSettings.HlsSettings
		fill(&h.IFrameOnlyManifest, types.HlsIFrameOnlyManifestExclude)
		fill(&h.AudioOnlyContainer, types.HlsAudioOnlyContainerAutomatic)
	}
	if v := o.VideoDescription; v != nil {
		fillVideo(v)
	}
	for i := range o.AudioDescriptions {
		fillAudio(&o.AudioDescriptions[i])
	}
}

// The packet identifiers of the service (behaviour.md 5.5).
const (
	pmtPID     = 480
	videoPID   = 481
	audioPID   = 482 // of the first of audioPIDs
	audioPIDs  = 11
	privatePID = 503
)

// fillPIDs gives each stream the service's PID, or the next one where the user
// has given that to another: no two streams can share one.
func fillPIDs(m *types.M3u8Settings) {
	taken := make(map[int32]bool)
	for _, pid := range []*int32{m.PmtPid, m.VideoPid} {
		if pid != nil {
			taken[*pid] = true
		}
	}
	for _, pid := range m.AudioPids {
		taken[pid] = true
	}
	free := func(pid int32) int32 {
		for taken[pid] {
			pid++
		}
		taken[pid] = true
		return pid
	}
	if m.VideoPid == nil {
		fillPtr(&m.VideoPid, free(videoPID))
	}
	if m.PmtPid == nil {
		fillPtr(&m.PmtPid, free(pmtPID))
	}
	if len(m.AudioPids) == 0 {
		for range audioPIDs {
			m.AudioPids = append(m.AudioPids, free(audioPID))
		}
	}
}

// fillContainer makes the settings object of a container if it is missing.
func fillContainer(c *types.ContainerSettings) {
	switch c.Container {
	case types.ContainerTypeMp4:
		fillPtr(&c.Mp4Settings, types.Mp4Settings{})
		fill(&c.Mp4Settings.MoovPlacement, types.Mp4MoovPlacementProgressiveDownload)
		fill(&c.Mp4Settings.CslgAtom, types.Mp4CslgAtomExclude)
		fill(&c.Mp4Settings.FreeSpaceBox, types.Mp4FreeSpaceBoxExclude)
		fill(&c.Mp4Settings.AudioDuration, types.CmfcAudioDurationDefaultCodecDuration)
		fillPtr(&c.Mp4Settings.CttsVersion, 0)
	case types.ContainerTypeMov:
		fillPtr(&c.MovSettings, types.MovSettings{})
		fill(&c.MovSettings.ClapAtom, types.MovClapAtomExclude)
		fill(&c.MovSettings.CslgAtom, types.MovCslgAtomExclude)
		fill(&c.MovSettings.PaddingControl, types.MovPaddingControlNone)
		fill(&c.MovSettings.Reference, types.MovReferenceSelfContained)
	case types.ContainerTypeM3u8:
		fillPtr(&c.M3u8Settings, types.M3u8Settings{})
		m := c.M3u8Settings
		fillPIDs(m)
		fillPtr(&m.PrivateMetadataPid, privatePID)
		fillPtr(&m.ProgramNumber, 1)
		fillPtr(&m.AudioFramesPerPes, 4)
		fillPtr(&m.PatInterval, 0)
		fillPtr(&m.PmtInterval, 0)
		fill(&m.PcrControl, types.M3u8PcrControlPcrEveryPesPacket)
		fill(&m.NielsenId3, types.M3u8NielsenId3None)
		fill(&m.Scte35Source, types.M3u8Scte35SourceNone)
		fill(&m.TimedMetadata, types.TimedMetadataNone)
	case types.ContainerTypeM2ts:
		fillPtr(&c.M2tsSettings, types.M2tsSettings{})
	}
}

func fillAudio(a *types.AudioDescription) {
	fillPtr(&a.AudioSourceName, defaultSelector)
	fill(a.AudioSourceName, defaultSelector)
	fill(&a.AudioTypeControl, types.AudioTypeControlFollowInput)
	fill(&a.LanguageCodeControl, types.AudioLanguageCodeControlFollowInput)
	fillSoundCodec(a.CodecSettings)
}
