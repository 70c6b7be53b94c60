package e2e

import (
	"testing"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// TestServer runs all that can share one server, at once: what they do to each
// other is part of the test.
func TestServer(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t, "ffmpeg", "ffprobe")
	tlsSite := newTLSSite(t)
	config, files := allExamples(t, map[string]any{
		"buckets": []any{map[string]any{"name": "lab", "deliver": true}},
		"queues":  []any{map[string]any{"name": "narrow", "concurrentJobs": 1}},
		"workers": map[string]any{"slots": 3},
		"inputs":  map[string]any{"allowPrivateAddresses": true},
	})
	s := &rig{harness.StartServer(t, harness.Options{
		Config: config, Files: files,
		// The way in which a Linux machine is told of a certificate authority.
		Env: []string{"SSL_CERT_FILE=" + tlsSite.authority(t)},
	})}
	for _, suite := range []struct {
		name string
		run  func(*testing.T, *rig)
	}{
		{"abr-hls", testLadder},
		{"frames", testFrames},
		{"vod-hls", testVOD},
		{"cattube", testCattube},
		{"cap", testCap},
		{"sources", testSources},
		{"quality", testCaptureQuality},
		{"feed", testFeed},
		{"https", func(t *testing.T, s *rig) { testHTTPS(t, s, tlsSite) }},
		{"queue", testQueue},
		{"cancel", testCancel},
	} {
		t.Run(suite.name, func(t *testing.T) {
			t.Parallel()
			suite.run(t, s)
		})
	}
}

// The rates that cameras and films have beside whole ones.
var (
	ntsc = spool.Rational{Num: 30000, Den: 1001}
	film = spool.Rational{Num: 24000, Den: 1001}
	pal  = spool.Rational{Num: 25, Den: 1}
)
