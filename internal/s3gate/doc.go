// Package s3gate is the S3 door: it runs versitygw in this process over a
// folder of buckets, and stands between it and the disk to refuse what would
// lose or confuse (truncated bodies, aliased keys, symbolic links), to let each
// key do what its role may, to make every stored object durable, and to publish
// its event before the client is answered.
//
// It never decides what an object is for: who listens to the events does.
package s3gate
