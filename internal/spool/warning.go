package spool

// The codes of warnings that the service has too (behaviour.md 2.4).
const (
	WarnHopFailed      = 100000
	WarnTruncated      = 220000
	WarnColorMetadata  = 230001
	WarnSampleRange    = 230005
	WarnPartUndecoded  = 230008
	WarnSilenceAdded   = 240000
	WarnAudioDropped   = 240001
	WarnOverlay        = 250000
	WarnDeinterlaced   = WarnSettingIgnored + 1 // of our own, as the next two
	WarnAudioMissing   = WarnSettingIgnored + 2
	WarnLongerDeclared = WarnSettingIgnored + 3
	WarnNoCaptions     = WarnSettingIgnored + 60 // as those up to 69
	WarnCaptionsLost   = WarnSettingIgnored + 61
	WarnCaptionsLate   = WarnSettingIgnored + 62
	WarnClipShort      = WarnSettingIgnored + 40 // as those up to 49
)
