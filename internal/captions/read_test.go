package captions

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const media = "../../../shared/media/"

// show writes cues in short: times in ms, text with styles, place.
func show(t Track) []string {
	var out []string
	for _, c := range t.Cues {
		s := stamp(c.Start, ".") + " " + stamp(c.End, ".") + " "
		for i, l := range c.Lines {
			if i > 0 {
				s += "|"
			}
			s += wrap(l, func(s string) string { return s }, func(c Color) (string, string) { return "<" + c.hex() + ">", "</>" })
		}
		if c.Place != nil {
			s += vttSettings(c.Place)
		}
		out = append(out, s)
	}
	return out
}

var readCases = []struct {
	name string
	kind Format
	text string
	opts ReadOptions
	want []string
	err  string
}{
	{name: "SRT with blank lines, styles and places", kind: SRT,
		text: "\ufeff\n1\r\n00:00:01,000 --> 00:00:02,500 X1:1 X2:2\r\nOne <i>two</i>\r\nthree\r\n\r\n\r\n2\r\n0:00:03.5 --> 0:00:04,25\r\n{\\an8}<font color=\"#ff0000\">AT&amp;T</font> 5 < 6\r\n\r\nafter a blank\r\n",
		want: []string{"00:00:01.000 00:00:02.500 One <i>two</i>|three", "00:00:03.500 00:00:04.250 <#ff0000>AT&T</> 5 < 6|after a blank line:5% position:50%"}},
	{name: "SRT without numbers", kind: SRT, text: "00:01,000 --> 00:02,000\nA\n\n00:02,000 --> 00:03,000\n7\n",
		want: []string{"00:00:01.000 00:00:02.000 A", "00:00:02.000 00:00:03.000 7"}},
	{name: "SRT with an arrow in its text", kind: SRT, text: "1\n00:00:01,000 --> 00:00:02,000\nA --> B\n", want: []string{"00:00:01.000 00:00:02.000 A --> B"}},
	{name: "SRT broken", kind: SRT, text: "1\n00:00:01,000 --> 00:00:02,000\nA\n\n2\n00:00:0x,000 --> 00:00:04,000\nB\n", err: "line 6: "},
	{name: "not SRT", kind: SRT, text: "WEBVTT\n\nhello", err: "it is no SRT"},
	{name: "nothing is shown without time", kind: SRT, text: "1\n00:00:02,000 --> 00:00:01,000\nA\n", want: nil},

	{name: "WebVTT", kind: WebVTT,
		text: "WEBVTT - title\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\nNOTE\nnothing\n\nSTYLE\n::cue(.loud) { color: #ff8800; font-weight: bold }\n\nid\n00:01.000 --> 00:00:02.000 align:start line:10%\n<v Bob><c.loud>Hey</c> &lt;you&gt;</v>\n- <00:01.500>now\n\n00:02.000 --> 00:03.000\n<c.yellow.bg_black>Y</c> <ruby>base<rt>small</rt></ruby>\n",
		want: []string{"00:00:01.000 00:00:02.000 <#ff8800><b>Hey</b></> <you>|- now line:10% position:0% align:start", "00:00:02.000 00:00:03.000 <#ffff00>Y</> base"}},
	{name: "WebVTT at the bottom", kind: WebVTT, text: "WEBVTT\n\n00:01.000 --> 00:02.000 line:-1\nA\n\n00:02.000 --> 00:03.000 line:0 position:20%,line-left\nB\n\n00:03.000 --> 00:04.000 line:90%\nC\n",
		want: []string{"00:00:01.000 00:00:02.000 A", "00:00:02.000 00:00:03.000 B line:0% position:20%", "00:00:03.000 00:00:04.000 C line:95%,end position:50%"}},
	{name: "not WebVTT", kind: WebVTT, text: "1\n00:00:01,000 --> 00:00:02,000\nA\n", err: "line 1: it is no WebVTT"},
	{name: "WebVTT broken", kind: WebVTT, text: "WEBVTT\n\nx\n00:01.000 --> soon\nA\n", err: "line 4: "},

	{name: "TTML", kind: TTML, text: `<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" ttp:tickRate="1000" xml:lang="en">
<head><styling><style xml:id="base" tts:color="yellow"/><style xml:id="s" style="base" tts:fontStyle="italic"/></styling>
<layout><region xml:id="top" tts:origin="10% 5%" tts:extent="80% 20%" tts:displayAlign="before" tts:textAlign="center"/></layout></head>
<body begin="10s"><div>
 <p begin="00:00:01:05" end="00:00:02.5" region="top">One
    two<br/><span style="s">three</span></p>
 <p begin="3000t" dur="500ms">four <span begin="0.25s">five</span></p>
</div><div timeContainer="seq" begin="20s"><p dur="1s">a</p><p begin="1s" dur="1s">b</p></div></body></tt>`,
		want: []string{"00:00:11.200 00:00:12.500 One two|<#ffff00><i>three</i></> line:5% position:50%",
			"00:00:13.000 00:00:13.250 four", "00:00:13.250 00:00:13.500 four five", "00:00:30.000 00:00:31.000 a", "00:00:32.000 00:00:33.000 b"}},
	{name: "TTML with a bomb", kind: TTML, text: "<!DOCTYPE tt [<!ENTITY a \"aaaa\">]><tt><body><p>&a;</p></body></tt>", err: "line 1: a document type"},
	{name: "TTML nested", kind: TTML, text: "<tt><body>" + strings.Repeat("<div>", 100), err: "nested more than"},
	{name: "TTML broken", kind: TTML, text: "<tt>\n<body>\n</div></tt>", err: "line 3: the XML is broken"},
	{name: "TTML with a bad time", kind: TTML, text: "<tt>\n<body>\n<div><p begin=\"soon\">x</p></div></body></tt>", err: "line 3: begin=\"soon\""},
	{name: "TTML of images", kind: TTML, text: `<tt xmlns:smpte="http://www.smpte-ra.org/schemas/2052-1/2010/smpte-tt"><body><div begin="1s" end="2s" smpte:backgroundImage="#i"/></body></tt>`, err: "are images"},
	{name: "not TTML", kind: TTML, text: "<html/>", err: "it is no TTML"},

	{name: "SCC roll-up", kind: SCC, text: "Scenarist_SCC V1.0\n\n00:00:01;00\t9425 9425 94ad 94ad 9470 9470 cdd9 204f cec5\n\n00:00:03;00\t94ad 94ad 9470 9470 54d7 4f80\n\n00:00:05;00\t942c 942c\n",
		want: []string{"00:00:01.201 00:00:03.003 MY ONE line:90%,end position:10% align:start", "00:00:03.003 00:00:05.005 MY ONE|TWO line:90%,end position:10% align:start"}},
	{name: "SCC paint-on", kind: SCC, text: "Scenarist_SCC V1.0\n\n00:00:01:00\t9429 9429 94d0 94d0 9723 c8c5 4c4c 4f80\n\n00:00:02:00\t942c 942c\n",
		want: []string{"00:00:01.168 00:00:02.002 HELLO line:84.67%,end position:17.5% align:start"}},
	{name: "SCC without its head", kind: SCC, text: "00:00:01:00\t9429", err: "line 1: it is no SCC"},
	{name: "SCC with a bad timecode", kind: SCC, text: "Scenarist_SCC V1.0\n\n00:00:01:45\t9429\n", err: "line 3: \"00:00:01:45\""},
	{name: "SCC with bad bytes", kind: SCC, text: "Scenarist_SCC V1.0\n\n00:00:01:05\t9429 94zz\n", err: "line 3: \"94zz\""},

	{name: "SAMI of two languages", kind: SMI, opts: ReadOptions{Language: "fr"},
		text: "<SAMI><HEAD><STYLE TYPE=\"text/css\"><!--\nP {}\n.ENCC { Name: English; lang: en-US; }\n.FRCC {Name: French; lang: fr-FR;}\n--></STYLE></HEAD>\n<BODY>\n<SYNC Start=1000><P Class=ENCC>One<P Class=FRCC>Un <i>deux</i><br>trois\n<SYNC Start=\"2000\"><P Class=FRCC>&nbsp;\n<SYNC Start=3000><P Class=ENCC>only\n<SYNC Start=4000><P Class=FRCC>fin</BODY></SAMI>",
		want: []string{"00:00:01.000 00:00:02.000 Un <i>deux</i>|trois", "00:00:04.000 00:00:08.000 fin"}},
	{name: "SAMI broken", kind: SMI, text: "<SAMI>\n<BODY>\n<SYNC Start=soon><P>x", err: "line 3: "},
	{name: "not SAMI", kind: SMI, text: "hello", err: "it is no SAMI"},
	{name: "not STL", kind: STL, text: "hello", err: "it is no EBU STL"},
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, tc := range readCases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := Read(tc.kind, []byte(tc.text), tc.opts)
			if tc.err != "" {
				var syntax *SyntaxError
				if !errors.As(err, &syntax) || !strings.Contains(err.Error(), tc.err) {
					t.Fatalf("error %v, want one about %q", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, show(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"UTF-8 with its mark", "\xef\xbb\xbfé\r\nb\rc", "é\nb\nc"},
		{"UTF-16, little end first", "\xff\xfe\xe9\x00\x3d\xd8\x00\xde", "é😀"},
		{"UTF-16, big end first", "\xfe\xff\x00\xe9\x00a", "éa"},
		{"UTF-16 without a mark", "W\x00E\x00B\x00", "WEB"},
		{"Windows-1252", "caf\xe9 \x80 \x93x\x94", "café € “x”"},
		{"controls", "a\x00b\x1bc\x7f", "abc"},
	} {
		if got := Decode([]byte(tc.in)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// The files of others that the project keeps.
func TestReal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		file  string
		kind  Format
		cues  int
		first string
		last  string
	}{
		{"captions-english.srt", SRT, 26, "00:00:00.250 00:00:10.500 This blade has a dark past.", ""},
		{"captions-russian.srt", SRT, 26, "00:00:10.250 00:00:19.500 О! Это копьё с темным прошлым.", ""},
		{"friday-film-480p-cc0.vtt", WebVTT, 5, "00:00:00.000 00:00:00.999 Hildy! line:80% position:50%", "00:00:04.300 00:00:06.000 Somebody must've stolen the crown jewels line:80% position:50%"},
		{"captions-popon.scc", SCC, 3, "00:00:01.134 00:00:05.272 Letra traducida al Español|♪ ¡Uooye! ¡Vámonos! ♪ line:90%,end position:49.38%",
			"00:00:10.210 00:00:11.111 MAMI: ¡Vamos a divertirno line:84.67%,end position:48.75%"},
		{"captions-imsc.ttml", TTML, 1, "00:00:00.000 00:00:15.000 <#ffffff>This text must start to appear at 1 seconds</>|<#ffffff>and fade in to 10 seconds then fade out to 15 seconds</>", ""},
	} {
		data, err := os.ReadFile(media + tc.file)
		if errors.Is(err, os.ErrNotExist) {
			t.Skip("the footage is not here")
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(tc.kind, data, ReadOptions{})
		if err != nil {
			t.Errorf("%s: %v", tc.file, err)
			continue
		}
		lines := show(got)
		if len(lines) != tc.cues {
			t.Errorf("%s: %d cues, want %d: %q", tc.file, len(lines), tc.cues, lines)
			continue
		}
		if tc.first != "" && lines[0] != tc.first {
			t.Errorf("%s: first cue %q, want %q", tc.file, lines[0], tc.first)
		}
		if tc.last != "" && lines[len(lines)-1] != tc.last {
			t.Errorf("%s: last cue %q, want %q", tc.file, lines[len(lines)-1], tc.last)
		}
	}
}

func TestTimecode(t *testing.T) {
	t.Parallel()
	for frame := int64(0); frame < 30*3600*2; frame += 7 {
		s := timecode(frame, ntsc, true)
		at, ok := Timecode(s, ntsc)
		if want := seconds(float64(frame) / ntsc.Float()); !ok || (at-want).Abs() > time.Millisecond {
			t.Fatalf("frame %d: %s is at %s, want %s", frame, s, at, want)
		}
	}
	if at, _ := Timecode("01:00:00;00", ntsc); (at - time.Hour).Abs() > 5*time.Millisecond {
		t.Errorf("an hour of drop frame is %s", at)
	}
	if at, _ := Timecode("01:00:00:00", ntsc); (at - 3603600*time.Millisecond).Abs() > time.Millisecond {
		t.Errorf("an hour without drops is %s", at)
	}
}
