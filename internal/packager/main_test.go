package packager_test

import (
	"testing"

	"go.uber.org/goleak"

	"spool/internal/sandbox"
	"spool/internal/testkit"
)

func TestMain(m *testing.M) {
	sandbox.Init()
	testkit.UsePackager()
	goleak.VerifyTestMain(m)
}
