package jobapi

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"spool/internal/spool"
)

// route is one operation of the API.
type route struct {
	name   string
	status int        // when it went well
	needs  spool.Role // of the key
	run    operation
}

// routes are the operations of behaviour.md 1.3 by method and path, "*" being
// an id, a name or an ARN. Looking needs read; jobs of one's own, and looking
// into files, need submit; all else changes what others' jobs meet: admin.
var routes = map[string]route{
	"POST endpoints": {"DescribeEndpoints", 200, spool.RoleRead, describeEndpoints},

	"POST jobs":     {"CreateJob", 201, spool.RoleSubmit, createJob},
	"GET jobs":      {"ListJobs", 200, spool.RoleRead, listJobs},
	"GET jobs/*":    {"GetJob", 200, spool.RoleRead, getJob},
	"DELETE jobs/*": {"CancelJob", 202, spool.RoleSubmit, cancelJob},

	"GET search":        {"SearchJobs", 200, spool.RoleRead, searchJobs},
	"POST jobsQueries":  {"StartJobsQuery", 201, spool.RoleRead, startJobsQuery},
	"GET jobsQueries/*": {"GetJobsQueryResults", 200, spool.RoleRead, getJobsQueryResults},

	"POST queues":     {"CreateQueue", 201, spool.RoleAdmin, createQueue},
	"GET queues":      {"ListQueues", 200, spool.RoleRead, listQueues},
	"GET queues/*":    {"GetQueue", 200, spool.RoleRead, getQueue},
	"PUT queues/*":    {"UpdateQueue", 200, spool.RoleAdmin, updateQueue},
	"DELETE queues/*": {"DeleteQueue", 202, spool.RoleAdmin, deleteQueue},

	"POST presets":     {"CreatePreset", 201, spool.RoleAdmin, createPreset},
	"GET presets":      {"ListPresets", 200, spool.RoleRead, listPresets},
	"GET presets/*":    {"GetPreset", 200, spool.RoleRead, getPreset},
	"PUT presets/*":    {"UpdatePreset", 200, spool.RoleAdmin, updatePreset},
	"DELETE presets/*": {"DeletePreset", 202, spool.RoleAdmin, deletePreset},

	"POST jobTemplates":     {"CreateJobTemplate", 201, spool.RoleAdmin, createJobTemplate},
	"GET jobTemplates":      {"ListJobTemplates", 200, spool.RoleRead, listJobTemplates},
	"GET jobTemplates/*":    {"GetJobTemplate", 200, spool.RoleRead, getJobTemplate},
	"PUT jobTemplates/*":    {"UpdateJobTemplate", 200, spool.RoleAdmin, updateJobTemplate},
	"DELETE jobTemplates/*": {"DeleteJobTemplate", 202, spool.RoleAdmin, deleteJobTemplate},

	"GET tags/*": {"ListTagsForResource", 200, spool.RoleRead, listTagsForResource},
	"POST tags":  {"TagResource", 200, spool.RoleAdmin, tagResource},
	"PUT tags/*": {"UntagResource", 200, spool.RoleAdmin, untagResource},

	"GET policy":    {"GetPolicy", 200, spool.RoleRead, getPolicy},
	"PUT policy":    {"PutPolicy", 200, spool.RoleAdmin, putPolicy},
	"DELETE policy": {"DeletePolicy", 200, spool.RoleAdmin, deletePolicy},

	"POST certificates":     {"AssociateCertificate", 201, spool.RoleAdmin, associateCertificate},
	"DELETE certificates/*": {"DisassociateCertificate", 202, spool.RoleAdmin, disassociateCertificate},
	"POST resourceShares":   {"CreateResourceShare", 202, spool.RoleAdmin, createResourceShare},

	"GET versions": {"ListVersions", 200, spool.RoleRead, listVersions},
	"POST probe":   {"Probe", 200, spool.RoleSubmit, probe},
}

// maxID bounds the variable part of a path, in bytes: an ARN with a name.
const maxID = 1024

// lookup finds the operation of a request and the variable part of its path,
// unescaped once. One slash at the end counts for nothing.
func lookup(method, escapedPath string) (found route, id string, err error) {
	missing := spool.Userf(spool.ErrNotFound, "There is no operation %s %s.", clip(method), clip(escapedPath))
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
	if named && (len(id) > maxID || !isText(id)) {
		return route{}, "", spool.Userf(spool.ErrNotFound, "There is no resource %q.", clip(id))
	}
	return found, id, nil
}

// isText tells whether a text can be anyone's name: databases take neither NUL
// nor broken UTF-8.
func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f }) < 0
}

// clip shortens what a client sent before it is shown back.
func clip(s string) string {
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// name gives the bare name of the resource that a path names by its name or its
// ARN. The ARN of a resource of another kind names nothing there.
func (c call) name(kind spool.ResourceKind) (string, error) {
	if !strings.HasPrefix(c.id, "arn:") {
		return c.id, nil
	}
	if parts := strings.SplitN(c.id, ":", 6); len(parts) == 6 && parts[2] == "mediaconvert" {
		if name, ok := strings.CutPrefix(parts[5], string(kind)+"/"); ok && name != "" {
			return name, nil
		}
	}
	return "", spool.Userf(spool.ErrNotFound, "There is nothing %q under %s.", clip(c.id), kind)
}
