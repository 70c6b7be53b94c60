package mediaconvert

import (
	"encoding/json"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// Form says how a job document may be written.
type Form int

const (
	// FormWire is a body of the API: lowerCamel names only.
	FormWire Form = iota
	// FormFile is a job file: PascalCase or lowerCamel names, a whole CreateJob
	// request or bare settings, or a job as the console and GetJob give it, alone
	// or wrapped as {"Job": {…}}, whose response-only members are skipped.
	FormFile
)

// Request is a CreateJob request as decoded (behaviour.md 1.3, 1.10). Nothing
// but its form has been checked, and no default is filled in: see Resolve.
type Request struct {
	Settings              *types.JobSettings
	Role                  string // an ARN; required in FormWire only
	Queue                 string // a name or an ARN; empty: the default queue
	JobTemplate           string
	ClientRequestToken    string
	JobEngineVersion      string
	Priority              *int32 // −50..50; nil: 0
	BillingTagsSource     types.BillingTagsSource
	SimulateReservedQueue types.SimulateReservedQueue
	StatusUpdateInterval  types.StatusUpdateInterval
	AccelerationSettings  *types.AccelerationSettings
	HopDestinations       []types.HopDestination
	UserMetadata          map[string]string
	Tags                  map[string]string

	form Form
}

// responseOnly are the members of a job that CreateJob does not take.
var responseOnly = map[string]bool{
	"accelerationStatus": true, "arn": true, "createdAt": true, "currentPhase": true,
	"elementalInferenceConfiguration": true, "errorCode": true, "errorMessage": true, "id": true,
	"jobEngineVersionRequested": true, "jobEngineVersionUsed": true, "jobPercentComplete": true,
	"lastShareDetails": true, "messages": true, "outputGroupDetails": true, "queueTransitions": true,
	"retryCount": true, "shareStatus": true, "status": true, "timing": true, "warnings": true,
}

// DecodeRequest reads a job document of at most MaxBody bytes. What is wrong
// with it comes back as spool.Problems, all at once, with JSON pointers into the
// settings (other members: /queue and so on).
func DecodeRequest(data []byte, form Form) (*Request, error) {
	problems := &problemList{}
	root, err := parseTree(data, MaxBody, maxValues, problems)
	if err != nil {
		return nil, err
	}
	if root.kind != nodeObject {
		problems.add("", "The request should be a JSON object, not a JSON %s.", typeNames[root.kind])
		return nil, problems.err()
	}
	d := &decoder{form: form, problems: problems}
	r := &Request{form: form}
	if form == FormFile {
		root = unwrap(root)
		if isSettings(root) {
			root = &node{kind: nodeObject, keys: []string{"settings"}, list: []*node{root}}
		}
	}
	d.decodeRequest(root, r)
	if err := problems.err(); err != nil {
		return nil, err
	}
	return r, nil
}

// unwrap takes {"Job": {…}} off an exported job.
func unwrap(root *node) *node {
	if len(root.keys) == 1 && lowerFirst(root.keys[0]) == "job" && root.list[0].kind == nodeObject {
		return root.list[0]
	}
	return root
}

// isSettings tells whether an object is bare settings rather than a request.
func isSettings(n *node) bool {
	bare := false
	for _, key := range n.keys {
		switch name := lowerFirst(key); name {
		case "settings", "role", "jobTemplate":
			return false
		default:
			if _, ok := fieldNamed(reflect.TypeFor[types.JobSettings](), name); ok {
				bare = true
			}
		}
	}
	return bare
}

func (d *decoder) decodeRequest(root *node, r *Request) {
	v := reflect.ValueOf(r).Elem()
	seen := make(map[string]bool)
	for i, key := range root.keys {
		name := d.memberName(key)
		at := "/" + escapePointer(name)
		f, ok := fieldNamed(v.Type(), name)
		switch {
		case !ok && d.form == FormFile && responseOnly[name]:
		case !ok:
			d.problems.add("/"+escapePointer(key), "The member is not known; check its spelling or remove it.")
		case seen[name]:
			d.problems.add(at, "The member is given twice; keep one of them.")
		case name == "settings":
			seen[name] = true
			if k := root.list[i].kind; k != nodeObject && k != nodeNull {
				d.wrongType(at, "object", root.list[i])
				continue
			}
			d.decode(root.list[i], v.Field(f.index), "")
		default:
			seen[name] = true
			d.decode(root.list[i], v.Field(f.index), at)
		}
	}
}

// DecodeSettings reads settings in wire form, such as those of a stored job.
// Errors are spool.Problems.
func DecodeSettings(raw json.RawMessage) (*types.JobSettings, error) {
	problems := &problemList{}
	root, err := parseTree(raw, maxStored, maxStoredN, problems)
	if err != nil {
		return nil, err
	}
	s := &types.JobSettings{}
	(&decoder{form: FormWire, problems: problems}).decode(root, reflect.ValueOf(s).Elem(), "")
	if err := problems.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// EncodeSettings writes settings in wire form: lowerCamel names in order,
// absent members left out. The same settings always give the same bytes.
func EncodeSettings(s *types.JobSettings) (json.RawMessage, error) {
	if s == nil {
		return nil, spool.Userf(spool.ErrInvalid, "The 'settings' field is required.")
	}
	return encode(nil, reflect.ValueOf(s)), nil
}
