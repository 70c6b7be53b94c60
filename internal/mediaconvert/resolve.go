package mediaconvert

import (
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// Resolve merges a request with the job template and the presets that it names
// (behaviour.md 1.12), checks it against the model and the service's rules
// (6.3), and gives the job with the service's defaults filled in (sections 5 and
// 6.1). A nil library has the system presets and job templates alone. Settings
// that the user set and that have no effect here come back as Warnings of the
// job. All that is wrong, with the form of the document too, comes back at once
// as spool.Problems. The request itself is not changed.
func (r *Request) Resolve(lib Library) (spool.JobRequest, error) {
	if lib == nil {
		lib = SystemLibrary()
	}
	full := *r
	found := &problemList{}
	doc, err := full.merge(lib, found)
	if err != nil {
		return spool.JobRequest{}, err
	}
	full.checkMembers(found)
	var settings *types.JobSettings
	var warnings []spool.Warning
	if doc.root != nil {
		settings = &types.JobSettings{}
		(&decoder{form: FormWire, problems: found}).decode(doc.root, reflect.ValueOf(settings).Elem(), "")
		checkModel(reflect.ValueOf(settings), "", found)
		warnings = support(settings, found)
		checkSettings(settings, found)
	}
	if err := r.settle(found, doc).err(); err != nil {
		return spool.JobRequest{}, err
	}
	warnings = append(append(full.memberWarnings(), warnings...), misplaced(settings)...)
	for i, w := range warnings {
		warnings[i].Message = doc.sourced(w.Pointer, w.Message)
	}
	fillSettings(settings)
	raw, err := EncodeSettings(settings)
	if err != nil {
		return spool.JobRequest{}, err
	}
	if len(raw) > maxStored { // stored, they could not be read again
		found.add("", "The settings are too long once the defaults are filled in: use fewer outputs.")
		return spool.JobRequest{}, found.err()
	}
	return full.jobRequest(raw, warnings), nil
}

// merged is a request's settings with all that it names filled in, and where
// each part came from.
type merged struct {
	root    *node             // nil: there are none to check
	members map[string]string // pointer of a member beside settings → "the job template x"
}

// merge fills a request from its job template and its outputs from their
// presets.
func (r *Request) merge(lib Library, problems *problemList) (merged, error) {
	doc := merged{members: make(map[string]string)}
	m := &merger{lib: lib, problems: problems, room: maxMerged, presets: make(map[string]*node)}
	if r.JobTemplate != "" {
		t, settings, err := m.template(r.JobTemplate)
		if err != nil || t == nil {
			return doc, err
		}
		doc.root = settings
		r.inherit(t, doc.members)
	}
	switch {
	case r.Settings != nil:
		own, err := m.document(encode(nil, reflect.ValueOf(r.Settings)), "")
		if err != nil {
			return doc, err
		}
		doc.root = merge(own, doc.root)
	case doc.root == nil || r.form == FormWire:
		doc.root = nil
		problems.add("", "The 'settings' field is required.")
		return doc, nil
	}
	return doc, m.outputs(doc.root)
}

// inherit takes the members of a job template that the request does not give.
func (r *Request) inherit(t *spool.JobTemplate, from map[string]string) {
	take := func(pointer string) { from[pointer] = "the job template " + t.Name }
	if r.Queue == "" && t.Queue != "" {
		take("/queue")
		r.Queue = t.Queue
	}
	if r.Priority == nil && t.Priority != nil {
		take("/priority")
		n := int32(min(max(*t.Priority, -51), 51)) // out of range stays out of range
		r.Priority = &n
	}
	if r.AccelerationSettings == nil && t.AccelerationMode != "" {
		take("/accelerationSettings")
		r.AccelerationSettings = &types.AccelerationSettings{Mode: types.AccelerationMode(t.AccelerationMode)}
	}
	if r.StatusUpdateInterval == "" && t.StatusUpdateInterval != "" {
		take("/statusUpdateInterval")
		r.StatusUpdateInterval = types.StatusUpdateInterval(t.StatusUpdateInterval)
	}
	if r.HopDestinations == nil && t.Hops != nil {
		take("/hopDestinations")
		r.HopDestinations = hopDestinations(t.Hops)
	}
}

// sourced adds to a message where what it speaks of came from, when that was
// not the request: its pointer is one into the merged settings.
func (d merged) sourced(pointer, message string) string {
	from := ""
	if member, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/"); d.members["/"+member] != "" {
		from = d.members["/"+member]
	} else if d.root != nil && pointer != "" {
		from = d.root.at(pointer).from
	}
	if from == "" {
		return message
	}
	return strings.TrimSuffix(message, ".") + " (from " + from + ")"
}

// settle puts together what is wrong with a request: what could not be read of
// it, then what was found in the rest. What follows from a part that could not
// be read, and stays absent, is left out.
func (r *Request) settle(found *problemList, doc merged) *problemList {
	all := &problemList{list: slices.Clone(r.problems.list)}
	for _, p := range found.list {
		if !slices.ContainsFunc(r.problems.lost, func(pointer string) bool { return follows(p, pointer) }) {
			all.add(p.Pointer, "%s", doc.sourced(p.Pointer, p.Message))
		}
	}
	return all
}

// follows tells whether a problem may be there only because what stands at a
// pointer could not be read: one of that part, or of the object that misses it.
func follows(p spool.Problem, lost string) bool {
	if p.Pointer == lost || strings.HasPrefix(p.Pointer, lost+"/") {
		return true
	}
	i := strings.LastIndexByte(lost, '/')
	return i >= 0 && p.Pointer == lost[:i] && (i > 0 || strings.Contains(p.Message, lost[1:]))
}

