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

	rectangle := map[string]any{"x": 20, "y": 30, "width": 200, "height": 100}
	for name, value := range rectangle {
		for _, at := range []string{in0, vid} {
			const beside = `={"x":0,"y":0,"width":320,"height":160}`
			f.set(hlsJob, at+"crop/"+name, value, "/"+at+"crop"+beside)
			f.set(hlsJob, at+"position/"+name, value, "/"+at+"position"+beside)
		}
	}
}
