package crash_test

import (
	"testing"

	"spool/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
