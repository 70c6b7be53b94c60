package mediaconvert

import (
	"encoding/json"
	"reflect"
	"slices"

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

	form     Form
	problems problemList // of form; Resolve tells them with the rest
}

// responseOnly are the members of a job that CreateJob does not take.
var responseOnly = map[string]bool{
	"accelerationStatus": true, "arn": true, "createdAt": true, "currentPhase": true,
	"elementalInferenceConfiguration": true, "errorCode": true, "errorMessage": true, "id": true,
	"jobEngineVersionRequested": true, "jobEngineVersionUsed": true, "jobPercentComplete": true,
	"lastShareDetails": true, "messages": true, "outputGroupDetails": true, "queueTransitions": true,
	"retryCount": true, "shareStatus": true, "status": true, "timing": true, "warnings": true,
}

// DecodeRequest reads a job document of at most MaxBody bytes. The error,
// spool.Problems, is for one that can't be read at all. Unknown members and
// values of a wrong type are kept for Resolve, which tells all that is wrong at
// once, with JSON pointers into the settings (other members: /queue and so on).
func DecodeRequest(data []byte, form Form) (*Request, error) {
	r := &Request{form: form}
	problems := &r.problems
	root, err := parseTree(data, MaxBody, maxValues, problems)
	if err != nil {
		return nil, err
	}
	if root.kind != nodeObject {
		problems.add("", "The request should be a JSON object, not a JSON %s.", typeNames[root.kind])
		return nil, problems.err()
	}
	d := &decoder{form: form, problems: problems}
	if form == FormFile {
		root = wrapBare(unwrap(root, "job"), reflect.TypeFor[types.JobSettings](), "settings", "role", "jobTemplate")
	}
	d.members(root, reflect.ValueOf(r).Elem(), memberRules{answers: responseOnly})
	return r, nil
}

// unwrap takes {"Job": {…}} and the like off an exported resource.
func unwrap(root *node, name string) *node {
	if len(root.keys) == 1 && lowerFirst(root.keys[0]) == name && root.list[0].kind == nodeObject {
		return root.list[0]
	}
	return root
}

// wrapBare makes bare settings of that type a request. Members of the others
// tell that it is one already.
func wrapBare(n *node, settings reflect.Type, others ...string) *node {
	bare := false
	for _, key := range n.keys {
		name := lowerFirst(key)
		if slices.Contains(others, name) {
			return n
		}
		if _, ok := fieldNamed(settings, name); ok {
			bare = true
		}
	}
	if !bare {
		return n
	}
	return &node{kind: nodeObject, keys: []string{"settings"}, list: []*node{n}}
}

// memberRules say which members of a request are special.
type memberRules struct {
	answers map[string]bool // in a file they are skipped: only answers have them
	unknown map[string]bool // not taken although the structure has them
}

// members decodes the members of a request. Pointers into its settings begin
// there, as the service writes them (behaviour.md 6.2).
func (d *decoder) members(root *node, v reflect.Value, rules memberRules) {
	seen := make(map[string]bool)
	for i, key := range root.keys {
		name := d.memberName(key)
		at := "/" + escapePointer(name)
		f, ok := fieldNamed(v.Type(), name)
		ok = ok && !rules.unknown[name]
		switch {
		case !ok && d.form == FormFile && rules.answers[name]:
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
