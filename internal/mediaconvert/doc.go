// Package mediaconvert is the wire form of the AWS Elemental MediaConvert API:
// it decodes job requests, checks them, fills in the service's defaults, says
// which settings are honoured here, and writes the API's answers and events.
//
// The types are those of the AWS SDK; the facts are those of behaviour.md and of
// the API's model. It is pure: no files, no network, no clock, no randomness of
// its own. It never decides how a job is run: that is plan.
package mediaconvert
