package app

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"spool/internal/sandbox"
	"spool/internal/testkit"
)

func TestMain(m *testing.M) {
	sandbox.Init()
	testkit.UsePackager()
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(ignored...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// Goroutines that the S3 gateway's libraries start for good.
var ignored = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1.1"),
	goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	goleak.IgnoreAnyFunction("github.com/gofiber/utils/v2.StartTimeStampUpdater.func1.1"),
}
