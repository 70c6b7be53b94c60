// Command demo shows Spool at work: it starts bin/spool serve, uploads one clip
// as an application would (a permit from Spool's API, then one PUT), follows the
// video until it is ready, looks whether the stream is really there, and prints
// a link that plays. Ctrl-C stops it.
//
// INPUT names the clip; without it a clip of 30 s is made. With DEMO_ONCE=1 it
// works in a folder that it removes, and ends as soon as the link is proven.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"spool/internal/spool"
	"spool/internal/testkit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv("INPUT"), os.Getenv("DEMO_ONCE") == "1"); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, input string, once bool) error {
	data := "spool-data"
	if once {
		dir, err := os.MkdirTemp("", "spool-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		data = filepath.Join(dir, "data")
	}
	input, err := clip(ctx, input)
	if err != nil {
		return err
	}
	srv, err := startServer(data)
	if err != nil {
		return err
	}
	defer srv.stop()
	fmt.Printf("demo: spool serves at %s, S3 at %s, data in %s, log in %s\n", srv.http, srv.s3, data, srv.logFile)

	video, err := srv.process(ctx, input)
	if err != nil {
		return err
	}
	if err := proveStream(ctx, video.HLSURL); err != nil {
		return fmt.Errorf("the stream %s does not play: %w", video.HLSURL, err)
	}
	if once {
		fmt.Printf("\ndemo: done. The stream was at %s; DEMO_ONCE=1 stops the server and removes its data.\n", video.HLSURL)
		return nil
	}
	fmt.Printf("\ndemo: done. The stream, for any HLS player:\n\n  %s\n\n", video.HLSURL)
	select {
	case link := <-srv.signIn:
		fmt.Printf("The page that plays it: open the first link once to sign in, then the second.\n\n  %s\n  %s/#/videos/%s\n\n", link, srv.http, video.GUID)
	default:
	}
	fmt.Println("Ctrl-C stops the server. `bin/spool serve` starts it again on the same data.")
	select {
	case <-ctx.Done():
		return nil
	case <-srv.ended:
		return errors.New("the server ended by itself; its log says why: " + srv.logFile)
	}
}

// clip gives the input asked for, or makes one.
func clip(ctx context.Context, input string) (string, error) {
	if input != "" {
		info, err := os.Stat(input)
		if err != nil {
			return "", fmt.Errorf("the input: %w", err)
		}
		if info.IsDir() {
			return "", fmt.Errorf("the input %s is a folder, not a video", input)
		}
		return input, nil
	}
	if err := os.MkdirAll(filepath.Join(".cache", "demo"), 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(".cache", "demo", "demo clip.mp4")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	fmt.Println("demo: making a clip of 30 s, 1280x720 …")
	half := path + ".half"
	defer os.Remove(half)
	spec := testkit.ClipSpec{Seconds: 30, W: 1280, H: 720, FPS: spool.Rational{Num: 30, Den: 1}, Audio: testkit.Stereo}
	if err := testkit.Generate(ctx, spec, half); err != nil {
		return "", fmt.Errorf("make a clip: %w", err)
	}
	return path, os.Rename(half, path)
}
