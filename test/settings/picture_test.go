package settings

// timeline flips what the inputs' timelines are cut and read by.
func (f *flips) timeline() {
	const (
		clip  = `/inputs/0/inputClippings=[{"startTimecode":"00:00:02:00","endTimecode":"00:00:07:00"}]`
		start = "/inputs/0/timecodeStart=00:00:00:00"
		own   = "/inputs/0/timecodeSource=SPECIFIEDSTART"
	)
	f.each(hlsJob, in0+"timecodeSource", "SPECIFIEDSTART:+timecodeStart=01:00:01:00", `/inputs/0/inputClippings=[{"endTimecode":"01:00:07:00"}]`)
	f.set(hlsJob, in0+"timecodeStart", "00:00:01:00", clip, own, start)
	f.set(hlsJob, in0+"inputClippings/0/startTimecode", "00:00:03:00", clip, own, start)
	f.set(hlsJob, in0+"inputClippings/0/endTimecode", "00:00:08:00", clip, own, start)
}
