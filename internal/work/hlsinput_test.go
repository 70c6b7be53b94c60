package work

import (
	"strings"
	"testing"
)

// TestResolveReference: what a playlist names lies beside it or on the web.
func TestResolveReference(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, reference, want string }{
		{"s3://b/a/m.m3u8", "c%20d.ts", "s3://b/a/c d.ts"},
		{"s3://b/a/m.m3u8", "../c.ts?x=1", "s3://b/c.ts"},
		{"s3://b/a/m.m3u8", "/c/d.ts", "s3://b/c/d.ts"},
		{"s3://b/m.m3u8", "../../../c.ts", "s3://b/c.ts"},
		{"s3://b/a b/m.m3u8", "c.ts", "s3://b/a b/c.ts"},
		{"s3://b/a/m.m3u8", "https://h/c.ts", "https://h/c.ts"},
		{"s3://b/a/m.m3u8", "s3://other/c.ts", "neither beside"},
		{"s3://b/a/m.m3u8", "//host/c.ts", "neither beside"},
		{"s3://b/a/m.m3u8", "file:///etc/passwd", "neither beside"},
		{"s3://b/a/m.m3u8", "%00.ts", "control character"},
		{"s3://b/a/m.m3u8", "", "s3://b/a"},
		{"https://h/a/m.m3u8", "c.ts", "https://h/a/c.ts"},
		{"https://h/a/m.m3u8", "//i/c.ts", "https://i/c.ts"},
		{"https://h/a/m.m3u8", "s3://b/c.ts", "can't be named from the web"},
		{"https://h/a/m.m3u8", "file:///etc/passwd", "can't be named from the web"},
		{"https://h/a/m.m3u8", "%zz", "is no address"},
	} {
		got, err := resolveReference(c.base, c.reference)
		if err != nil && !strings.Contains(err.Error(), c.want) || err == nil && got != c.want {
			t.Errorf("%s in %s: got %q, %v, want %q", c.reference, c.base, got, err, c.want)
		}
	}
}
