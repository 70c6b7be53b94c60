// Package plan turns the settings of a job and what a probe found in its inputs
// into a Plan: the commands to run and what each must leave behind, as data.
//
// It is pure: no clock, no disk, no network, no randomness. So a plan can be
// printed, compared with a golden file, shown, and sent to any worker.
package plan
