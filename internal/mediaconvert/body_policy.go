package mediaconvert

import (
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// policyBody is the body of PutPolicy.
type policyBody struct{ Policy *types.Policy }

// DecodePutPolicy reads the body of PutPolicy; a member left out is ALLOWED
// (behaviour.md 1.13). What is wrong comes back as spool.Problems.
func DecodePutPolicy(data []byte) (spool.InputPolicy, error) {
	var b policyBody
	problems, err := readBody(data, &b)
	if err != nil {
		return spool.InputPolicy{}, err
	}
	problems.requireMember("policy", b.Policy != nil)
	if err := problems.err(); err != nil {
		return spool.InputPolicy{}, err
	}
	return spool.InputPolicy{
		NoHTTP:  b.Policy.HttpInputs == types.InputPolicyDisallowed,
		NoHTTPS: b.Policy.HttpsInputs == types.InputPolicyDisallowed,
		NoS3:    b.Policy.S3Inputs == types.InputPolicyDisallowed,
	}, nil
}

var certificateForm = regexp.MustCompile(`^arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]{1,64}$`)

// certificateBody is the body of AssociateCertificate.
type certificateBody struct{ Arn *string }

// DecodeAssociateCertificate reads the body of AssociateCertificate: the ARN of
// a certificate. What is wrong comes back as spool.Problems.
func DecodeAssociateCertificate(data []byte) (arn string, err error) {
	var b certificateBody
	problems, err := readBody(data, &b)
	if err != nil {
		return "", err
	}
	problems.requireMember("arn", b.Arn != nil)
	if err := problems.err(); err != nil {
		return "", err
	}
	return *b.Arn, CheckCertificate(*b.Arn)
}

// CheckCertificate refuses a text that is no ARN of a certificate, as
// spool.Problems.
func CheckCertificate(arn string) error {
	if certificateForm.MatchString(arn) {
		return nil
	}
	return spool.Problems{{Pointer: "/arn", Message: "Should be the ARN of a certificate such as " +
		"arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"}}
}

// shareBody is the body of CreateResourceShare.
type shareBody struct {
	JobId         *string
	SupportCaseId *string
}

// DecodeCreateResourceShare reads the body of CreateResourceShare: the bare id
// of a job and the id of a support case, whatever its form. What is wrong comes
// back as spool.Problems.
func DecodeCreateResourceShare(data []byte) (jobID, caseID string, err error) {
	var b shareBody
	problems, err := readBody(data, &b)
	if err != nil {
		return "", "", err
	}
	problems.requireMember("jobId", b.JobId != nil)
	problems.requireMember("supportCaseId", b.SupportCaseId != nil)
	if b.JobId != nil {
		checkResource("/jobId", *b.JobId, "jobs", problems)
		jobID = spool.ResourceName(*b.JobId)
	}
	if b.SupportCaseId != nil {
		caseID = *b.SupportCaseId
		checkText("/supportCaseId", caseID, 256, problems)
		if caseID == "" {
			problems.add("/supportCaseId", "Should have at least 1 characters")
		}
	}
	return jobID, caseID, problems.err()
}
