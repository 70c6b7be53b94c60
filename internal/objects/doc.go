// Package objects holds the bytes: buckets kept as folders of plain files, in
// the form that the S3 gateway of this product reads and writes too, and the
// read-only fetching of http(s) inputs.
//
// It never follows a symbolic link below its root, never leaves it, never shows
// a file that is not whole, and raises no event: events come from the gateway
// alone.
package objects
