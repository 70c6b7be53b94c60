package mediaconvert

import (
	"time"

	"spool/internal/spool"
)

// EngineVersion is one job engine version (behaviour.md 1.3, 1.10).
type EngineVersion struct {
	Version string    // YYYY-MM-DD
	Expires time.Time // zero: it does not
}

// engineVersions are all there have been, newest first. A program holds one
// engine, so a version expires on the day that its successor comes: jobs that
// name it run on the one there is.
var engineVersions = []EngineVersion{
	{Version: "2026-11-21"},
	{Version: "2026-11-20", Expires: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)},
}

// EngineVersions lists the versions that have not expired at that time, newest
// first.
func EngineVersions(now time.Time) []EngineVersion {
	var list []EngineVersion
	for _, v := range engineVersions {
		if v.valid(now) {
			list = append(list, v)
		}
	}
	return list
}

func (v EngineVersion) valid(now time.Time) bool {
	return v.Expires.IsZero() || now.Before(v.Expires)
}

// EngineVersionUsed gives the version that a job submitted at that time uses:
// the one it asks for, or "" when it has expired, or none was asked for.
func EngineVersionUsed(requested string, now time.Time) string {
	for _, v := range engineVersions {
		if v.Version == requested && v.valid(now) {
			return requested
		}
	}
	return ""
}

// checkEngineVersion refuses a version that never was.
func checkEngineVersion(pointer, version string, problems *problemList) {
	for _, v := range engineVersions {
		if v.Version == version {
			return
		}
	}
	problems.add(pointer, "There is no job engine version %q. Leave it out, or use one that ListVersions gives, such as %s.",
		version, engineVersions[0].Version)
}

// VersionsAnswer writes the answer of ListVersions; next is the token of the
// next page, empty on the last one.
func VersionsAnswer(list []EngineVersion, next string) ([]byte, error) {
	type version struct {
		Version        string `json:"version"`
		ExpirationDate int64  `json:"expirationDate,omitempty"` // seconds
	}
	out := make([]version, len(list))
	for i, v := range list {
		out[i] = version{v.Version, seconds(v.Expires)}
	}
	return marshal(struct {
		Versions  []version `json:"versions"`
		NextToken string    `json:"nextToken,omitempty"`
	}{out, next})
}

// EndpointsAnswer writes the answer of DescribeEndpoints: this server's own base
// URL (behaviour.md 1.5).
func EndpointsAnswer(url string) ([]byte, error) {
	type endpoint struct {
		URL string `json:"url"`
	}
	return marshal(struct {
		Endpoints []endpoint `json:"endpoints"`
	}{[]endpoint{{url}}})
}

// TagsAnswer writes the answer of ListTagsForResource.
func TagsAnswer(r spool.Resource, tags map[string]string, id spool.Identity) ([]byte, error) {
	type resourceTags struct {
		ARN  string            `json:"arn"`
		Tags map[string]string `json:"tags"`
	}
	if tags == nil {
		tags = map[string]string{}
	}
	return marshal(struct {
		ResourceTags resourceTags `json:"resourceTags"`
	}{resourceTags{id.ARN(string(r.Kind) + "/" + r.Name), tags}})
}

// PolicyAnswer writes the answer of PutPolicy and GetPolicy.
func PolicyAnswer(p spool.InputPolicy) ([]byte, error) {
	type policy struct {
		HTTP  string `json:"httpInputs"`
		HTTPS string `json:"httpsInputs"`
		S3    string `json:"s3Inputs"`
	}
	word := func(no bool) string {
		if no {
			return "DISALLOWED"
		}
		return "ALLOWED"
	}
	return marshal(struct {
		Policy policy `json:"policy"`
	}{policy{word(p.NoHTTP), word(p.NoHTTPS), word(p.NoS3)}})
}
