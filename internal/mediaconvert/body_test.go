package mediaconvert

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
)

// bodies are the operations with small bodies, as functions of the body alone.
var bodies = map[string]func(string) (any, error){
	"CreateQueue":       func(s string) (any, error) { return DecodeQueueRequest([]byte(s)) },
	"UpdateQueue":       func(s string) (any, error) { return DecodeQueueUpdate([]byte(s)) },
	"StartJobsQuery":    func(s string) (any, error) { return DecodeStartJobsQuery([]byte(s)) },
	"DescribeEndpoints": func(s string) (any, error) { return nil, DecodeDescribeEndpoints([]byte(s)) },
	"UntagResource":     func(s string) (any, error) { return DecodeUntagResource([]byte(s)) },
	"PutPolicy":         func(s string) (any, error) { return DecodePutPolicy([]byte(s)) },
	"Probe":             func(s string) (any, error) { return DecodeProbe([]byte(s)) },
	"AssociateCertificate": func(s string) (any, error) {
		return DecodeAssociateCertificate([]byte(s))
	},
	"TagResource": func(s string) (any, error) {
		r, tags, err := DecodeTagResource([]byte(s), testIdentity)
		return []any{r, tags}, err
	},
	"CreateResourceShare": func(s string) (any, error) {
		job, id, err := DecodeCreateResourceShare([]byte(s))
		return []string{job, id}, err
	},
}

const certificate = "arn:aws:acm:us-east-1:111122223333:certificate/1234-ab"

func TestBodies(t *testing.T) {
	t.Parallel()
	text, status, two := "d", "PAUSED", 2
	plan := &spool.Reservation{Commitment: "ONE_YEAR", RenewalType: "AUTO_RENEW", Slots: 2}
	const planText = `"reservationPlanSettings":{"commitment":"ONE_YEAR","renewalType":"AUTO_RENEW","reservedSlots":2}`
	for _, tt := range []struct {
		operation, body string
		want            any
	}{
		{"CreateQueue", `{"name":"catqueue","concurrentJobs":2,"description":"d","tags":{"a":"b"},"maximumConcurrentFeeds":0}`, spool.Queue{
			Name: "catqueue", Type: "CUSTOM", Status: "ACTIVE", PricingPlan: "ON_DEMAND", ConcurrentJobs: 2, Description: "d", Tags: map[string]string{"a": "b"},
		}},
		{"CreateQueue", `{"name":"r","pricingPlan":"RESERVED","status":"PAUSED",` + planText + `}`, spool.Queue{
			Name: "r", Type: "CUSTOM", Status: "PAUSED", PricingPlan: "RESERVED", Reservation: plan,
		}},
		{"UpdateQueue", ``, spool.QueueUpdate{}},
		{"UpdateQueue", `{"status":"PAUSED","description":"d","concurrentJobs":2,` + planText + `}`, spool.QueueUpdate{
			Description: &text, Status: &status, ConcurrentJobs: &two, Reservation: plan,
		}},
		{"StartJobsQuery", ` `, JobsQuery{}},
		{"StartJobsQuery", `{"order":"ASCENDING","maxResults":7,"nextToken":"t","filterList":[` +
			`{"key":"queue","values":["Default","arn:aws:mediaconvert:eu-west-1:111122223333:queues/fast"]},` +
			`{"key":"status","values":["ERROR"]},{"key":"videoCodec","values":["H_264"]},{"key":"audioCodec","values":["AAC"]},` +
			`{"key":"fileInput","values":["s3://b/"]},{"key":"jobEngineVersionUsed","values":["2026-11-21"]}]}`, JobsQuery{
			Order: "ASCENDING", MaxResults: 7, NextToken: "t", Where: []spool.JobTerm{
				{Key: "queue", Values: []string{"Default", "fast"}},
				{Key: "status", Values: []string{"ERROR"}}, {Key: "videoCodec", Values: []string{"H_264"}}, {Key: "audioCodec", Values: []string{"AAC"}},
				{Key: "fileInput", Values: []string{"s3://b/"}}, {Key: "jobEngineVersionUsed", Values: []string{"2026-11-21"}},
			},
		}},
		{"DescribeEndpoints", ``, nil},
		{"DescribeEndpoints", `{"mode":"GET_ONLY","maxResults":20,"nextToken":null}`, nil},
		{"UntagResource", `{}`, []string(nil)},
		{"UntagResource", `{"tagKeys":["a","b"]}`, []string{"a", "b"}},
		{"TagResource", `{"arn":"arn:aws:mediaconvert:eu-west-1:111122223333:presets/p","tags":{"a":""}}`,
			[]any{spool.Resource{Kind: "presets", Name: "p"}, map[string]string{"a": ""}}},
		{"PutPolicy", `{"policy":{"httpInputs":"DISALLOWED","s3Inputs":"ALLOWED"}}`, spool.InputPolicy{NoHTTP: true}},
		{"PutPolicy", `{"policy":{}}`, spool.InputPolicy{}},
		{"AssociateCertificate", `{"arn":"` + certificate + `"}`, certificate},
		{"CreateResourceShare", `{"jobId":"1712252725875-defhgi","supportCaseId":"case-1"}`, []string{"1712252725875-defhgi", "case-1"}},
		{"CreateResourceShare", `{"jobId":"arn:aws:mediaconvert:eu-west-1:111122223333:jobs/1712252725875-defhgi","supportCaseId":"case-1"}`,
			[]string{"1712252725875-defhgi", "case-1"}},
		{"Probe", `{"inputFiles":[{"fileUrl":"s3://b/k"},{"fileUrl":"HTTPS://h/p"}]}`, []string{"s3://b/k", "HTTPS://h/p"}},
	} {
		got, err := bodies[tt.operation](tt.body)
		if err != nil {
			t.Errorf("%s %s: %v", tt.operation, tt.body, err)
		} else if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.operation, tt.body, diff)
		}
	}
}

