// Package picture runs real jobs and looks at what a viewer would see: which
// frames come, where the picture stands, and which colours it has.
package picture
