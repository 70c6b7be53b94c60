// Package sign makes and checks AWS Signature Version 4, in headers and in
// query strings, and writes the presigned S3 URLs that uploads use.
//
// It is pure: it never reads a clock, a body or a connection. The caller gives
// the time, the parts of the request and the hash of the body it has read.
package sign
