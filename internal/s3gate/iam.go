package s3gate

import (
	"spool/internal/spool"

	"github.com/versity/versitygw/auth"
)

// Keys knows the access keys.
type Keys interface {
	// Key gives a key with its secret and role, and takes as long for unknown ones.
	Key(access string) (spool.AccessKey, bool)
}

// users tells the gateway who there is. Every key is an administrator to it,
// whose own rules would let nobody but a bucket's owner in; what a key may do
// is decided by roles, which stands before the backend. Buckets all belong to
// the root account: keys come and go.
type users struct {
	auth.IAMService // answers "not supported" to all that manages users
	root            auth.Account
	keys            Keys
}

func newUsers(opt Options) users {
	root := auth.Account{Access: opt.AccessKey, Secret: opt.SecretKey, Role: auth.RoleAdmin}
	return users{auth.NewIAMServiceSingle(root), root, opt.Keys}
}

// GetUserAccount gives the account of a key as it is at this moment. The
// gateway answers for unknown ones as S3 does, InvalidAccessKeyId, only when it
// is told with this very error.
func (u users) GetUserAccount(access string) (auth.Account, error) {
	k, ok := u.keys.Key(access)
	if !ok {
		return auth.Account{}, auth.ErrNoSuchUser
	}
	return auth.Account{Access: k.Access, Secret: k.Secret, Role: auth.RoleAdmin}, nil
}

// ResolveAccounts gives those of the keys that there are not.
func (u users) ResolveAccounts(access []string) ([]string, error) {
	missing := []string{}
	for _, a := range access {
		if _, ok := u.keys.Key(a); !ok {
			missing = append(missing, a)
		}
	}
	return missing, nil
}

// BucketOwner implements auth.FixedBucketOwner.
func (u users) BucketOwner() auth.Account { return u.root }
