package jobapi

import (
	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

func getPolicy(d *door, c call) ([]byte, error) {
	policy, err := d.Account.Policy(c.ctx)
	if err != nil {
		return nil, err
	}
	return mediaconvert.PolicyAnswer(policy)
}

// putPolicy puts a policy in the place of the one before, as a whole.
func putPolicy(d *door, c call) ([]byte, error) {
	policy, err := mediaconvert.DecodePutPolicy(c.body)
	if err != nil {
		return nil, err
	}
	if err := d.Account.PutPolicy(c.ctx, policy); err != nil {
		return nil, err
	}
	return mediaconvert.PolicyAnswer(policy)
}

// deletePolicy allows everything again (behaviour.md 1.13).
func deletePolicy(d *door, c call) ([]byte, error) {
	return empty, d.Account.PutPolicy(c.ctx, spool.InputPolicy{})
}

func associateCertificate(d *door, c call) ([]byte, error) {
	arn, err := mediaconvert.DecodeAssociateCertificate(c.body)
	if err != nil {
		return nil, err
	}
	return empty, d.Account.AssociateCertificate(c.ctx, arn)
}

func disassociateCertificate(d *door, c call) ([]byte, error) {
	if err := mediaconvert.CheckCertificate(c.id); err != nil {
		return nil, err
	}
	return empty, d.Account.DisassociateCertificate(c.ctx, c.id)
}

// createResourceShare takes a job or its ARN; one that is not there is 404: it
// is what the request is about, although it stands in the body.
func createResourceShare(d *door, c call) ([]byte, error) {
	job, caseID, err := mediaconvert.DecodeCreateResourceShare(c.body)
	if err != nil {
		return nil, err
	}
	return empty, d.Account.Share(c.ctx, job, caseID)
}
