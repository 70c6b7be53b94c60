package work

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"spool/internal/spool"
)

// Bounds of a colour lookup table.
const (
	maxLUT     = 64 << 20 // bytes
	maxLUTSide = 65       // entries along each of the three axes
)

// stageLUT reads a three-dimensional .cube table through and writes what it says,
// and nothing else, to dst: FFmpeg's reader never sees the user's own text.
func stageLUT(path, dst, uri string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open a lookup table: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxLUT+1))
	if err != nil {
		return fmt.Errorf("read a lookup table: %w", err)
	}
	out, err := cleanLUT(text)
	if err != nil {
		return spool.Failf(spool.CodeFileAccess, "Failed to download %s: it is no 3D lookup table in the .cube form: %s.", uri, err)
	}
	if err := os.WriteFile(dst, out, 0o600); err != nil {
		return fmt.Errorf("stage a lookup table: %w", err)
	}
	return nil
}

// cleanLUT checks a .cube table and writes it anew.
func cleanLUT(text []byte) ([]byte, error) {
	if len(text) > maxLUT {
		return nil, fmt.Errorf("it is larger than %d MB", maxLUT>>20)
	}
	side, entries := 0, 0
	low, high := [3]float64{}, [3]float64{1, 1, 1}
	var body bytes.Buffer
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		var err error
		switch words[0] {
		case "TITLE", "LUT_3D_INPUT_RANGE", "LUT_IN_VIDEO_RANGE", "LUT_OUT_VIDEO_RANGE":
		case "LUT_3D_SIZE":
			if len(words) != 2 {
				return nil, fmt.Errorf("line %d has no size", n)
			}
			if side, err = strconv.Atoi(words[1]); err != nil || side < 2 || side > maxLUTSide {
				return nil, fmt.Errorf("its size is not 2 to %d", maxLUTSide)
			}
		case "DOMAIN_MIN":
			low, err = triple(words[1:])
		case "DOMAIN_MAX":
			high, err = triple(words[1:])
		default:
			var v [3]float64
			if v, err = triple(words); err == nil {
				entries++
				fmt.Fprintf(&body, "%.7f %.7f %.7f\n", v[0], v[1], v[2])
			}
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if lines.Err() != nil {
		return nil, lines.Err()
	}
	if side == 0 || entries != side*side*side {
		return nil, fmt.Errorf("it has %d entries for a size of %d", entries, side)
	}
	head := fmt.Sprintf("LUT_3D_SIZE %d\nDOMAIN_MIN %.7f %.7f %.7f\nDOMAIN_MAX %.7f %.7f %.7f\n", side, low[0], low[1], low[2], high[0], high[1], high[2])
	return append([]byte(head), body.Bytes()...), nil
}

// triple reads three numbers.
func triple(words []string) (v [3]float64, err error) {
	if len(words) != 3 {
		return v, fmt.Errorf("there are %d numbers, not three", len(words))
	}
	for i, w := range words {
		if v[i], err = strconv.ParseFloat(w, 64); err != nil || !(v[i] > -1e6 && v[i] < 1e6) {
			return v, fmt.Errorf("%.20q is no number", w)
		}
	}
	return v, nil
}
