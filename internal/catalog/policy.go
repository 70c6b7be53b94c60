package catalog

import (
	"context"
	"regexp"

	"spool/internal/spool"
)

// Policy gives the input policy; the zero one, which allows all, when there is none.
func (s *Service) Policy(ctx context.Context) (spool.InputPolicy, error) {
	return s.o.Store.Policy(ctx)
}

// PutPolicy puts an input policy in the place of the one before; the zero one
// is as none (behaviour.md 1.13).
func (s *Service) PutPolicy(ctx context.Context, p spool.InputPolicy) error {
	return failed("put the input policy", s.o.InTx(ctx, func(tx Tx) error { return tx.PutPolicy(ctx, p) }))
}

// certificateARN is the form of ACM's ARNs, in every partition.
var certificateARN = regexp.MustCompile(`^arn:aws[a-z-]{0,20}:acm:[a-z0-9-]{1,40}:[0-9]{12}:certificate/[0-9A-Za-z-]{1,128}$`)

// AssociateCertificate notes the ARN of a certificate of ACM, for outputs that
// are encrypted. One that is noted already is no error. What is no such ARN is
// spool.ErrInvalid.
func (s *Service) AssociateCertificate(ctx context.Context, arn string) error {
	if !certificateARN.MatchString(arn) {
		return spool.Userf(spool.ErrInvalid, "/arn: Should be the ARN of a certificate of ACM: arn:aws:acm:us-east-1:111122223333:certificate/ID")
	}
	return failed("associate a certificate", s.o.InTx(ctx, func(tx Tx) error { return tx.InsertCertificate(ctx, arn, s.now()) }))
}

// DisassociateCertificate forgets a certificate; one that is not noted is
// spool.ErrNotFound.
func (s *Service) DisassociateCertificate(ctx context.Context, arn string) error {
	return failed("disassociate a certificate", s.o.InTx(ctx, func(tx Tx) error { return tx.DeleteCertificate(ctx, arn) }))
}
