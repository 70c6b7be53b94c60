package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/dash"
	"spool/internal/spool"
)

// Pack says how the streams of a DASH or CMAF group are packaged.
type Pack struct {
	Manifest string `json:"manifest"` // staged: in it the packager tells what it wrote
	Single   bool   `json:"single,omitempty"`
	// Segment is the distance of the grid that segments begin on.
	Segment time.Duration `json:"segment"`
	// MinSegment is the shortest last segment; a shorter one joins the one before.
	MinSegment time.Duration `json:"minSegment,omitempty"`
	Encrypted  *Encrypted    `json:"encrypted,omitempty"`
}

// Packed is one stream of an output, packaged.
type Packed struct {
	ID     string `json:"id"`     // of the DASH Representation
	Kind   string `json:"kind"`   // video | audio
	Track  int    `json:"track"`  // which of the output's audio
	Staged string `json:"staged"` // begins the names of the staged files
	Ext    string `json:"ext"`    // ends them
	// Init is the key of the initialization segment; "" for a single file.
	Init string `json:"init,omitempty"`
	// Media is the template of the keys of segments (dash.Fill), or the key of the
	// single file.
	Media       string `json:"media"`
	ContentType string `json:"contentType"`
	Language    string `json:"language,omitempty"`
	Label       string `json:"label,omitempty"`
	Alternate   bool   `json:"alternate,omitempty"` // not the sound that plays unless another is chosen
	Trick       bool   `json:"trick,omitempty"`     // key frames only
}

// StagedInit gives the staged name of the initialization segment, or of the
// single file.
func (p Packed) StagedInit(single bool) string {
	if single {
		return p.Staged + p.Ext
	}
	return p.Staged + "init" + p.Ext
}

// StagedSegment gives the staged name of segment n, counted from 1.
func (p Packed) StagedSegment(n int) string { return fmt.Sprintf("%s_%09d%s", p.Staged, n, p.Ext) }

// Dash says how a group's DASH manifest is written (behaviour.md 4.5, 5.7).
type Dash struct {
	Key       string         `json:"key"`
	Profiles  []dash.Profile `json:"profiles"`
	Style     dash.Style     `json:"style"`
	Timeline  bool           `json:"timeline,omitempty"` // exact lengths instead of an approximate one
	MinBuffer time.Duration  `json:"minBuffer"`
	BaseURL   string         `json:"baseUrl,omitempty"`
	// More manifests, each of some of the outputs.
	More []MoreMaster `json:"more,omitempty"`
	// MaxBandwidth says the maximum bitrate of the job as the bandwidth of video
	// instead of the average of what came out.
	MaxBandwidth bool `json:"maxBandwidth,omitempty"`
	// DolbyChannels describes Dolby audio by Dolby's scheme instead of MPEG's.
	DolbyChannels bool `json:"dolbyChannels,omitempty"`
}

// packing plans a DASH or CMAF group.
type packing struct {
	*builder
	i        int // index of the group
	base     string
	single   bool
	cmaf     bool           // CMAF's file extensions
	hls      bool           // playlists of HLS beside or instead of the DASH manifest
	segment  int            // s
	fragment int            // s
	length   spool.Rational // of segments, seconds
	every    spool.Rational // distance of key frames, seconds
	object   string         // of the group's settings
	signed   bool           // composition offsets may be negative, instead of an edit list
	trick    string         // name modifier of the stream of key frames; "" is none
	small    smallest
	group    Group
	streams  []string // the packager's stream descriptors
	encrypt  *Encrypted
	secrets  []string
	announce *Encryption // where HLS players find the key
}

// outputs plans all outputs of the group and the task that packages them.
func (p *packing) outputs(og *types.OutputGroup) error {
	for j := range og.Outputs {
		var out Output
		var err error
		if isSidecar(&og.Outputs[j]) {
			out, err = p.captions(j, &og.Outputs[j])
		} else {
			out, err = p.output(j, &og.Outputs[j])
		}
		if err != nil {
			return err
		}
		p.group.Outputs = append(p.group.Outputs, out)
	}
	if err := p.trickPlay(); err != nil {
		return err
	}
	nameSubtitles(p.group.Outputs)
	if len(p.streams) == 0 {
		return spool.Failf(spool.CodeIncompatible, "/outputGroups/%d: the group has captions alone; it needs an output with a picture or a sound.", p.i)
	}
	args := append(p.streams, "--mpd_output="+p.group.Pack.Manifest)
	if !p.single {
		args = append(args, "--generate_static_live_mpd", "--generate_sidx_in_media_segments=false")
	}
	args = append(args, p.fragmentArgs()...)
	if p.encrypt != nil {
		args = append(args, p.encrypt.args(short(p.group.Pack.Segment))...)
	}
	p.packages = append(p.packages, Task{
		ID: fmt.Sprintf("package_g%d", p.i), Tool: ToolPackager, Args: args, Secrets: p.secrets, Duration: p.prog.duration,
	})
	return nil
}

