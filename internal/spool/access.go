package spool

import "time"

// Role is what an access key may do.
type Role string

// The roles. Each may do what the next one may.
const (
	RoleAdmin  Role = "admin"  // everything, keys included
	RoleSubmit Role = "submit" // submit and cancel jobs, put and get objects, and read
	RoleRead   Role = "read"   // look at everything but secrets, and get objects
)

// May tells whether a key of this role may do what needs that one.
func (r Role) May(needs Role) bool {
	rank := map[Role]int{RoleRead: 1, RoleSubmit: 2, RoleAdmin: 3}
	return rank[r] > 0 && rank[r] >= rank[needs]
}

// AccessKey is a key pair with its role.
type AccessKey struct {
	Access    string
	Secret    string `json:"-"`
	Role      Role
	Note      string // whose it is, in the words of who made it
	CreatedAt time.Time
}
