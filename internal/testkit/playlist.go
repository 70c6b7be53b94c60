package testkit

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// LintPlaylist reads an HLS playlist as strictly as RFC 8216 allows and gives
// everything that is wrong in it, nil if nothing is. It knows the tags of the RFC
// and those for images in trick play, and no others.
func LintPlaylist(text string) []string {
	l := &lint{version: 1, seen: map[string]int{}, groups: map[string][]map[string]string{}, uris: map[string]bool{}}
	if !utf8.ValidString(text) || strings.ContainsRune(text, '\uFEFF') {
		l.fail(0, "it is not plain UTF-8")
	}
	if !strings.HasSuffix(text, "\n") {
		l.fail(0, "it does not end with a line feed")
	}
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		l.line(n+1, line)
	}
	l.whole()
	return l.wrong
}

type lint struct {
	wrong             []string
	version, needs    int
	why               string
	seen              map[string]int
	master, media     bool
	waiting           string // the tag that a URI must follow
	target, longest   float64
	groups            map[string][]map[string]string
	uses              []map[string]string
	uris              map[string]bool
	segments, playing int
	ended             bool
}

func (l *lint) fail(n int, format string, args ...any) {
	l.wrong = append(l.wrong, fmt.Sprintf("line %d: ", n)+fmt.Sprintf(format, args...))
}

func (l *lint) need(version int, why string) {
	if version > l.needs {
		l.needs, l.why = version, why
	}
}

// kinds of attribute values (RFC 8216 4.2).
var valueKinds = map[byte]*regexp.Regexp{
	'n': regexp.MustCompile(`^[0-9]{1,20}$`),
	'f': regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`),
	'q': regexp.MustCompile(`^"[^"\r\n]*"$`),
	'e': regexp.MustCompile(`^[A-Z0-9-]+$`),
	'y': regexp.MustCompile(`^(YES|NO)$`),
	'r': regexp.MustCompile(`^[1-9][0-9]*x[1-9][0-9]*$`),
	'h': regexp.MustCompile(`^0[xX][0-9A-F]{32}$`),
	'c': regexp.MustCompile(`^(NONE|"[^"\r\n]+")$`),
}

// attribute lists: name, kind of value, and ! where it must be there.
var tagAttributes = map[string]string{
	"#EXT-X-STREAM-INF":         "BANDWIDTH:n! AVERAGE-BANDWIDTH:n VIDEO-RANGE:e CODECS:q RESOLUTION:r FRAME-RATE:f AUDIO:q SUBTITLES:q CLOSED-CAPTIONS:c HDCP-LEVEL:e",
	"#EXT-X-I-FRAME-STREAM-INF": "BANDWIDTH:n! AVERAGE-BANDWIDTH:n VIDEO-RANGE:e CODECS:q RESOLUTION:r URI:q!",
	"#EXT-X-IMAGE-STREAM-INF":   "BANDWIDTH:n! AVERAGE-BANDWIDTH:n CODECS:q! RESOLUTION:r! URI:q!",
	"#EXT-X-MEDIA":              "TYPE:e! GROUP-ID:q! NAME:q! LANGUAGE:q DEFAULT:y AUTOSELECT:y FORCED:y CHANNELS:q CHARACTERISTICS:q INSTREAM-ID:q URI:q",
	"#EXT-X-KEY":                "METHOD:e! URI:q! IV:h KEYFORMAT:q KEYFORMATVERSIONS:q",
	"#EXT-X-SESSION-KEY":        "METHOD:e! URI:q! IV:h KEYFORMAT:q KEYFORMATVERSIONS:q",
	"#EXT-X-MAP":                "URI:q! BYTERANGE:q",
	"#EXT-X-TILES":              "RESOLUTION:r! LAYOUT:r! DURATION:f!",
}

