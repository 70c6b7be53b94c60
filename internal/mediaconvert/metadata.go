package mediaconvert

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkMetadata checks userMetadata: at most 10 entries (behaviour.md 1.10).
func checkMetadata(pointer string, m map[string]string, problems *problemList) {
	checkMap(pointer, m, 10, problems)
}

// CheckTags checks tags apart from a request, as TagResource and the makers of
// resources get them: spool.Problems at /tags, or nil.
func CheckTags(tags map[string]string) error {
	problems := &problemList{}
	checkTags(tags, problems)
	return problems.err()
}

// checkTags checks the tags of a resource: at most 50 (behaviour.md 1.10).
func checkTags(m map[string]string, problems *problemList) {
	checkMap("/tags", m, 50, problems)
}

func checkMap(pointer string, m map[string]string, most int, problems *problemList) {
	if len(m) > most {
		problems.add(pointer, "Should have at most %d properties", most)
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		at := pointer + "/" + escapePointer(k)
		switch {
		case k == "":
			problems.add(at, "The key is empty")
		case utf8.RuneCountInString(k) > 128:
			problems.add(pointer, "A key is longer than 128 characters: %.40s…", k)
		case strings.HasPrefix(strings.ToLower(k), "aws:"):
			problems.add(at, "A key may not begin with aws:")
		case !plainText(k):
			problems.add(at, "A key may hold letters, digits, spaces and _ . : / = + - @ only")
		}
		switch {
		case utf8.RuneCountInString(m[k]) > 256:
			problems.add(at, "Should have at most 256 characters")
		case !plainText(m[k]):
			problems.add(at, "A value may hold letters, digits, spaces and _ . : / = + - @ only")
		}
	}
}

func plainText(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" _.:/=+-@", r) {
			return false
		}
	}
	return true
}

func hasControl(s string) bool {
	for _, r := range s {
		if r < 0x20 || r == 0x7f || r == utf8.RuneError {
			return true
		}
	}
	return false
}
