// Package captions runs real jobs and looks at what a viewer would read, when,
// and where in the picture.
package captions