// short writes a length a microsecond short: the packager cuts it down to whole
// ticks, and a grid one tick too wide would miss the frame that is due.
func short(d time.Duration) string {
	return strconv.FormatFloat((d - time.Microsecond).Seconds(), 'f', 6, 64)
}

// cadence is the distance of key frames that a group needs, in seconds: every
// fragment begins with one.
func (p *packing) cadence() int {
	if p.fragment > 0 && p.segment%p.fragment == 0 {
		return p.fragment
	}
	return p.segment
}

func (p *packing) output(j int, o *types.Output) (Output, error) {
	enc, sounds, out, err := p.encodes(p.i, j, o, p.cadence())
	if err != nil {
		return out, err
	}
	p.place(enc)
	out.Kind = KindPacked
	names := p.names(enc, sounds, "mpd")
	name := dash.Literal(p.base) + names.template(aws.ToString(o.NameModifier), !p.cmaf)
	add := func(s Packed, mezzanine, suffix string) error {
		s.Staged = fmt.Sprintf("g%d_o%d_%d", p.i, j, len(out.Packed))
		s.ID = strconv.Itoa(j + 1)
		if len(out.Packed) > 0 {
			s.ID += "_" + strconv.Itoa(len(out.Packed)+1)
		}
		p.keys(&s, name+suffix)
		for _, key := range []string{s.Init, dash.Fill(s.Media, dash.Values{Number: 1})} {
			if key != "" && spool.CheckKey(key) != nil {
				return spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: %s.", p.i, j, spool.CheckKey(key))
			}
		}
		out.Packed = append(out.Packed, s)
		p.streams = append(p.streams, p.descriptor(s, mezzanine))
		return nil
	}
	if enc != nil {
		s := Packed{Kind: "video", Ext: ".mp4", ContentType: "video/mp4"}
		if p.cmaf {
			s.Ext = ".cmfv"
		}
		mezzanine := p.packable(p.videoMezzanine(enc))
		if err := add(s, mezzanine, ""); err != nil {
			return out, err
		}
		if p.small.mezzanine == "" || enc.geo.width < p.small.width {
			p.small = smallest{output: j, width: enc.geo.width, mezzanine: mezzanine, names: names, stream: s}
		}
	}
	for k, a := range sounds {
		s := Packed{Kind: "audio", Track: k, Ext: ".mp4", ContentType: "audio/mp4", Language: a.language, Label: aws.ToString(o.AudioDescriptions[a.index].StreamName)}
		if p.cmaf {
			s.Ext = ".cmfa"
		}
		suffix := ""
		if len(out.Packed) > 0 {
			suffix = "_audio" + strings.TrimPrefix(strconv.Itoa(k+1), "1")
		}
		if err := add(s, p.soundMezzanine(a), suffix); err != nil {
			return out, err
		}
	}
	out.Key = dash.Fill(out.Packed[0].Media, dash.Values{Representation: out.Packed[0].ID, Number: 1})
	out.ContentType = out.Packed[0].ContentType
	if p.hls {
		out.Key = dash.Fill(name, dash.Values{Representation: out.Packed[0].ID, Number: 1}) + ".m3u8"
		out.HLS = &HLS{}
		if enc != nil && cmfc(o).IFrameOnlyManifest == types.CmfcIFrameOnlyManifestInclude {
			out.HLS.IFrames = IFrameRanges
		}
		if len(sounds) > 0 {
			out.HLS.language = sounds[0].language
		}
	}
	if m := o.ContainerSettings; m != nil && m.MpdSettings != nil && m.MpdSettings.AccessibilityCaptionHints == types.MpdAccessibilityCaptionHintsInclude {
		out.CaptionHints = p.captionHints(o)
	}
	if out.Video != nil {
		out.Video.Range = videoRange(enc)
	}
	return out, nil
}

