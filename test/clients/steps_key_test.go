package clients

import (
	"maps"
	"slices"
)

// access says what a key needs for an operation.
type access struct {
	in   string // an input that the client itself takes
	role string // read | submit | admin
}

// operations are all there are, with the least key that each needs.
var operations = map[string]access{
	"AssociateCertificate":    {`{"Arn": "${certificate}"}`, "admin"},
	"CancelJob":               {`{"Id": "${merged}"}`, "submit"},
	"CreateJob":               {`{"Role": "${role}", "Queue": "held", "Settings": ${settings}}`, "submit"},
	"CreateJobTemplate":       {`{"Name": "full 1", "Settings": ${templateSettings}}`, "admin"},
	"CreatePreset":            {`{"Name": "full 1", "Settings": ${presetSettings}}`, "admin"},
	"CreateQueue":             {`{"Name": "plain"}`, "admin"},
	"CreateResourceShare":     {`{"JobId": "${low}", "SupportCaseId": "case-111122223333-2026-c4e4"}`, "admin"},
	"DeleteJobTemplate":       {`{"Name": "nowhere"}`, "admin"},
	"DeletePolicy":            {``, "admin"},
	"DeletePreset":            {`{"Name": "nowhere"}`, "admin"},
	"DeleteQueue":             {`{"Name": "nowhere"}`, "admin"},
	"DescribeEndpoints":       {``, "read"},
	"DisassociateCertificate": {`{"Arn": "${certificate}"}`, "admin"},
	"GetJob":                  {`{"Id": "${low}"}`, "read"},
	"GetJobTemplate":          {`{"Name": "to file"}`, "read"},
	"GetJobsQueryResults":     {`{"Id": "${query}"}`, "read"},
	"GetPolicy":               {``, "read"},
	"GetPreset":               {`{"Name": "mp4 small"}`, "read"},
	"GetQueue":                {`{"Name": "plain"}`, "read"},
	"ListJobTemplates":        {``, "read"},
	"ListJobs":                {``, "read"},
	"ListPresets":             {``, "read"},
	"ListQueues":              {``, "read"},
	"ListTagsForResource":     {`{"Arn": "${plain}"}`, "read"},
	"ListVersions":            {``, "read"},
	"Probe":                   {`{"InputFiles": [{"FileUrl": "s3://plain/clips/small é.mp4"}]}`, "submit"},
	"PutPolicy":               {`{"Policy": {}}`, "admin"},
	"SearchJobs":              {``, "read"},
	"StartJobsQuery":          {`{"FilterList": [{"Key": "queue", "Values": ["plain"]}]}`, "read"},
	"TagResource":             {`{"Arn": "${plain}", "Tags": {"a": "b"}}`, "admin"},
	"UntagResource":           {`{"Arn": "${plain}", "TagKeys": ["a"]}`, "admin"},
	"UpdateJobTemplate":       {`{"Name": "nowhere", "Category": "x"}`, "admin"},
	"UpdatePreset":            {`{"Name": "nowhere", "Category": "x"}`, "admin"},
	"UpdateQueue":             {`{"Name": "nowhere", "Description": "x"}`, "admin"},
}

// keySteps ask for every operation without a good signature.
var keySteps = func() []step {
	steps := []step{
		no("ListJobs", "for an unsigned request, in words", ``, unsigned, `Missing Authentication Token`).by("nobody"),
		no("ListJobs", "for a wrong signature, in words", ``, wrongSignature, `The request signature we calculated does not match the signature you provided. `+
			`Check your AWS Secret Access Key and signing method. Consult the service documentation for details.`).by("forger"),
		no("ListJobs", "for an unknown key, in words", ``, unknownKey, `The security token included in the request is invalid.`).by("stranger"),
		no("ListJobs", "for temporary credentials, in words", ``, unknownKey, `The security token included in the request is invalid.`).by("temporary"),
	}
	for _, op := range slices.Sorted(maps.Keys(operations)) {
		in := operations[op].in
		steps = append(steps,
			no(op, "unsigned", in, unsigned, "~").by("nobody"),
			no(op, "with a wrong signature", in, wrongSignature, "~").by("forger"),
			no(op, "with an unknown key", in, unknownKey, "~").by("stranger"),
			no(op, "with temporary credentials", in, unknownKey, "~").by("temporary"))
	}
	return steps
}()

// roleSteps ask for every operation with a key of either role that is not the
// owner's.
var roleSteps = func() []step {
	var steps []step
	rank := map[string]int{"read": 1, "submit": 2, "admin": 3}
	for _, op := range slices.Sorted(maps.Keys(operations)) {
		needs := operations[op]
		for _, role := range []string{"read", "submit"} {
			if rank[role] >= rank[needs.role] {
				steps = append(steps, ok(op, "with a key that may "+role, needs.in, "").by(role))
			} else {
				steps = append(steps, no(op, "with a key that may only "+role, needs.in, accessDenied, "~is not authorized to perform: mediaconvert:"+op).by(role))
			}
		}
	}
	return steps
}()
