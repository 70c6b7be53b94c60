package spool

import "errors"

// Message is one message of the bus as a handler gets it.
type Message struct {
	Subject   string
	Data      []byte
	Delivered int // how often it has been delivered, from 1; 1 for messages that are not kept
}

// Permanent marks an error of a message handler as one that trying again cannot
// mend: the bus gives the message up and logs why. Any other error has the
// message delivered again later.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanent{err}
}

// IsPermanent tells whether err, or one that it wraps, was marked by Permanent.
func IsPermanent(err error) bool {
	var p *permanent
	return errors.As(err, &p)
}

type permanent struct{ err error }

func (p *permanent) Error() string { return p.err.Error() }
func (p *permanent) Unwrap() error { return p.err }
