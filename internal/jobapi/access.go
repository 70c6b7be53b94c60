package jobapi

import (
	"net/http"
	"sync"

	"golang.org/x/time/rate"

	"spool/internal/spool"
)

// admit lets a key do an operation: its role must allow it, and it must not have
// asked too often lately.
func (d *door) admit(key spool.AccessKey, r route) error {
	if !key.Role.May(r.needs) {
		return &failure{http.StatusForbidden, "AccessDeniedException",
			"User: arn:" + d.Identity.Partition + ":iam::" + d.Identity.Account + ":user/" + key.Access +
				" is not authorized to perform: mediaconvert:" + r.name}
	}
	if !d.limits.allow(key.Access) {
		return spool.Userf(spool.ErrThrottled, "Too many requests: this access key may make %d a second. Wait and try again.", d.Rate)
	}
	return nil
}

// burst is how many requests may come at once before the rate counts, as the
// service has it (behaviour.md 1.16).
const burst = 100

// limits holds back access keys that ask too often. It keeps one small record
// for each key that ever asked: only keys that exist get so far.
type limits struct {
	rate rate.Limit

	mu    sync.Mutex
	byKey map[string]*rate.Limiter
}

// newLimits allows each key so many requests a second; 0: any number.
func newLimits(perSecond int) *limits {
	return &limits{rate: rate.Limit(perSecond), byKey: map[string]*rate.Limiter{}}
}

func (l *limits) allow(access string) bool {
	if l.rate == 0 {
		return true
	}
	l.mu.Lock()
	limiter, ok := l.byKey[access]
	if !ok {
		limiter = rate.NewLimiter(l.rate, burst)
		l.byKey[access] = limiter
	}
	l.mu.Unlock()
	return limiter.Allow()
}
