// Package mp4 reads what is in fragmented MP4 files: tracks, fragments with
// their times, key frames, the segment index. It reads the boxes that it needs
// and nothing of the samples.
//
// It is pure: it reads through an io.ReaderAt and opens nothing. What it reads
// may be broken or made to deceive; sizes are bounded and every count is checked
// against the bytes that are there.
package mp4
