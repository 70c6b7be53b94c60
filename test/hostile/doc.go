// Package hostile sends a server what an attacker would: files that name other
// files or the network, headers that lie, servers that redirect, stall and break
// off. Each must end as an error that a person understands, in time, and nothing
// that is not the sender's may come out anywhere.
package hostile
