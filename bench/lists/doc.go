// Package lists measures how long lists, searches and look-ups of jobs take in a
// small table and in a large one, on SQLite and PostgreSQL. It is a test, for the
// databases come from the tests' own helper; `make bench` runs it with -v for
// the table of figures.
//
// It never fails because something was slow: machines differ. What a list may
// read is held by the tests of internal/store.
package lists
