package settings

// Groups that are cut by Shaka Packager.
const (
	dashGroup = `"type":"DASH_ISO_GROUP_SETTINGS","dashIsoGroupSettings":{"destination":"s3://out/a","segmentLength":6,"fragmentLength":2}`
	mpd       = `"container":"MPD"`
)

var (
	dashJob = job(dashGroup, mpd, h264QVBR, aac)
)

func (f *flips) packed() {
	const dash = group + "dashIsoGroupSettings/"
	f.set(fileJob, group+"type", "DASH_ISO_GROUP_SETTINGS", `+dashIsoGroupSettings={"destination":"s3://out/a","segmentLength":6,"fragmentLength":2}`, "+fileGroupSettings=-", `+/outputGroups/0/outputs/0/containerSettings={"container":"MPD"}`)
	f.set(fileJob, box+"container", "MPD", "mp4Settings=-", `+/outputGroups/0/outputGroupSettings={`+dashGroup+`}`)
	f.set(dashJob, box+"container", "CMFC")
	f.segments(dashJob, dash)
	f.dashManifest(dashJob, dash)
	f.each(dashJob, dash+"hbbtvCompliance")
	f.each(dashJob, dash+"audioChannelConfigSchemeIdUri")
}

// segments flips what DASH and CMAF groups are cut by.
func (f *flips) segments(b base, at string) {
	f.set(b, at+"destination", "s3://out/b")
	f.set(b, at+"segmentLength", 4)
	f.set(b, at+"fragmentLength", 3)
	f.set(b, at+"minFinalSegmentLength", 1.5)
	f.each(b, at+"segmentControl")
	f.each(b, at+"videoCompositionOffsets")
}

// dashManifest flips what DASH manifests are written by.
func (f *flips) dashManifest(b base, at string) {
	f.set(b, at+"baseUrl", "https://cdn.example.com/")
	f.set(b, at+"minBufferTime", 1500)
	f.each(b, at+"mpdProfile", "segmentControl=SINGLE_FILE")
	f.each(b, at+"mpdManifestBandwidthType")
	f.each(b, at+"writeSegmentTimelineInRepresentation")
	f.each(b, at+"dashManifestStyle")
}
