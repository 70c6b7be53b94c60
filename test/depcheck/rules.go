package depcheck

import (
	"fmt"
	"slices"
	"strings"
)

// Module is the path of this module.
const Module = "spool"

// Kind is what a package is, and so what it may import.
type Kind string

// The kinds of packages, from the innermost to the outermost.
const (
	Nouns   Kind = "NOUNS"
	Pure    Kind = "PURE"
	Tool    Kind = "TOOL"
	Stage   Kind = "STAGE"
	Door    Kind = "DOOR"
	Frame   Kind = "FRAME" // what every HTTP door wears
	Config  Kind = "CONFIG"
	App     Kind = "APP"
	Command Kind = "COMMAND"
	TestKit Kind = "TESTKIT"
	Test    Kind = "TEST"
)

// units says the kind of every package below the module; the folders below one
// belong to it. A package that is not here is refused.
var units = map[string]Kind{
	"internal/spool":        Nouns,
	"internal/mediaconvert": Pure,
	"internal/plan":         Pure,
	"internal/pattern":      Pure,
	"internal/sign":         Pure,
	"internal/captions":     Pure,
	"internal/hls":          Pure,
	"internal/dash":         Pure,
	"internal/smooth":       Pure,
	"internal/mp4":          Pure,
	"internal/objects":      Tool,
	"internal/store":        Tool,
	"internal/bus":          Tool,
	"internal/ffmpeg":       Tool,
	"internal/packager":     Tool,
	"internal/sandbox":      Tool,
	"internal/target":       Tool,
	"internal/intake":       Stage,
	"internal/jobs":         Stage,
	"internal/work":         Stage,
	"internal/videos":       Stage,
	"internal/announce":     Stage,
	"internal/catalog":      Stage,
	"internal/access":       Stage,
	"internal/probe":        Stage,
	"internal/s3gate":       Door,
	"internal/jobapi":       Door,
	"internal/videoapi":     Door,
	"internal/delivery":     Door,
	"internal/webui":        Door,
	"internal/httpx":        Frame,
	"internal/config":       Config,
	"internal/app":          App,
	"cmd/spool":             Command,
	"internal/testkit":      TestKit,
	"test":                  Test,
	"scripts":               Test,
	"bench":                 Test,
}

// allowed says which kinds a kind may import, besides its own package.
var allowed = map[Kind][]Kind{
	Nouns:   {},
	Pure:    {Nouns, Pure},
	Tool:    {Nouns, Pure},
	Stage:   {Nouns, Pure},
	Door:    {Nouns, Pure, Frame},
	Frame:   {},
	Config:  {Nouns, Pure},
	App:     {Nouns, Pure, Tool, Stage, Door, Frame, Config},
	Command: {Nouns, Pure, Config, App},
	TestKit: {Nouns},
	Test:    {Nouns, Pure, Tool, Stage, Door, Frame, Config, App, TestKit, Test},
}

// exceptions are single imports beyond the table, with the reason.
var exceptions = map[[2]string]string{
	{"cmd/spool", "internal/sandbox"}: "the hidden command that confines a child and becomes it runs before there is an app",
}

// reasons says why a kind may import no more, and what to do instead.
var reasons = map[Kind]string{
	Nouns:   "every package speaks in the nouns, so they can depend on none: move what needs more to the package that needs it",
	Pure:    "what is pure can be printed, compared and run anywhere: give it the facts as arguments and let the caller get them",
	Tool:    "a tool can be exchanged only while no other tool knows it: declare a small interface for what you need, and let internal/app join the two",
	Stage:   "a stage knows what it needs, not who does it: declare an interface of 1 to 5 methods, and let internal/app fill it in; stages speak to each other only over the bus",
	Door:    "a door decodes, authorises, calls and encodes: declare an interface of 1 to 5 methods for what it calls, and let internal/app fill it in",
	Frame:   "a frame fits every door only while it knows none of them: pass in what it needs",
	Config:  "the configuration says what is wanted, not how it is done: internal/app turns it into parts",
	App:     "internal/app wires the product; tests and commands use it, not the other way round",
	Command: "a command reads its flags and calls internal/app or what is pure: put the wiring into internal/app",
	TestKit: "what measures the product must not be built from it, or both could be wrong together: use FFmpeg and plain Go",
	Test:    "tests stay beside the product",
}

// impure are the packages of the standard library that PURE must not import;
// their sub-packages are refused too, but for those in stillPure.
var impure = []string{"os", "net", "database/sql", "syscall", "plugin", "log"}

var stillPure = []string{"net/url", "net/netip", "net/mail", "net/textproto"}

// CheckImport judges one import: from and to are folders relative to the module
// for its own packages, and import paths for all others. It gives nil or an
// error that says which rule is broken, why it stands, and what to do.
func CheckImport(from, to string) error {
	fromUnit, kind, err := unitOf(from)
	if err != nil {
		return err
	}
	own, isOwn := strings.CutPrefix(to, Module+"/")
	if !isOwn {
		return checkForeign(from, kind, to)
	}
	toUnit, toKind, err := unitOf(own)
	if err != nil {
		return err
	}
	if fromUnit == toUnit || slices.Contains(allowed[kind], toKind) {
		return nil
	}
	if _, ok := exceptions[[2]string{fromUnit, toUnit}]; ok {
		return nil
	}
	return fmt.Errorf("%s is %s and imports %s, which is %s. The rule: %s. Why: %s. See docs/architecture.md, \"Layout and import rules\"",
		from, kind, own, toKind, sentence(kind), reasons[kind])
}

// checkForeign judges an import from outside the module; only the innermost
// kinds are bound there.
func checkForeign(from string, kind Kind, to string) error {
	if kind != Nouns && kind != Pure {
		return nil
	}
	if kind == Nouns && strings.Contains(strings.SplitN(to, "/", 2)[0], ".") {
		return fmt.Errorf("%s is %s and imports %s. The rule: NOUNS import only the standard library. Why: %s. See docs/architecture.md, \"Layout and import rules\"",
			from, kind, to, reasons[Nouns])
	}
	if isImpure(to) {
		return fmt.Errorf("%s is %s and imports %q. The rule: NOUNS and PURE do no input or output, so they import none of %s. Why: %s. See docs/architecture.md, \"Layout and import rules\"",
			from, kind, to, strings.Join(impure, ", "), reasons[Pure])
	}
	return nil
}

func isImpure(path string) bool {
	if slices.Contains(stillPure, path) {
		return false
	}
	return slices.ContainsFunc(impure, func(bad string) bool {
		return path == bad || strings.HasPrefix(path, bad+"/")
	})
}

// sentence says the rule of a kind.
func sentence(kind Kind) string {
	if len(allowed[kind]) == 0 {
		return string(kind) + " import no package of this module"
	}
	names := make([]string, len(allowed[kind]))
	for i, k := range allowed[kind] {
		names[i] = string(k)
	}
	return fmt.Sprintf("%s may import only %s", kind, strings.Join(names, ", "))
}

// unitOf finds the package of the table to which a folder belongs.
func unitOf(folder string) (string, Kind, error) {
	for at := folder; at != ""; {
		if kind, ok := units[at]; ok {
			return at, kind, nil
		}
		cut := strings.LastIndexByte(at, '/')
		if cut < 0 {
			break
		}
		at = at[:cut]
	}
	return "", "", fmt.Errorf("the folder %s has no place in the layout. The rule: every package has a kind, because its kind says what it may import. Add it to the table of docs/architecture.md and to units in test/depcheck/rules.go, or put the code where it belongs", folder)
}
