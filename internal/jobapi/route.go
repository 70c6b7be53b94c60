package jobapi

import (
	"net/url"
	"strings"

	"spool/internal/spool"
)

// route is one operation of the API; run is nil where it is not built.
type route struct {
	name   string
	status int // when it went well
	run    operation
}

// routes are the operations of behaviour.md 1.3 by method and path, "*" being
// an id, a name or an ARN.
var routes = map[string]route{
	"POST endpoints": {"DescribeEndpoints", 200, describeEndpoints},

	"POST jobs":     {"CreateJob", 201, createJob},
	"GET jobs":      {"ListJobs", 200, listJobs},
	"GET jobs/*":    {"GetJob", 200, getJob},
	"DELETE jobs/*": {"CancelJob", 202, cancelJob},

	"POST queues":     {"CreateQueue", 201, createQueue},
	"GET queues":      {"ListQueues", 200, listQueues},
	"GET queues/*":    {"GetQueue", 200, getQueue},
	"PUT queues/*":    {name: "UpdateQueue"},
	"DELETE queues/*": {name: "DeleteQueue"},

	"GET search":        {name: "SearchJobs"},
	"POST jobsQueries":  {name: "StartJobsQuery"},
	"GET jobsQueries/*": {name: "GetJobsQueryResults"},

	"POST presets":     {name: "CreatePreset"},
	"GET presets":      {name: "ListPresets"},
	"GET presets/*":    {name: "GetPreset"},
	"PUT presets/*":    {name: "UpdatePreset"},
	"DELETE presets/*": {name: "DeletePreset"},

	"POST jobTemplates":     {name: "CreateJobTemplate"},
	"GET jobTemplates":      {name: "ListJobTemplates"},
	"GET jobTemplates/*":    {name: "GetJobTemplate"},
	"PUT jobTemplates/*":    {name: "UpdateJobTemplate"},
	"DELETE jobTemplates/*": {name: "DeleteJobTemplate"},

	"GET tags/*": {name: "ListTagsForResource"},
	"POST tags":  {name: "TagResource"},
	"PUT tags/*": {name: "UntagResource"},

	"PUT policy":    {name: "PutPolicy"},
	"GET policy":    {name: "GetPolicy"},
	"DELETE policy": {name: "DeletePolicy"},

	"POST certificates":     {name: "AssociateCertificate"},
	"DELETE certificates/*": {name: "DisassociateCertificate"},
	"GET versions":          {name: "ListVersions"},
	"POST probe":            {name: "Probe"},
	"POST resourceShares":   {name: "CreateResourceShare"},
}

// lookup finds the operation of a request and the variable part of its path,
// unescaped once and, where it is an ARN, as the bare name in it.
func lookup(method, escapedPath string) (found route, id string, err error) {
	missing := spool.Userf(spool.ErrNotFound, "There is no operation %s %s.", method, escapedPath)
	rest, ok := strings.CutPrefix(escapedPath, Prefix)
	if !ok {
		return route{}, "", missing
	}
	kind, escaped, named := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	key := method + " " + kind
	if named {
		key += "/*"
		if id, err = url.PathUnescape(escaped); err != nil || id == "" {
			return route{}, "", missing
		}
	}
	if found, ok = routes[key]; !ok {
		return route{}, "", missing
	}
	return found, spool.ResourceName(id), nil
}
