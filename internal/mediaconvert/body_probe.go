package mediaconvert

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// maxProbes is how many files one request may have probed. The model names no
// bound and says "a media file"; all are fetched and read while the client waits.
const maxProbes = 4

// maxURL is the longest URL of an input, in characters.
const maxURL = 2048

// probeBody is the body of Probe.
type probeBody struct{ InputFiles []types.ProbeInputFile }

// DecodeProbe reads the body of Probe: the URLs of the files, s3, http or https
// (behaviour.md 1.17). What is wrong comes back as spool.Problems.
func DecodeProbe(data []byte) (urls []string, err error) {
	var b probeBody
	problems, err := readBody(data, &b)
	if err != nil {
		return nil, err
	}
	problems.requireMember("inputFiles", b.InputFiles != nil)
	switch n := len(b.InputFiles); {
	case b.InputFiles != nil && n == 0:
		problems.add("/inputFiles", "Should have at least 1 items")
	case n > maxProbes:
		problems.add("/inputFiles", "Should have at most %d items", maxProbes)
	}
	for i, f := range b.InputFiles {
		at := "/inputFiles/" + strconv.Itoa(i)
		if f.FileUrl == nil {
			problems.add(at, "fileUrl is a required property")
			continue
		}
		scheme, _, _ := strings.Cut(*f.FileUrl, "://")
		switch strings.ToLower(scheme) {
		case "s3", "http", "https":
			checkText(at+"/fileUrl", *f.FileUrl, maxURL, problems)
		default:
			problems.add(at+"/fileUrl", "Should be a URL that begins with s3://, https:// or http://")
		}
		urls = append(urls, *f.FileUrl)
	}
	return urls, problems.err()
}