func (r *Request) jobRequest(settings []byte, warnings []spool.Warning) spool.JobRequest {
	j := spool.JobRequest{
		Queue: spool.ResourceName(r.Queue), Role: r.Role, Settings: settings,
		UserMetadata: r.UserMetadata, Tags: r.Tags,
		StatusUpdateInterval: string(r.StatusUpdateInterval), ClientRequestToken: r.ClientRequestToken,
		BillingTagsSource: string(r.BillingTagsSource), AccelerationMode: "DISABLED",
		SimulateReservedQueue: string(r.SimulateReservedQueue), JobTemplate: r.JobTemplate,
		JobEngineVersion: r.JobEngineVersion, Warnings: warnings, Hops: hops(r.HopDestinations),
	}
	if j.Queue == "" {
		j.Queue = spool.DefaultQueue
	}
	if r.Priority != nil {
		j.Priority = int(*r.Priority)
	}
	if j.StatusUpdateInterval == "" {
		j.StatusUpdateInterval = string(types.StatusUpdateIntervalSeconds60)
	}
	if j.BillingTagsSource == "" {
		j.BillingTagsSource = string(types.BillingTagsSourceJob)
	}
	if r.AccelerationSettings != nil {
		j.AccelerationMode = string(r.AccelerationSettings.Mode)
	}
	return j
}

// checkMembers checks the members beside settings (behaviour.md 1.10).
func (r *Request) checkMembers(problems *problemList) {
	if r.Role == "" && r.form == FormWire {
		problems.add("", "The 'role' field is required.")
	}
	if hasControl(r.Role) { // its form is nobody's business here: no role is assumed
		problems.add("/role", "Should hold no control characters")
	}
	if r.Queue != "" {
		checkResource("/queue", r.Queue, "queues", problems)
	}
	checkPriority(r.Priority, problems)
	if !isToken(r.ClientRequestToken) {
		problems.add("/clientRequestToken", "Should have at most 64 ASCII characters")
	}
	if r.JobEngineVersion != "" {
		checkEngineVersion("/jobEngineVersion", r.JobEngineVersion, problems)
	}
	checkModel(reflect.ValueOf(r.BillingTagsSource), "/billingTagsSource", problems)
	checkModel(reflect.ValueOf(r.SimulateReservedQueue), "/simulateReservedQueue", problems)
	checkModel(reflect.ValueOf(r.StatusUpdateInterval), "/statusUpdateInterval", problems)
	checkModel(reflect.ValueOf(r.AccelerationSettings), "/accelerationSettings", problems)
	checkModel(reflect.ValueOf(r.HopDestinations), "/hopDestinations", problems)
	from := spool.DefaultQueue
	if r.Queue != "" {
		from = spool.ResourceName(r.Queue)
	}
	checkHops(r.HopDestinations, from, problems)
	checkMetadata("/userMetadata", r.UserMetadata, problems)
	checkTags(r.Tags, problems)
}

// Token gives the client's request token where it is one that a job can have; ""
// when there is none, for those that Resolve refuses, and in a body without the
// members that every request has: no client sent that one before.
func (r *Request) Token() string {
	if r.form == FormWire && (r.Role == "" || r.Settings == nil) || !isToken(r.ClientRequestToken) || strings.ContainsRune(r.ClientRequestToken, 0) {
		return ""
	}
	return r.ClientRequestToken
}

func isToken(s string) bool { return len(s) <= 64 && isASCII(s) }

func checkPriority(p *int32, problems *problemList) {
	if p != nil && *p < -50 {
		problems.add("/priority", "Should be greater than or equal to -50")
	} else if p != nil && *p > 50 {
		problems.add("/priority", "Should be less than or equal to 50")
	}
}

// checkHops checks hops from a queue, "" when it is not known yet
// (behaviour.md 1.9).
func checkHops(list []types.HopDestination, from string, problems *problemList) {
	for i, h := range list {
		at := "/hopDestinations/" + itoa(i)
		switch w := h.WaitMinutes; {
		case w == nil:
			problems.add(at, "waitMinutes is a required property")
		case *w < 1:
			problems.add(at+"/waitMinutes", "Should be greater than or equal to 1")
		case *w > 4320:
			problems.add(at+"/waitMinutes", "Should be less than or equal to 4320")
		}
		target := spool.DefaultQueue
		if h.Queue != nil && *h.Queue != "" {
			checkResource(at+"/queue", *h.Queue, "queues", problems)
			target = spool.ResourceName(*h.Queue)
		}
		if target == from {
			problems.add(at+"/queue", "Should be another queue than the one the job is submitted to")
		}
	}
}

// memberWarnings names the members beside settings that have no effect here.
func (r *Request) memberWarnings() []spool.Warning {
	var list []spool.Warning
	warn := func(pointer, message string) {
		list = append(list, spool.Warning{Code: spool.WarnSettingIgnored, Pointer: pointer, Message: message})
	}
	if a := r.AccelerationSettings; a != nil && a.Mode == types.AccelerationModeEnabled {
		warn("/accelerationSettings/mode", "mode ENABLED has no effect here: every job uses all of the machine it is given.")
	}
	return list
}

// checkResource checks a name or an ARN of a resource of that kind.
func checkResource(pointer, value, kind string, problems *problemList) {
	if strings.HasPrefix(value, "arn:") {
		parts := strings.SplitN(value, ":", 6)
		name, ok := "", false
		if len(parts) == 6 && parts[2] == "mediaconvert" {
			name, ok = strings.CutPrefix(parts[5], kind+"/")
		}
		if !ok || name == "" {
			problems.add(pointer, "Should be a name, or an ARN such as arn:aws:mediaconvert:us-east-1:111122223333:%s/Default", kind)
			return
		}
		value = name
	}
	checkName(pointer, value, problems)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
