// Package plan turns a job's complete settings and what was found in its
// sources into a Plan: the commands to run, as argument vectors, and what must
// come out of them. It is pure: no clock, no disk, no network. It never runs
// anything and never sees a real path: names of sources and of staged files are
// tokens that the runner resolves.
//
// The way through:
//
//	Sources   which files the job reads: the runner fetches and probes them
//	Survey    what must be measured before anything can be planned
//	Build     the Plan, from settings, probes and findings (Facts)
//
// Build makes the inputs and their clippings one programme of parts
// (programme.go). The encode task decodes every part once; its filter graph
// (graph.go) prepares the picture of each part (picture.go), puts it on each
// output's frame rate and size (geometry.go), joins the parts, and ends in one
// pad for each encode (video.go and a file for each codec; audio.go for sound).
//
// Outputs of file groups are written by the encode task itself (file.go).
// Streams of HLS, DASH, CMAF and Smooth groups become mezzanines (mezzanine.go):
// one MP4 file for each video or audio encode, shared by all groups that ask for
// the same, which package tasks copy into segments (group_*.go).
package plan
