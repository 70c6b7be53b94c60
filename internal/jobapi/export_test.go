package jobapi

import "spool/internal/spool"

// Operation is a row of the table of routes, for tests.
type Operation struct {
	Name   string
	Key    string // "GET jobs/*"
	Status int
	Needs  spool.Role
}

// Operations are all there are.
func Operations() []Operation {
	var list []Operation
	for key, r := range routes {
		list = append(list, Operation{r.name, key, r.status, r.needs})
	}
	return list
}
