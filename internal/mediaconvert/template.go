package mediaconvert

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// templateRequest is the body of CreateJobTemplate; UpdateJobTemplate takes the
// members but name and tags (behaviour.md 1.3).
type templateRequest struct {
	Name                 *string
	AccelerationSettings *types.AccelerationSettings
	Category             *string
	Description          *string
	HopDestinations      []types.HopDestination
	Priority             *int32 // −50..50
	Queue                *string
	Settings             *types.JobTemplateSettings
	StatusUpdateInterval types.StatusUpdateInterval
	Tags                 map[string]string
}

// DecodeCreateJobTemplate reads the body of CreateJobTemplate, or in FormFile a
// template as GetJobTemplate and the console give it, alone or as
// {"JobTemplate": {…}}, or its bare settings; a file may be without a name. The
// template is of TypeCustom, its settings are checked against the model and kept
// as given, and its times are left to the caller. What is wrong comes back as
// spool.Problems, all at once, with pointers into the settings (other members:
// /name and so on).
func DecodeCreateJobTemplate(body []byte, form Form) (spool.JobTemplate, error) {
	var r templateRequest
	problems := &problemList{}
	b := catalogBody{form: form, wrapper: "jobTemplate"}
	if err := b.decode(body, reflect.ValueOf(&r).Elem(), problems); err != nil {
		return spool.JobTemplate{}, err
	}
	r.check(problems)
	t := spool.JobTemplate{
		Type: spool.TypeCustom, Tags: r.Tags, Name: checkNewName(r.Name, form, problems),
		Category: deref(r.Category), Description: deref(r.Description),
		Queue: spool.ResourceName(deref(r.Queue)), StatusUpdateInterval: string(r.StatusUpdateInterval), Hops: hops(r.HopDestinations),
	}
	if r.Priority != nil {
		n := int(*r.Priority)
		t.Priority = &n
	}
	if r.AccelerationSettings != nil {
		t.AccelerationMode = string(r.AccelerationSettings.Mode)
	}
	if r.Settings == nil {
		requireSettings(problems)
	}
	t.Settings = encodePart(reflect.ValueOf(r.Settings))
	checkTags(r.Tags, problems)
	return t, problems.err()
}

// DecodeUpdateJobTemplate reads the body of UpdateJobTemplate; members that are
// not there stay nil. What is wrong comes back as spool.Problems.
func DecodeUpdateJobTemplate(body []byte) (spool.JobTemplateUpdate, error) {
	var r templateRequest
	problems := &problemList{}
	if err := (catalogBody{update: true}).decode(body, reflect.ValueOf(&r).Elem(), problems); err != nil {
		return spool.JobTemplateUpdate{}, err
	}
	r.check(problems)
	u := spool.JobTemplateUpdate{
		Category: r.Category, Description: r.Description, Settings: encodePart(reflect.ValueOf(r.Settings)), Hops: hops(r.HopDestinations),
	}
	if r.Queue != nil {
		name := spool.ResourceName(*r.Queue)
		u.Queue = &name
	}
	if r.Priority != nil {
		n := int(*r.Priority)
		u.Priority = &n
	}
	if a := r.AccelerationSettings; a != nil {
		mode := string(a.Mode)
		u.AccelerationMode = &mode
	}
	if s := string(r.StatusUpdateInterval); s != "" {
		u.StatusUpdateInterval = &s
	}
	return u, problems.err()
}

// check checks what the model does not: the form of names, and the ranges that
// it gives no member of a request.
func (r *templateRequest) check(problems *problemList) {
	if r.Queue != nil && *r.Queue != "" {
		checkResource("/queue", *r.Queue, "queues", problems)
	}
	checkPriority(r.Priority, problems)
	checkHops(r.HopDestinations, spool.ResourceName(deref(r.Queue)), problems)
	if r.Settings != nil {
		checkTemplate(r.Settings, problems)
	}
}

// hops turns the hop destinations of a request into nouns; nil stays nil.
func hops(list []types.HopDestination) []spool.Hop {
	if list == nil {
		return nil
	}
	made := make([]spool.Hop, len(list))
	for i, h := range list {
		made[i] = spool.Hop{Queue: spool.DefaultQueue}
		if h.Queue != nil && *h.Queue != "" {
			made[i].Queue = spool.ResourceName(*h.Queue)
		}
		if h.WaitMinutes != nil {
			made[i].WaitMinutes = int(*h.WaitMinutes)
		}
		if h.Priority != nil {
			n := int(*h.Priority)
			made[i].Priority = &n
		}
	}
	return made
}

// hopDestinations turns hops back into the form of a request.
func hopDestinations(list []spool.Hop) []types.HopDestination {
	made := make([]types.HopDestination, len(list))
	for i, h := range list {
		wait := int32(min(h.WaitMinutes, 1<<20))
		made[i] = types.HopDestination{Queue: &h.Queue, WaitMinutes: &wait}
		if h.Priority != nil {
			n := int32(min(max(*h.Priority, -51), 51))
			made[i].Priority = &n
		}
	}
	return made
}
