package settings

import (
	"testing"

	"go.uber.org/goleak"

	"spool/internal/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Init()
	goleak.VerifyTestMain(m)
}
