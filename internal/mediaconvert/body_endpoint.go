package mediaconvert

import "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

// endpointsBody is the body of DescribeEndpoints.
type endpointsBody struct {
	MaxResults *int32
	Mode       types.DescribeEndpointsMode
	NextToken  *string
}

// DecodeDescribeEndpoints checks the body of DescribeEndpoints. Nothing in it
// changes the answer: the one endpoint is there from the start, so both modes
// give it, on a page that none follows (behaviour.md 1.5). What is wrong comes
// back as spool.Problems.
func DecodeDescribeEndpoints(data []byte) error {
	var b endpointsBody
	problems, err := readBody(data, &b)
	if err != nil {
		return err
	}
	if n := b.MaxResults; n != nil && *n < 1 {
		problems.add("/maxResults", "Should be greater than or equal to 1")
	}
	if b.NextToken != nil && *b.NextToken != "" {
		problems.add("/nextToken", "It is not the token of a page of this list; begin again without it.")
	}
	return problems.err()
}
