// Package harness runs the real spool binary for tests from outside: it builds
// it once, starts servers on free ports with data folders of their own, stops
// and kills them, and gives the clients that users have: the AWS SDK for S3 and
// for MediaConvert, and HTTP for Spool's own API.
//
// It never reaches into a server: what a test sees is what a user sees.
package harness
