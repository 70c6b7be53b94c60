// Package app wires the parts of the product together: it is the only package
// that imports all of them. It starts them in order, stops them in reverse, and
// adapts the tools to the small interfaces that stages and doors declare.
//
// It never holds logic of its own that another package could hold.
package app
