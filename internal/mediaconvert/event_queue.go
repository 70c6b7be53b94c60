package mediaconvert

import (
	"strconv"
	"time"

	"spool/internal/spool"
)

// EventNewWarning tells of one warning, the newest of its job (behaviour.md
// 3.2). The code is a string there, as in the service's own sample. The service
// has no member for the setting that a warning speaks of: its pointer stands
// before the message, as in a job's messages.
func EventNewWarning(job spool.Job, w spool.Warning, id spool.Identity, eventID string, now time.Time) spool.Event {
	return event(job, id, eventID, now, struct {
		common
		WarningCode    string `json:"warningCode"`
		WarningMessage string `json:"warningMessage"`
	}{commonOf(job, id, "NEW_WARNING", now), strconv.Itoa(w.Code), warningText(w)})
}

// EventQueueHop tells that a job that waited for too long was moved from one
// queue to another, both bare names, where it has the new priority (behaviour.md
// 1.9, 3.2). The queue member names the queue that it waits in from now on.
func EventQueueHop(job spool.Job, from, to string, oldPriority, newPriority int, id spool.Identity, eventID string, now time.Time) spool.Event {
	c := commonOf(job, id, "QUEUE_HOP", now)
	c.Queue = id.ARN("queues/" + to)
	return event(job, id, eventID, now, struct {
		common
		PreviousQueue    string `json:"previousQueue"`
		Priority         int    `json:"priority"`
		PreviousPriority int    `json:"previousPriority"`
	}{c, id.ARN("queues/" + from), newPriority, oldPriority})
}

// warningText is how every answer and event words a warning: "pointer: message",
// or the message alone where it speaks of no setting.
func warningText(w spool.Warning) string {
	return spool.Problem{Pointer: w.Pointer, Message: w.Message}.String()
}
