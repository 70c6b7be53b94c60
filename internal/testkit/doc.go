// Package testkit makes real test media and measures what became of it.
//
// Clips are drawn by Go and encoded by the real FFmpeg: a moving picture with a
// clock for people, a strip of black and white cells with the frame's number
// for machines, a block that flashes as a beep sounds, and a voice-like sound
// track. The readers find the same things again in any file, playlist or
// picture sequence that FFmpeg decodes, at any size, turn or letterbox.
//
// It is used by tests, by the demo and by the benchmarks, and never by the
// product.
package testkit
