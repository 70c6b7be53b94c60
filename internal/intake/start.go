package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// contentOf names an object's bytes at their place, for one pipeline. Two
// uploads of the same bytes under the same key have the same content.
func contentOf(pipeline string, o spool.Object) string {
	what := []string{pipeline, o.Bucket, o.Key, o.ETag, strconv.FormatInt(o.Size, 10)}
	if o.ETag == "" { // put there by hand: only the time tells versions apart
		what = append(what, strconv.FormatInt(o.ModTime.UnixNano(), 10))
	}
	return digest(what)
}

// sourceOf names one upload of an object, for one pipeline: the same whether it
// is seen through its event, that event once more, or a rescan, and another one
// when the same bytes are uploaded again. Events alone can't be the measure: a
// rescan has none, and knows neither their sequencer nor their time.
func sourceOf(pipeline string, o spool.Object) string {
	version := o.VersionID
	if version == "" || version == "null" {
		version = "at " + strconv.FormatInt(o.ModTime.UnixNano(), 10)
	}
	return digest([]string{contentOf(pipeline, o), version})
}

func digest(parts []string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:20])
}

// start makes the video and the job for one upload, once: false when it was
// started before. A job that can't be made leaves a video in Error that says why.
func (in *Intake) start(ctx context.Context, p spool.Pipeline, o spool.Object) (bool, error) {
	now := in.o.Now().UTC().Truncate(time.Millisecond)
	v := newVideo(p, o, in.o.NewID(), now)
	request, err := in.request(ctx, p, o, &v, now)
	if errors.Is(err, errLookup) {
		return false, err // the event comes again
	}
	if err != nil {
		return in.refuse(ctx, p, o, v, err)
	}
	started, err := in.submit(ctx, p, o, v, *request)
	if errors.Is(err, spool.ErrInvalid) { // its queue was deleted, for one
		return in.refuse(ctx, p, o, v, err)
	}
	return started, err
}

func newVideo(p spool.Pipeline, o spool.Object, guid string, now time.Time) spool.Video {
	return spool.Video{
		GUID: guid, StartTime: now, WorkflowTrigger: "Video", WorkflowStatus: spool.VideoIngest, WorkflowName: p.Name,
		SrcBucket: o.Bucket, SrcVideo: o.Key, SrcETag: o.ETag, SrcSize: o.Size,
		IngressVideoBucket: o.Bucket, IngressVideoKey: o.Key,
	}
}

// errLookup says that a preset or job template could not be looked up now.
var errLookup = errors.New("look up what the job names")

// request fills the pipeline's job for the object and resolves it, and notes in
// the video what it asks for.
func (in *Intake) request(ctx context.Context, p spool.Pipeline, o spool.Object, v *spool.Video, now time.Time) (*spool.JobRequest, error) {
	filled, err := p.Fill(spool.PatternValues{Bucket: o.Bucket, Key: o.Key, GUID: v.GUID, UUID: in.o.NewID(), Time: now})
	if err != nil {
		return nil, err
	}
	v.UserMetadata = filled.UserMetadata
	for _, destination := range filled.Destinations {
		if bucket, _, err := spool.ParseS3URI(destination); err == nil {
			v.DestBucket = bucket
			break
		}
	}
	decoded, err := mediaconvert.DecodeRequest(filled.Request, mediaconvert.FormFile)
	if err != nil {
		return nil, err
	}
	request, err := decoded.Resolve(in.o.Library(ctx))
	if err != nil && !errors.Is(err, spool.ErrInvalid) {
		return nil, fmt.Errorf("%w: %w", errLookup, err)
	}
	if err != nil {
		return nil, err
	}
	request.VideoGUID = v.GUID
	v.JobTemplate = request.JobTemplate
	return &request, nil
}

// errKnown rolls a transaction back whose video is there already.
var errKnown = errors.New("the object was taken before")

// submit makes the job and, in the same transaction, the video and the message
// that tells of it; false when the upload was taken before.
func (in *Intake) submit(ctx context.Context, p spool.Pipeline, o spool.Object, v spool.Video, request spool.JobRequest) (bool, error) {
	job, err := in.o.Submit(ctx, request, func(tx Tx, job spool.Job) error {
		v := v
		v.EncodeJobID, v.MediaConvertJobID, v.MediaConvertStatus = job.ID, job.ID, string(job.Status)
		return in.insert(ctx, tx, p, o, v)
	})
	if errors.Is(err, errKnown) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	in.o.Log.Info("an object was taken", "pipeline", p.Name, "bucket", o.Bucket, "key", o.Key, "video", v.GUID, "job", job.ID)
	return true, nil
}

// refuse makes a video in Error for an object for which no job can be made: the
// table then tells what became of the upload, and the event is done with.
func (in *Intake) refuse(ctx context.Context, p spool.Pipeline, o spool.Object, v spool.Video, cause error) (bool, error) {
	end := v.StartTime
	v.WorkflowStatus, v.WorkflowErrorAt, v.EndTime = spool.VideoError, string(spool.VideoIngest), &end
	v.ErrorMessage = "The pipeline's job could not be made for this object: " + strings.TrimSuffix(messageOf(cause), ".") + "."
	err := in.o.InTx(ctx, func(tx Tx) error { return in.insert(ctx, tx, p, o, v) })
	if errors.Is(err, errKnown) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	in.o.Log.Warn("an object was taken, but no job could be made for it", "pipeline", p.Name, "bucket", o.Bucket, "key", o.Key,
		"video", v.GUID, "error", cause)
	return true, nil
}

// messageOf gives what of an error is for the user.
func messageOf(err error) string {
	var user *spool.UserError
	if errors.As(err, &user) {
		return user.Message
	}
	var problems spool.Problems
	if errors.As(err, &problems) {
		return problems.Error()
	}
	return err.Error()
}

// insert writes a new video and the message that tells of it; errKnown when the
// upload has one already.
func (in *Intake) insert(ctx context.Context, tx Tx, p spool.Pipeline, o spool.Object, v spool.Video) error {
	fresh, err := tx.InsertVideo(ctx, v, sourceOf(p.Name, o), contentOf(p.Name, o))
	if err != nil {
		return err
	}
	if !fresh {
		return errKnown
	}
	return in.tell(ctx, tx, v)
}

// tell publishes the new video with the transaction.
func (in *Intake) tell(ctx context.Context, tx Tx, v spool.Video) error {
	event, err := spool.VideoEvent(v, in.o.Identity, in.o.NewID(), in.o.Now())
	if err != nil {
		return err
	}
	data, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("write the event of video %s: %w", v.GUID, err)
	}
	return tx.Outbox(ctx, spool.SubjectVideoEvent, "video-"+v.GUID+"-0", data)
}
