// Package footage runs real files of every kind, good and broken, through the
// example systems' jobs, and holds what comes out against what another look at
// the source says must come out.
package footage