var (
	masterTags = []string{"#EXT-X-STREAM-INF", "#EXT-X-I-FRAME-STREAM-INF", "#EXT-X-IMAGE-STREAM-INF", "#EXT-X-MEDIA", "#EXT-X-SESSION-KEY"}
	plainTags  = map[string]string{
		"#EXT-X-VERSION": `^[1-9][0-9]?$`, "#EXT-X-TARGETDURATION": `^[1-9][0-9]*$`, "#EXT-X-MEDIA-SEQUENCE": `^[0-9]+$`,
		"#EXT-X-PLAYLIST-TYPE": `^(VOD|EVENT)$`, "#EXT-X-ALLOW-CACHE": `^(YES|NO)$`, "#EXTINF": `^[0-9]+(\.[0-9]+)?,.*$`,
		"#EXT-X-BYTERANGE": `^[1-9][0-9]*(@[0-9]+)?$`, "#EXT-X-PROGRAM-DATE-TIME": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`,
		"#EXT-X-INDEPENDENT-SEGMENTS": `^$`, "#EXT-X-I-FRAMES-ONLY": `^$`, "#EXT-X-IMAGES-ONLY": `^$`, "#EXT-X-ENDLIST": `^$`, "#EXTM3U": `^$`,
		"#EXT-X-DISCONTINUITY": `^$`,
	}
	onceTags = []string{
		"#EXTM3U", "#EXT-X-VERSION", "#EXT-X-TARGETDURATION", "#EXT-X-MEDIA-SEQUENCE", "#EXT-X-PLAYLIST-TYPE",
		"#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-I-FRAMES-ONLY", "#EXT-X-ENDLIST", "#EXT-X-ALLOW-CACHE", "#EXT-X-IMAGES-ONLY",
	}
)

func (l *lint) line(n int, line string) {
	if strings.ContainsFunc(line, unicode.IsControl) || strings.TrimSpace(line) != line {
		l.fail(n, "control characters or blanks at an end: %q", line)
	}
	if n == 1 && line != "#EXTM3U" {
		l.fail(n, "it does not begin with #EXTM3U")
	}
	switch {
	case line == "":
		return
	case !strings.HasPrefix(line, "#"):
		l.reference(n, line)
		return
	case l.ended:
		l.fail(n, "something follows #EXT-X-ENDLIST")
	}
	tag, value, _ := strings.Cut(line, ":")
	l.seen[tag]++
	if l.seen[tag] > 1 && slices.Contains(onceTags, tag) {
		l.fail(n, "%s comes twice", tag)
	}
	if l.waiting == "#EXT-X-STREAM-INF" {
		l.fail(n, "%s stands between #EXT-X-STREAM-INF and its URI", tag)
	}
	if pattern, ok := plainTags[tag]; ok {
		if !regexp.MustCompile(pattern).MatchString(value) {
			l.fail(n, "bad value %q of %s", value, tag)
			return
		}
		l.plain(n, tag, value)
		return
	}
	list, ok := tagAttributes[tag]
	if !ok {
		l.fail(n, "unknown tag %s", tag)
		return
	}
	l.tag(n, tag, l.attributes(n, value, list))
}

func (l *lint) plain(n int, tag, value string) {
	switch tag {
	case "#EXT-X-VERSION":
		l.version, _ = strconv.Atoi(value)
	case "#EXT-X-TARGETDURATION":
		l.media = true
		l.target, _ = strconv.ParseFloat(value, 64)
	case "#EXTINF":
		l.media, l.waiting = true, tag
		seconds, _ := strconv.ParseFloat(strings.TrimSuffix(value, ","), 64)
		l.longest = max(l.longest, seconds)
		if strings.Contains(value, ".") {
			l.need(3, "fractions in EXTINF")
		}
	case "#EXT-X-BYTERANGE":
		if l.waiting != "#EXTINF" {
			l.fail(n, "a byte range without #EXTINF")
		}
		l.need(4, tag)
	case "#EXT-X-I-FRAMES-ONLY":
		l.need(4, tag)
	case "#EXT-X-ENDLIST":
		l.ended = true
	}
}

// attributes reads a list and checks every value against its kind.
func (l *lint) attributes(n int, value, list string) map[string]string {
	got := map[string]string{}
	for rest := value; rest != ""; {
		name, after, ok := strings.Cut(rest, "=")
		end := strings.IndexByte(after, ',')
		if strings.HasPrefix(after, `"`) {
			closing := strings.IndexByte(after[1:], '"')
			if closing < 0 {
				l.fail(n, "a quote is not closed")
				return got
			}
			end = closing + 2
			if end == len(after) {
				end = -1
			} else if after[end] != ',' {
				l.fail(n, "something follows the value of %s", name)
				return got
			}
		}
		v := after
		rest = ""
		if end >= 0 {
			v, rest = after[:end], after[end+1:]
		}
		if _, twice := got[name]; twice || !ok {
			l.fail(n, "attribute %q comes twice or has no value", name)
		}
		got[name] = v
	}
	known := map[string]bool{}
	for _, spec := range strings.Fields(list) {
		name, kind, _ := strings.Cut(spec, ":")
		known[name] = true
		v, ok := got[name]
		switch {
		case !ok && strings.HasSuffix(kind, "!"):
			l.fail(n, "%s is missing", name)
		case ok && !valueKinds[kind[0]].MatchString(v):
			l.fail(n, "bad value %s of %s", v, name)
		}
	}
	for name := range got {
		if !known[name] {
			l.fail(n, "unknown attribute %s", name)
		}
	}
	return got
}

