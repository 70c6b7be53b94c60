// Package smooth writes the manifests of Smooth Streaming ([MS-SSTR]): the one
// for players, which lists fragments by time, and the one for the server, which
// says in which file each quality is; and it answers players' requests by them.
//
// It is pure: text in, text out. It never opens a file.
package smooth
