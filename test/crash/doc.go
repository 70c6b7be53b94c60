// Package crash tests what becomes of work when things go wrong around it: the
// server killed at any moment, stopped, its disk full, its buckets, folders and
// children taken away while it works.
//
// It runs the real program and asks as a user does; where it waits for a moment
// to strike it looks at the data folder, and never changes it but to break it.
package crash
