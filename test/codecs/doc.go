// Package codecs runs jobs with every video codec, container of files and kind of
// rate control for real, and looks at what came out with tools that are not the
// product's.
package codecs
