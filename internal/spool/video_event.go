package spool

import (
	"encoding/json"
	"fmt"
	"time"
)

// What the envelope of a video's event says.
const (
	VideoEventSource     = "spool"
	VideoEventDetailType = "Spool Video State Change"
	SubjectVideoEvent    = SubjectEvent + "video"
)

// VideoEvent tells that a video is new or has changed: its detail is the record.
func VideoEvent(v Video, id Identity, eventID string, now time.Time) (Event, error) {
	detail, err := json.Marshal(v)
	if err != nil {
		return Event{}, fmt.Errorf("write the event of video %s: %w", v.GUID, err)
	}
	return Event{
		Version: "0", ID: eventID, DetailType: VideoEventDetailType, Source: VideoEventSource,
		Account: id.Account, Time: now.UTC().Truncate(time.Second), Region: id.Region,
		Resources: []string{"arn:" + id.Partition + ":spool:" + id.Region + ":" + id.Account + ":videos/" + v.GUID},
		Detail:    detail,
	}, nil
}
