package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
	"spool/internal/store"
)

func video(n int, status spool.VideoStatus) spool.Video {
	return spool.Video{GUID: fmt.Sprintf("guid-%02d", n), StartTime: epoch.Add(time.Duration(n/2) * time.Second), // pairs at one time
		WorkflowStatus: status, WorkflowName: "p", SrcBucket: "b", SrcVideo: "a 'ü\"\\%.mp4", SrcSize: 1 << 40,
		UserMetadata: map[string]string{"k": "v"}}
}

func insertVideo(t *testing.T, db *store.DB, v spool.Video, source, content string) (fresh bool) {
	t.Helper()
	in(t, db, func(tx *store.Tx) (err error) {
		fresh, err = tx.InsertVideo(t.Context(), v, source, content)
		return err
	})
	return fresh
}

func TestVideoOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var fresh atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				err := db.Tx(t.Context(), func(tx *store.Tx) error {
					ok, err := tx.InsertVideo(t.Context(), video(i, spool.VideoIngest), "one source", "content")
					if ok {
						fresh.Add(1)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		all, more, err := db.Videos(t.Context(), spool.VideoFilter{})
		if err != nil || more || len(all) != 1 || fresh.Load() != 1 {
			t.Fatalf("%d videos, %d fresh, %v", len(all), fresh.Load(), err)
		}
		if !insertVideo(t, db, video(20, spool.VideoIngest), "another source", "content") {
			t.Error("another source of the same content was refused")
		}
		for content, want := range map[string]bool{"content": true, "other": false} {
			if known, err := db.VideoKnown(t.Context(), content); known != want || err != nil {
				t.Errorf("%s known: %v, %v", content, known, err)
			}
		}
	})
}

func TestVideoRollsBackWithItsJob(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		refused := errors.New("refused")
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.InsertVideo(t.Context(), video(1, spool.VideoIngest), "s", "c"); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Error(err)
		}
		if _, err := db.Video(t.Context(), "guid-01"); !errors.Is(err, spool.ErrNotFound) {
			t.Error(err)
		}
		if !insertVideo(t, db, video(1, spool.VideoIngest), "s", "c") {
			t.Error("a source that was rolled back counts as taken")
		}
	})
}

func TestVideoFollowsItsJob(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		v := video(1, spool.VideoIngest)
		v.EncodeJobID = "1712252725875-aaaaaa"
		j := job(v.EncodeJobID, 0)
		in(t, db, func(tx *store.Tx) error {
			_, err := tx.InsertVideo(t.Context(), v, "s", "c")
			return errors.Join(tx.InsertQueue(t.Context(), queue("q")), tx.InsertJob(t.Context(), j), err)
		})
		open := func(want int) {
			t.Helper()
			if list, err := db.OpenVideos(t.Context()); err != nil || len(list) != want {
				t.Errorf("%d videos are behind, want %d: %v", len(list), want, err)
			}
		}
		open(0)
		in(t, db, func(tx *store.Tx) error {
			locked, err := tx.LockJob(t.Context(), j.ID)
			locked.Status, locked.Attempt = spool.JobProgressing, 1
			return errors.Join(err, tx.SaveJob(t.Context(), locked), tx.SaveProgress(t.Context(), j.ID, 1, spool.PhaseTranscoding, 42))
		})
		open(1)
		var versions []int64
		for range 2 {
			in(t, db, func(tx *store.Tx) error {
				got, version, err := tx.LockVideo(t.Context(), v.GUID)
				versions = append(versions, version)
				got.WorkflowStatus = spool.VideoEncode
				return errors.Join(err, tx.SaveVideo(t.Context(), got))
			})
		}
		if diff := cmp.Diff([]int64{1, 2}, versions); diff != "" {
			t.Error(diff)
		}
		open(0)
		want := v
		want.WorkflowStatus, want.Phase, want.Percent = spool.VideoEncode, spool.PhaseTranscoding, 42
		for _, read := range []func(context.Context) (spool.Video, error){
			func(ctx context.Context) (spool.Video, error) { return db.Video(ctx, v.GUID) },
			func(ctx context.Context) (spool.Video, error) { return db.VideoOfJob(ctx, j.ID) },
		} {
			got, err := read(t.Context())
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		}
		if _, err := db.VideoOfJob(t.Context(), "none"); !errors.Is(err, spool.ErrNotFound) {
			t.Error(err)
		}
		err := db.Tx(t.Context(), func(tx *store.Tx) error { _, _, err := tx.LockVideo(t.Context(), "none"); return err })
		if !errors.Is(err, spool.ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestVideosPages(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var want, ended []string
		for n := range 7 {
			status := spool.VideoIngest
			if n%3 == 0 {
				status = spool.VideoComplete
			}
			v := video(n, status)
			insertVideo(t, db, v, v.GUID, v.GUID)
			want = append([]string{v.GUID}, want...)
			if status == spool.VideoComplete {
				ended = append([]string{v.GUID}, ended...)
			}
		}
		read := func(f spool.VideoFilter) (guids []string) {
			t.Helper()
			for {
				page, more, err := db.Videos(t.Context(), f)
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range page {
					guids = append(guids, v.GUID)
				}
				if !more {
					return guids
				}
				f.After = guids[len(guids)-1]
			}
		}
		if diff := cmp.Diff(want, read(spool.VideoFilter{Limit: 2})); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(ended, read(spool.VideoFilter{Limit: 1, Status: spool.VideoComplete})); diff != "" {
			t.Error(diff)
		}
		if _, _, err := db.Videos(t.Context(), spool.VideoFilter{After: "nobody"}); !errors.Is(err, spool.ErrInvalid) {
			t.Error(err)
		}
	})
}

func TestPipelineSince(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for _, at := range []time.Duration{0, time.Hour} { // the first time counts
			since, err := db.PipelineSince(t.Context(), "p", "b", epoch.Add(at))
			if err != nil || !since.Equal(epoch.Truncate(time.Microsecond)) {
				t.Errorf("since %v, %v", since, err)
			}
		}
		since, err := db.PipelineSince(t.Context(), "p", "other", epoch.Add(time.Hour))
		if err != nil || !since.Equal(epoch.Truncate(time.Microsecond).Add(time.Hour)) {
			t.Errorf("another bucket: since %v, %v", since, err)
		}
	})
}
