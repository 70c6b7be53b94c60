package mediaconvert

import (
	"errors"

	"spool/internal/spool"
)

// Resolve checks a request and fills in the service's defaults.
func (r *Request) Resolve() (spool.JobRequest, error) {
	return spool.JobRequest{}, errors.New("not yet")
}
