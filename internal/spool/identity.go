package spool

import "strings"

// Identity is who this installation says it is in ARNs and events.
type Identity struct {
	Partition string // "aws"
	Region    string // "us-east-1"
	Account   string // twelve digits
}

// DefaultIdentity is used when the configuration names none.
func DefaultIdentity() Identity {
	return Identity{Partition: "aws", Region: "us-east-1", Account: "000000000000"}
}

// ARN gives the MediaConvert ARN of a resource, such as "jobs/1712252725875-defhgi"
// or "queues/Default" (behaviour.md 1.7).
func (id Identity) ARN(resource string) string {
	return "arn:" + id.Partition + ":mediaconvert:" + id.Region + ":" + id.Account + ":" + resource
}

// ResourceName takes a bare name or an ARN and gives the bare name: the part
// after the last "kind/" of an ARN, or the text unchanged when it is no ARN.
func ResourceName(nameOrARN string) string {
	if !strings.HasPrefix(nameOrARN, "arn:") {
		return nameOrARN
	}
	if i := strings.IndexByte(nameOrARN, '/'); i >= 0 {
		return nameOrARN[i+1:]
	}
	return nameOrARN
}
