package mediaconvert

import (
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// Resolve checks a request against the model, the service's rules and what is
// built here (behaviour.md 6.3), and gives the job with the service's defaults
// filled in (sections 5 and 6.1). Settings that the user set and that have no
// effect here come back as Warnings of the job. All that is wrong comes back at
// once as spool.Problems. The request itself is not changed.
func (r *Request) Resolve(_ Library) (spool.JobRequest, error) {
	problems := &problemList{}
	if r.Settings == nil {
		problems.add("", "The 'settings' field is required.")
		r.checkMembers(problems)
		return spool.JobRequest{}, problems.err()
	}
	settings, err := cloneSettings(r.Settings)
	if err != nil {
		return spool.JobRequest{}, err
	}
	r.checkMembers(problems)
	checkModel(reflect.ValueOf(settings), "", problems)
	s := support(settings, problems)
	if r.JobTemplate == "" {
		checkSettings(settings, problems)
	}
	if err := problems.err(); err != nil {
		return spool.JobRequest{}, err
	}
	s = append(s, misplaced(settings)...)
	fillSettings(settings)
	raw, err := EncodeSettings(settings)
	if err != nil {
		return spool.JobRequest{}, err
	}
	return r.jobRequest(raw, append(r.memberWarnings(), s...)), nil
}

// cloneSettings copies settings deeply, by way of the wire.
func cloneSettings(s *types.JobSettings) (*types.JobSettings, error) {
	raw, err := EncodeSettings(s)
	if err != nil {
		return nil, err
	}
	return DecodeSettings(raw)
}

func (r *Request) jobRequest(settings []byte, warnings []spool.Warning) spool.JobRequest {
	j := spool.JobRequest{
		Queue: spool.ResourceName(r.Queue), Role: r.Role, Settings: settings,
		UserMetadata: r.UserMetadata, Tags: r.Tags,
		StatusUpdateInterval: string(r.StatusUpdateInterval), ClientRequestToken: r.ClientRequestToken,
		BillingTagsSource: string(r.BillingTagsSource), AccelerationMode: "DISABLED",
		SimulateReservedQueue: string(r.SimulateReservedQueue), JobTemplate: r.JobTemplate,
		JobEngineVersion: r.JobEngineVersion, Warnings: warnings,
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
	if r.JobTemplate != "" {
		problems.add("/jobTemplate", "Job templates are not built yet: put the settings of the template into the request.")
	}
	checkPriority(r.Priority, problems)
	if len(r.ClientRequestToken) > 64 || !isASCII(r.ClientRequestToken) {
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
	checkTags("/tags", r.Tags, problems)
}

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
	if len(r.HopDestinations) > 0 {
		warn("/hopDestinations", "hopDestinations has no effect yet: the job stays in its queue.")
	}
	if a := r.AccelerationSettings; a != nil && a.Mode == types.AccelerationModeEnabled {
		warn("/accelerationSettings/mode", "mode ENABLED has no effect here: every job uses all of the machine it is given.")
	}
	if r.SimulateReservedQueue == types.SimulateReservedQueueEnabled {
		warn("/simulateReservedQueue", "simulateReservedQueue ENABLED has no effect here: there are no reserved queues.")
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
