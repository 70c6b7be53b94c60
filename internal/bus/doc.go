// Package bus gets the work done: JetStream, embedded and in process, with
// streams that keep what must not be lost (an acknowledged message is on the
// disk) and plain publish and subscribe for the rest.
//
// It knows subjects and bytes only: it never reads what a message says, never
// keeps state of the product, and listens on no port.
package bus
