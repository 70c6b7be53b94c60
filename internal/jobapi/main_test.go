package jobapi_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"spool/internal/ffmpeg"
	"spool/internal/jobapi"
	"spool/internal/objects"
	"spool/internal/probe"
	"spool/internal/sandbox"
	"spool/internal/store/storetest"
	"spool/internal/testkit"
)

func TestMain(m *testing.M) {
	sandbox.Init()
	code := m.Run()
	storetest.Stop()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

var findOnce = sync.OnceValues(func() (*ffmpeg.Tools, error) {
	return ffmpeg.Find(context.Background(), sandbox.New())
})

// withProbe gives the door the real stage that looks into files, and a bucket
// "uploads" with the file sound.wav.
func withProbe(t testing.TB) func(*jobapi.Options) {
	t.Helper()
	testkit.NeedTools(t, "ffmpeg", "ffprobe")
	tools, err := findOnce()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := objects.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	if err := folder.EnsureBucket(t.Context(), "uploads"); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"sound.wav": sound(), "text.txt": []byte("no media")} {
		if err := os.WriteFile(filepath.Join(folder.Root(), "uploads", name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(o *jobapi.Options) {
		o.Prober = probe.New(probe.Options{
			Tools: tools, Objects: folder, Fetcher: objects.NewFetcher(objects.FetchOptions{}), Policies: o.Account, Staging: t.TempDir(), Log: o.Log,
		})
	}
}

// sound is a WAV file: half a second of silence in stereo.
func sound() []byte {
	const rate, channels, width = 48000, 2, 2
	body := make([]byte, rate/2*channels*width)
	var b bytes.Buffer
	b.WriteString("RIFF")
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&b, binary.LittleEndian, v) // a buffer takes all
		}
	}
	put(uint32(36 + len(body)))
	b.WriteString("WAVEfmt ")
	put(uint32(16), uint16(1), uint16(channels), uint32(rate), uint32(rate*channels*width), uint16(channels*width), uint16(8*width))
	b.WriteString("data")
	put(uint32(len(body)))
	b.Write(body)
	return b.Bytes()
}
