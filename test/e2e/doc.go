// Package e2e runs the systems of examples/ whole, as their users do: clips
// with numbered frames go in by S3 upload or by a job of the AWS SDK, and what
// comes out over delivery is decoded and compared with what went in.
//
// It never looks into a server: what it reads is what S3, the MediaConvert API,
// Spool's API and delivery answer; of a server that has stopped it also reads
// the bus, to see the events that were sent.
package e2e