// TestBodyRefusals: everything that is wrong, at once and with pointers.
func TestBodyRefusals(t *testing.T) {
	t.Parallel()
	many := strings.Repeat(`"x",`, 100) + `"x"`
	for _, tt := range []struct{ operation, body, want string }{
		{"CreateQueue", `{}`, "The 'name' field is required."},
		{"CreateQueue", `{"name":1}`, "/name: Should be of type string, not number"},
		{"CreateQueue", `{"name":"a/b","status":"X","concurrentJobs":-1,"colour":1}`, "/colour: The member is not known; check its spelling or remove it. | " +
			`/status: Should be equal to one of the allowed values in ["ACTIVE","PAUSED"] | ` +
			"/name: A queue's name may not begin with arn: nor hold a slash, ?, #, a percent sign or control characters | /concurrentJobs: Should be greater than or equal to 0"},
		{"CreateQueue", `{"name":"a","concurrentJobs":501}`, "/concurrentJobs: Should be less than or equal to 500"},
		{"CreateQueue", `{"name":"a","pricingPlan":"RESERVED"}`, "The 'reservationPlanSettings' field is required with the pricing plan RESERVED."},
		{"CreateQueue", `{"name":"a","reservationPlanSettings":{}}`, "/reservationPlanSettings: Should be given with the pricing plan RESERVED only | " +
			"/reservationPlanSettings: commitment is a required property | /reservationPlanSettings: renewalType is a required property | " +
			"/reservationPlanSettings: reservedSlots is a required property"},
		{"CreateQueue", `{"name":"a","pricingPlan":"RESERVED","concurrentJobs":1,"reservationPlanSettings":{"commitment":"TWO_YEARS","renewalType":"EXPIRE","reservedSlots":0}}`,
			`/reservationPlanSettings/commitment: Should be equal to one of the allowed values in ["ONE_YEAR"] | ` +
				"/concurrentJobs: Should not be given with the pricing plan RESERVED: each of its reservedSlots runs one job | " +
				"/reservationPlanSettings/reservedSlots: Should be greater than or equal to 1"},
		{"CreateQueue", `{"name":"a","maximumConcurrentFeeds":1}`, "/maximumConcurrentFeeds: Feeds are not offered; use 0 or remove the member."},
		{"CreateQueue", `{"name":"a","description":"\u0007"}`, "/description: Should hold no control characters"},
		{"CreateQueue", `{"name":"a","description":"x\u0000","tags":{"\u0000":"b"}}`, "/description: Should hold no NUL characters | /tags/\x00: Should hold no NUL characters | " +
			"/description: Should hold no control characters | /tags/\x00: A key may hold letters, digits, spaces and _ . : / = + - @ only"},
		{"CreateQueue", `{"name":"a","tags":{"aws:x":"y"}}`, "/tags/aws:x: A key may not begin with aws:"},
		{"UpdateQueue", `{"name":"a"}`, "/name: The member is not known; check its spelling or remove it."},
		{"UpdateQueue", `{"pricingPlan":"RESERVED"}`, "/pricingPlan: The member is not known; check its spelling or remove it."},
		{"UpdateQueue", `{"maximumConcurrentFeeds":-1}`, "/maximumConcurrentFeeds: Should be greater than or equal to 0"},
		{"UpdateQueue", `[]`, "The request should be a JSON object, not a JSON array."},
		{"UpdateQueue", `{`, "The request is not valid JSON, near byte 1: the document ends too early."},
		{"StartJobsQuery", `{"maxResults":0,"order":"UP"}`, `/order: Should be equal to one of the allowed values in ["ASCENDING","DESCENDING"] | ` +
			"/maxResults: Should be greater than or equal to 1"},
		{"StartJobsQuery", `{"maxResults":21}`, "/maxResults: Should be less than or equal to 20"},
		{"StartJobsQuery", `{"filterList":[{"values":["a"]},{"key":"status"},{"key":"status","values":["DONE"]},{"key":"size","values":["1"]}]}`,
			`/filterList/3/key: Should be equal to one of the allowed values in ["queue","status","fileInput","jobEngineVersionRequested","jobEngineVersionUsed","audioCodec","videoCodec"] | ` +
				"/filterList/0: key is a required property | /filterList/1/values: Should have at least 1 items | " +
				`/filterList/2/values/0: Should be equal to one of the allowed values in ["SUBMITTED","PROGRESSING","COMPLETE","CANCELED","ERROR"]`},
		{"StartJobsQuery", `{"filterList":[{"key":"fileInput","values":["` + strings.Repeat("ü", 101) + `"]}]}`, "/filterList/0/values/0: Should have at most 100 characters"},
		{"StartJobsQuery", `{"filterList":[{"key":"fileInput","values":[` + many + `]}]}`, "/filterList: Should have at most 100 values in all"},
		{"DescribeEndpoints", `{"mode":"NO","maxResults":0,"nextToken":"x"}`, `/mode: Should be equal to one of the allowed values in ["DEFAULT","GET_ONLY"] | ` +
			"/maxResults: Should be greater than or equal to 1 | /nextToken: It is not the token of a page of this list; begin again without it."},
		{"UntagResource", `{"tagKeys":"a"}`, "/tagKeys: Should be of type array, not string"},
		{"UntagResource", `{"tagKeys":["` + strings.Repeat("a", 129) + `",null]}`, "/tagKeys/1: Should not be null | /tagKeys/0: Should have at most 128 characters"},
		{"TagResource", ``, "The 'arn' field is required. | The 'tags' field is required."},
		{"TagResource", `{"arn":"Default","tags":{}}`, "/arn: Should be an ARN such as arn:aws:mediaconvert:eu-west-1:111122223333:queues/Default"},
		{"TagResource", `{"arn":"x","tags":{"":"a"}}`, "/tags/: The key is empty"},
		{"PutPolicy", `null`, "The request should be a JSON object, not a JSON null."},
		{"PutPolicy", `{"httpInputs":"ALLOWED"}`, "/httpInputs: The member is not known; check its spelling or remove it. | The 'policy' field is required."},
		{"PutPolicy", `{"policy":{"s3Inputs":"NO","ftpInputs":"ALLOWED"}}`, "/policy/ftpInputs: The member is not known; check its spelling or remove it. | " +
			`/policy/s3Inputs: Should be equal to one of the allowed values in ["ALLOWED","DISALLOWED"]`},
		{"AssociateCertificate", `{}`, "The 'arn' field is required."},
		{"AssociateCertificate", `{"arn":"arn:aws:iam::111122223333:server-certificate/x"}`, "/arn: Should be the ARN of a certificate such as " +
			"arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"},
		{"CreateResourceShare", `{"supportCaseId":""}`, "The 'jobId' field is required. | /supportCaseId: Should have at least 1 characters"},
		{"Probe", `{}`, "The 'inputFiles' field is required."},
		{"Probe", `{"inputFiles":[]}`, "/inputFiles: Should have at least 1 items"},
		{"Probe", `{"inputFiles":[{},{"fileUrl":"file:///etc/passwd"},{"fileUrl":"s3://b/\u0007"}]}`, "/inputFiles/0: fileUrl is a required property | " +
			"/inputFiles/1/fileUrl: Should be a URL that begins with s3://, https:// or http:// | /inputFiles/2/fileUrl: Should hold no control characters"},
		{"Probe", `{"inputFiles":[` + strings.Repeat(`{"fileUrl":"s3://b/k"},`, 4) + `{"fileUrl":"s3://b/k"}]}`, "/inputFiles: Should have at most 4 items"},
	} {
		if _, err := bodies[tt.operation](tt.body); fmt.Sprint(err) != tt.want {
			t.Errorf("%s %.200s:\n got %v\nwant %s", tt.operation, tt.body, err, tt.want)
		}
	}
}
