package httpx

import (
	"net/http"
	"time"
)

// BodyDeadline gives the body of each request that long to arrive whole, so that
// a client that sends a byte now and then keeps no connection and no handler for
// ever. Reading a body that is late gives an error that wraps
// os.ErrDeadlineExceeded.
//
// What comes after the body, such as an event stream, may take any time:
// http.Server.ReadTimeout would end that too, while this deadline is taken off by
// net/http once the body has ended.
func BodyDeadline(next http.Handler, within time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 { // −1: in chunks, of no known length
			// It fails only on writers that are no server's; those have no body to wait for.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(within))
		}
		next.ServeHTTP(w, r)
	})
}