func (l *lint) tag(n int, tag string, a map[string]string) {
	if slices.Contains(masterTags, tag) {
		l.master = true
	} else {
		l.media = true
	}
	if uri, ok := a["URI"]; ok && !strings.Contains(tag, "KEY") {
		l.uri(n, strings.Trim(uri, `"`))
	}
	switch tag {
	case "#EXT-X-STREAM-INF":
		l.waiting = tag
		l.playing++
		l.uses = append(l.uses, a)
		l.bandwidth(n, a)
	case "#EXT-X-I-FRAME-STREAM-INF", "#EXT-X-IMAGE-STREAM-INF":
		l.bandwidth(n, a)
	case "#EXT-X-MEDIA":
		l.rendition(n, a)
	case "#EXT-X-MAP":
		l.need(5, tag)
		if l.seen["#EXT-X-I-FRAMES-ONLY"] == 0 {
			l.need(6, tag)
		}
	case "#EXT-X-KEY", "#EXT-X-SESSION-KEY":
		if !slices.Contains([]string{"AES-128", "SAMPLE-AES", "SAMPLE-AES-CTR"}, a["METHOD"]) {
			l.fail(n, "unknown method %s", a["METHOD"])
		}
		if a["KEYFORMAT"] != "" || a["KEYFORMATVERSIONS"] != "" {
			l.need(5, "KEYFORMAT")
		}
		if a["IV"] != "" {
			l.need(2, "IV")
		}
	case "#EXT-X-TILES":
		if l.waiting != "#EXTINF" {
			l.fail(n, "tiles without #EXTINF")
		}
	}
}

func (l *lint) bandwidth(n int, a map[string]string) {
	peak, _ := strconv.ParseInt(a["BANDWIDTH"], 10, 64)
	mean, _ := strconv.ParseInt(a["AVERAGE-BANDWIDTH"], 10, 64)
	if peak <= 0 || mean > peak {
		l.fail(n, "bandwidth %d, average %d", peak, mean)
	}
}

func (l *lint) rendition(n int, a map[string]string) {
	kind := a["TYPE"]
	_, uri := a["URI"]
	_, stream := a["INSTREAM-ID"]
	_, forced := a["FORCED"]
	switch {
	case !slices.Contains([]string{"AUDIO", "SUBTITLES", "CLOSED-CAPTIONS"}, kind):
		l.fail(n, "unknown type %s", kind)
	case kind == "SUBTITLES" && !uri:
		l.fail(n, "subtitles without a URI")
	case kind == "CLOSED-CAPTIONS" && (uri || !stream):
		l.fail(n, "closed captions need INSTREAM-ID and must have no URI")
	case kind != "CLOSED-CAPTIONS" && stream, kind != "SUBTITLES" && forced:
		l.fail(n, "an attribute of another type")
	case a["DEFAULT"] == "YES" && a["AUTOSELECT"] == "NO":
		l.fail(n, "a default that may not be selected")
	}
	key := kind + a["GROUP-ID"]
	for _, other := range l.groups[key] {
		if other["NAME"] == a["NAME"] {
			l.fail(n, "two renditions of the group %s are called %s", a["GROUP-ID"], a["NAME"])
		}
		if other["DEFAULT"] == "YES" && a["DEFAULT"] == "YES" {
			l.fail(n, "the group %s has two defaults", a["GROUP-ID"])
		}
	}
	l.groups[key] = append(l.groups[key], a)
}

func (l *lint) reference(n int, line string) {
	if l.waiting == "" {
		l.fail(n, "a URI that no tag announces")
	}
	if l.waiting == "#EXTINF" {
		l.segments++
	}
	l.waiting = ""
	l.uri(n, line)
}

func (l *lint) uri(n int, uri string) {
	u, err := url.Parse(uri)
	if err != nil || strings.ContainsAny(uri, " \"<>\\^`{|}") || strings.ContainsFunc(uri, func(r rune) bool { return r > '~' }) {
		l.fail(n, "%q is not a URI: %v", uri, err)
		return
	}
	if u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
		l.fail(n, "%q has a strange scheme", uri)
	}
	l.uris[uri] = true
}

func (l *lint) whole() {
	if l.master == l.media {
		l.fail(0, "it is neither a master playlist nor a media playlist, or both")
	}
	if l.waiting != "" {
		l.fail(0, "no URI follows %s", l.waiting)
	}
	if l.needs > l.version {
		l.fail(0, "%s needs version %d, not %d", l.why, l.needs, l.version)
	}
	if l.media {
		if !l.ended || l.segments == 0 || l.target == 0 {
			l.fail(0, "no end, no segments or no target duration")
		}
		if math.Floor(l.longest+0.5) > l.target {
			l.fail(0, "a segment of %g s is longer than the target of %g", l.longest, l.target)
		}
	}
	for _, a := range l.uses {
		for attribute, kind := range map[string]string{"AUDIO": "AUDIO", "SUBTITLES": "SUBTITLES", "CLOSED-CAPTIONS": "CLOSED-CAPTIONS"} {
			if g := a[attribute]; g != "" && g != "NONE" && l.groups[kind+g] == nil {
				l.fail(0, "a variant names the %s group %s, which there is not", kind, g)
			}
		}
	}
	if l.master && l.playing == 0 {
		l.fail(0, "no variants")
	}
}
