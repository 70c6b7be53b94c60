// Package depcheck holds the rules of the house and finds what breaks them:
// which package may import which, and the budgets of files, functions and
// interfaces. The rules are explained in docs/architecture.md; the test of this
// package checks the whole module, and that the page and the rules agree.
//
// It reads sources and never builds or changes anything.
package depcheck
