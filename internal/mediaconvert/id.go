package mediaconvert

import (
	"fmt"
	"time"
)

// NewJobID makes a job id in the service's shape: thirteen digits of
// milliseconds since 1970, a dash and six lower-case letters or digits
// (behaviour.md 1.7). Random gives uniformly distributed numbers.
func NewJobID(now time.Time, random func() uint32) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	var tail [6]byte
	for i := range tail {
		tail[i] = letters[random()%uint32(len(letters))]
	}
	return fmt.Sprintf("%013d-%s", now.UnixMilli(), tail[:])
}
