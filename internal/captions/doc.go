// Package captions reads and writes captions: SubRip, WebVTT, TTML with its
// profiles, Scenarist SCC with the CEA-608 data in it, SAMI, EBU STL, and the ASS
// that burning in is drawn from.
//
// All of them become one model, a Track of cues on a timeline that begins with
// the first picture, and are written from it. So any format turns into any other.
//
// It is pure: bytes in, bytes out. Files come from users, so everything is
// bounded: bytes, cues, nesting, and the work that a line can make.
package captions
