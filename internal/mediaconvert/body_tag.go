package mediaconvert

import (
	"slices"
	"strconv"
	"strings"

	"spool/internal/spool"
)

// tagBody is the body of TagResource.
type tagBody struct {
	Arn  *string
	Tags map[string]string
}

// DecodeTagResource reads the body of TagResource: the resource, which need not
// exist, and the tags to add to it. What is wrong comes back as spool.Problems,
// or as spool.ErrNotFound for an ARN of another installation.
func DecodeTagResource(data []byte, id spool.Identity) (spool.Resource, map[string]string, error) {
	var b tagBody
	problems, err := readBody(data, &b)
	if err != nil {
		return spool.Resource{}, nil, err
	}
	problems.requireMember("arn", b.Arn != nil)
	problems.requireMember("tags", b.Tags != nil)
	checkTags(b.Tags, problems)
	if err := problems.err(); err != nil {
		return spool.Resource{}, nil, err
	}
	r, err := ParseResource("/arn", *b.Arn, id)
	return r, b.Tags, err
}

// untagBody is the body of UntagResource.
type untagBody struct{ TagKeys []string }

// DecodeUntagResource reads the keys that UntagResource takes off; none is as
// good as some. What is wrong comes back as spool.Problems.
func DecodeUntagResource(data []byte) ([]string, error) {
	var b untagBody
	problems, err := readBody(data, &b)
	if err != nil {
		return nil, err
	}
	for i, key := range b.TagKeys {
		checkText("/tagKeys/"+strconv.Itoa(i), key, 128, problems)
	}
	return b.TagKeys, problems.err()
}

// tagged are the kinds of resources that have tags (behaviour.md 1.10).
var tagged = []spool.ResourceKind{spool.KindJob, spool.KindQueue, spool.KindPreset, spool.KindTemplate}

// ParseResource reads the ARN of a resource of this installation. A text that is
// no ARN of MediaConvert's, or not of a kind that has tags, is spool.Problems
// with that pointer; a resource of another partition, region or account is
// spool.ErrNotFound: there is no such thing here.
func ParseResource(pointer, arn string, id spool.Identity) (spool.Resource, error) {
	form := id.ARN("queues/Default")
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return spool.Resource{}, spool.Problems{{Pointer: pointer, Message: "Should be an ARN such as " + form}}
	}
	if parts[2] != "mediaconvert" {
		return spool.Resource{}, spool.Problems{{Pointer: pointer, Message: "Should be an ARN of mediaconvert such as " + form + ", not one of another service"}}
	}
	kind, name, _ := strings.Cut(parts[5], "/")
	if !slices.Contains(tagged, spool.ResourceKind(kind)) || name == "" || strings.Contains(name, "/") || hasControl(name) || len(name) > 256 {
		return spool.Resource{}, spool.Problems{{Pointer: pointer, Message: "Should be the ARN of a job, queue, preset or job template such as " + form}}
	}
	if id.ARN(parts[5]) != arn {
		return spool.Resource{}, spool.Userf(spool.ErrNotFound, "%s: There is no resource %.200q here: the ARNs of this installation begin with %s.",
			pointer, arn, id.ARN(""))
	}
	return spool.Resource{Kind: spool.ResourceKind(kind), Name: name}, nil
}
