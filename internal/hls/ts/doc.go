// Package ts reads MPEG transport streams (ISO/IEC 13818-1) as FFmpeg writes
// them, and changes them: it finds key frames and the bytes they lie in, takes
// out the sound, encrypts samples and adds timed metadata.
//
// It is pure: bytes in, bytes out. It expects one programme, tables of one packet
// each, and access units that are not mixed with each other, and says so where
// a stream is different; it never guesses.
package ts
