// Package settings proves that no setting is accepted and ignored: what the
// support table calls honoured changes the plan.
package settings