// videoRange says of an encode what VIDEO-RANGE says in HLS.
func videoRange(e *encoding) string {
	if i := slices.Index(e.args, "-color_trc"); i >= 0 && i+1 < len(e.args) {
		switch e.args[i+1] {
		case "smpte2084":
			return "PQ"
		case "arib-std-b67":
			return "HLG"
		}
	}
	return "SDR"
}

// keys names the files of a stream (behaviour.md 4.5). $Number$ and $Time$ take
// the place of the nine-digit number.
func (p *packing) keys(s *Packed, name string) {
	if p.single {
		s.Media = dash.Fill(name, dash.Values{Representation: s.ID, Number: 1}) + s.Ext
		return
	}
	s.Media = name + "_$Number%09d$" + s.Ext
	if dash.Uses(name, dash.IDNumber) || dash.Uses(name, dash.IDTime) {
		s.Media = name + s.Ext
	}
	// the service leaves the identifiers standing in this name
	s.Init = strings.ReplaceAll(name, "$$", "$") + "init" + s.Ext
}

func (p *packing) descriptor(s Packed, mezzanine string) string {
	d := "in=" + mezzanine + ",stream=" + s.Kind
	if p.single {
		d += ",output=" + s.StagedInit(true)
	} else {
		d += ",init_segment=" + s.StagedInit(false) + ",segment_template=" + s.Staged + "_$Number%09d$" + s.Ext
	}
	return d + ",format=mp4"
}

// packable gives the file of an encode whose composition offsets are in the form
// that the group asks for. Without negative ones an edit list moves the picture
// to the beginning.
func (p *packing) packable(mezzanine string) string {
	if !p.signed {
		return mezzanine
	}
	staged := strings.TrimSuffix(mezzanine, ".mp4") + "s.mp4"
	for _, t := range p.packages {
		if t.ID == "sign_"+mezzanine {
			return staged
		}
	}
	p.packages = append(p.packages, Task{
		ID: "sign_" + mezzanine, Tool: ToolFFmpeg, Duration: p.prog.duration,
		Args: []string{"-protocol_whitelist", "file", "-f", "mp4", "-i", Work + "/" + mezzanine, "-map", "0", "-c", "copy",
			"-map_metadata", "-1", "-movflags", "negative_cts_offsets", "-f", "mp4", Work + "/" + staged},
	})
	return staged
}

// template expands a name modifier to a template: DASH's own identifiers stay in
// DASH groups (behaviour.md 4.3), and every other dollar is escaped.
func (v ids) template(modifier string, own bool) string {
	var out strings.Builder
	for modifier != "" {
		before, rest, ok := strings.Cut(modifier, "$")
		out.WriteString(before)
		if !ok {
			break
		}
		name, after, closed := strings.Cut(rest, "$")
		id, _, _ := strings.Cut(name, "%0")
		switch {
		case own && closed && (id == dash.IDNumber || id == dash.IDTime || id == dash.IDBandwidth || id == dash.IDRepresentation):
			out.WriteString("$" + name + "$")
			modifier = after
			continue
		case closed:
			if value, known := v.lookup(name, inModifier); known {
				out.WriteString(dash.Literal(value))
				modifier = after
				continue
			}
		}
		out.WriteString("$$")
		modifier = rest
	}
	return out.String()
}

// packageKeys are the keys of a group's manifests and first segments, but for
// those of an HLS master playlist.
func (g Group) packageKeys() []string {
	var keys []string
	if g.Dash != nil {
		keys = append(keys, g.Dash.Key)
		for _, more := range g.Dash.More {
			keys = append(keys, more.Key)
		}
	}
	if s := g.Smooth; s != nil {
		keys = append(keys, s.Server, s.Client)
		for _, more := range s.More {
			keys = append(keys, more.Key, more.Key+"c")
		}
	}
	for _, o := range g.Outputs {
		if o.Captions != nil && o.Captions.File != nil && o.Captions.File.Key != o.Key {
			keys = append(keys, o.Captions.File.Key)
		}
		if o.Kind == KindPacked && g.Master != nil {
			keys = append(keys, o.Key)
			if o.HLS.IFrames != "" {
				keys = append(keys, o.IFrameKey())
			}
		}
		for _, s := range o.Packed {
			keys = append(keys, cmp.Or(s.Init, s.Media))
		}
	}
	return keys
}
