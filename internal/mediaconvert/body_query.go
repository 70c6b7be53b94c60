package mediaconvert

import (
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// JobsQuery is the body of StartJobsQuery (behaviour.md 1.4).
type JobsQuery struct {
	Where      []spool.JobTerm // queues as bare names
	MaxResults int             // 1..20; 0: not given
	Order      string          // ASCENDING | DESCENDING; empty: not given
	NextToken  string          // as given
}

// maxQueryValues bounds the values of a query's filters, all together: each is
// a condition of one SQL statement.
const maxQueryValues = 100

// jobsQueryBody is the body of StartJobsQuery on the wire.
type jobsQueryBody struct {
	FilterList []types.JobsQueryFilter
	MaxResults *int32
	NextToken  *string
	Order      types.Order
}

// DecodeStartJobsQuery reads the body of StartJobsQuery. What is wrong comes
// back as spool.Problems.
func DecodeStartJobsQuery(data []byte) (JobsQuery, error) {
	var b jobsQueryBody
	problems, err := readBody(data, &b)
	if err != nil {
		return JobsQuery{}, err
	}
	q := JobsQuery{Order: string(b.Order)}
	if n := b.MaxResults; n != nil {
		switch {
		case *n < 1:
			problems.add("/maxResults", "Should be greater than or equal to 1")
		case *n > 20:
			problems.add("/maxResults", "Should be less than or equal to 20")
		}
		q.MaxResults = int(*n)
	}
	if b.NextToken != nil {
		q.NextToken = *b.NextToken
	}
	values := 0
	for i, f := range b.FilterList {
		values += len(f.Values)
		q.Where = append(q.Where, queryTerm("/filterList/"+strconv.Itoa(i), f, problems))
	}
	if values > maxQueryValues {
		problems.add("/filterList", "Should have at most %d values in all", maxQueryValues)
	}
	return q, problems.err()
}

// queryTerm reads one filter. A value that no job can have is refused, as it
// would find nothing in silence.
func queryTerm(at string, f types.JobsQueryFilter, problems *problemList) spool.JobTerm {
	term := spool.JobTerm{Key: spool.JobKey(f.Key), Values: slices.Clone(f.Values)}
	if f.Key == "" {
		problems.add(at, "key is a required property")
	}
	if len(f.Values) == 0 {
		problems.add(at+"/values", "Should have at least 1 items")
	}
	for i, v := range f.Values {
		here := at + "/values/" + strconv.Itoa(i)
		if utf8.RuneCountInString(v) > 100 {
			problems.add(here, "Should have at most 100 characters")
			continue
		}
		var values reflect.Type
		switch f.Key {
		case types.JobsQueryFilterKeyQueue:
			checkResource(here, v, "queues", problems)
			term.Values[i] = spool.ResourceName(v)
		case types.JobsQueryFilterKeyStatus:
			values = reflect.TypeFor[types.JobStatus]()
		case types.JobsQueryFilterKeyAudioCodec:
			values = reflect.TypeFor[types.AudioCodec]()
		case types.JobsQueryFilterKeyVideoCodec:
			values = reflect.TypeFor[types.VideoCodec]()
		}
		if values != nil && !enumHas(values, v) {
			problems.add(here, "%s", enumMessage(values))
		}
	}
	return term
}
