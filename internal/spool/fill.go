package spool

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"
	"unicode"
)

// PatternValues are what the patterns of a pipeline stand for, for one object.
type PatternValues struct {
	Bucket string    // {bucket}
	Key    string    // {key}; {folder} is what stands before its last slash, {name} its file name without the last extension
	GUID   string    // {guid}: of the video record
	UUID   string    // {uuid}: new for each job, the same wherever it stands
	Time   time.Time // {date}: its UTC date, 2006-01-02
}

// PatternNames are the names that Expand knows, in the order of the documentation.
func PatternNames() []string {
	return []string{"name", "folder", "guid", "uuid", "date", "key", "bucket"}
}

func (v PatternValues) value(name string) (string, bool) {
	switch name {
	case "name":
		if n := BaseName(v.Key); strings.Trim(n, ".") != "" {
			return n, true
		}
		return path.Base(v.Key), true // ".mp4" and "...mp4": what is left would be no name
	case "folder":
		if i := strings.LastIndexByte(v.Key, '/'); i >= 0 {
			return v.Key[:i], true
		}
		return "", true
	case "guid":
		return v.GUID, true
	case "uuid":
		return v.UUID, true
	case "date":
		return v.Time.UTC().Format(time.DateOnly), true
	case "key":
		return v.Key, true
	case "bucket":
		return v.Bucket, true
	}
	return "", false
}

// Expand replaces the patterns of a text. What stands in braces and is no
// pattern is an error, so that a slip of the pen never becomes a folder name.
// Values are put in once: braces in a key mean nothing.
func (v PatternValues) Expand(text string) (string, error) {
	return v.expand(text, func(s string) string { return s })
}

func (v PatternValues) expand(text string, clean func(string) string) (string, error) {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", fmt.Errorf("%q: the brace is never closed", "{"+rest)
		}
		value, known := v.value(name)
		if !known {
			return "", fmt.Errorf("unknown pattern {%s}: use one of {%s}", name, strings.Join(PatternNames(), "}, {"))
		}
		out.WriteString(clean(value))
		text = after
	}
}

// FilledJob is a pipeline's job, made ready for one object.
type FilledJob struct {
	Request      json.RawMessage // CreateJob request in wire form
	Queue        string          // bare name; "" when neither pipeline nor job names one
	Destinations []string        // by output-group position; "" for a group without one
	UserMetadata map[string]string
}

// Fill makes the request for one object: the first input's file input is the
// object, destinations, user metadata, queue and priority are the pipeline's
// where it has them, and everything else is the job's, unchanged. Field names
// may begin with a capital or not, as the console exports both.
//
// User metadata may only hold letters, digits and " _.:/=+-@", 256 of them
// (behaviour.md 1.10): other characters of a filled-in value become "_", and
// an entry whose value ends up empty is left out.
func (p Pipeline) Fill(v PatternValues) (FilledJob, error) {
	root, err := p.decodeJob()
	if err != nil {
		return FilledJob{}, err
	}
	settings, ok := root.object("settings")
	if !ok {
		return FilledJob{}, errors.New("the job has no settings: give a CreateJob request or bare job settings")
	}
	if err := settings.setInput(S3URI(v.Bucket, v.Key)); err != nil {
		return FilledJob{}, err
	}
	filled := FilledJob{}
	if filled.Destinations, err = settings.setDestinations(p.Destinations, v); err != nil {
		return FilledJob{}, err
	}
	if filled.UserMetadata, err = p.fillMetadata(root, v); err != nil {
		return FilledJob{}, err
	}
	if p.Queue != "" {
		root.set("queue", p.Queue)
	}
	if p.Priority != nil {
		root.set("priority", *p.Priority)
	}
	if q, ok := root.get("queue"); ok {
		name, _ := q.(string)
		filled.Queue = ResourceName(name)
	}
	if filled.Request, err = json.Marshal(root); err != nil {
		return FilledJob{}, fmt.Errorf("write the filled job: %w", err)
	}
	return filled, nil
}

func (p Pipeline) decodeJob() (node, error) {
	dec := json.NewDecoder(bytes.NewReader(p.Job))
	dec.UseNumber()
	var root node
	if err := dec.Decode(&root); err != nil {
		return nil, fmt.Errorf("the job is not a JSON object: %w", err)
	}
	if root == nil {
		return nil, errors.New("the job is null")
	}
	if job, ok := root.object("job"); ok && len(root) == 1 { // as exported by GetJob
		root = job
	}
	if _, ok := root.get("settings"); ok {
		return root, nil
	}
	_, inputs := root.get("inputs")
	_, groups := root.get("outputGroups")
	if inputs || groups { // bare settings
		return node{"settings": map[string]any(root)}, nil
	}
	return root, nil
}

func (p Pipeline) fillMetadata(root node, v PatternValues) (map[string]string, error) {
	metadata := map[string]string{}
	old, _ := root.get("userMetadata")
	if m, ok := old.(map[string]any); ok {
		for key, value := range m {
			text, ok := value.(string)
			if !ok {
				return nil, fmt.Errorf("the job's user metadata %q is not a text", key)
			}
			metadata[key] = text
		}
	}
	for key, pattern := range p.UserMetadata {
		value, err := v.expand(pattern, metadataText)
		if err != nil {
			return nil, fmt.Errorf("user metadata %q: %w", key, err)
		}
		if r := []rune(value); len(r) > 256 {
			value = string(r[:256])
		}
		if value = strings.TrimSpace(value); value == "" {
			delete(metadata, key)
			continue
		}
		metadata[key] = value
	}
	if len(metadata) > 0 {
		root.set("userMetadata", metadata)
	} else {
		root.remove("userMetadata")
	}
	return metadata, nil
}

func metadataText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || strings.ContainsRune(" _.:/=+-@", r) {
			return r
		}
		return '_'
	}, s)
}

// node is a JSON object whose member names may begin with a capital.
type node map[string]any

func (n node) name(key string) string {
	if _, ok := n[key]; ok {
		return key
	}
	capital := strings.ToUpper(key[:1]) + key[1:]
	if _, ok := n[capital]; ok {
		return capital
	}
	for other := range n { // a new member follows its siblings' style
		if unicode.IsUpper([]rune(other + "x")[0]) {
			return capital
		}
		break
	}
	return key
}

func (n node) get(key string) (any, bool) {
	v, ok := n[n.name(key)]
	return v, ok
}

func (n node) object(key string) (node, bool) {
	v, _ := n.get(key)
	m, ok := v.(map[string]any)
	return m, ok
}

func (n node) set(key string, value any) { n[n.name(key)] = value }

func (n node) remove(key string) { delete(n, n.name(key)) }

func (n node) setInput(uri string) error {
	inputs, ok := n.get("inputs")
	if !ok || inputs == nil {
		n.set("inputs", []any{map[string]any{"fileInput": uri}})
		return nil
	}
	list, ok := inputs.([]any)
	if !ok {
		return errors.New("the job's inputs are not a list")
	}
	if len(list) == 0 {
		n.set("inputs", []any{map[string]any{"fileInput": uri}})
		return nil
	}
	first, ok := list[0].(map[string]any)
	if !ok {
		return errors.New("the job's first input is not an object")
	}
	node(first).set("fileInput", uri)
	return nil
}

func (n node) setDestinations(patterns []string, v PatternValues) ([]string, error) {
	value, _ := n.get("outputGroups")
	groups, _ := value.([]any)
	if len(patterns) > len(groups) {
		return nil, fmt.Errorf("%d destinations are given, but the job has %d output groups", len(patterns), len(groups))
	}
	filled := make([]string, len(groups))
	for i, g := range groups {
		group, ok := g.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("output group %d of the job is not an object", i)
		}
		settings, err := node(group).groupSettings()
		if err != nil {
			return nil, fmt.Errorf("output group %d of the job: %w", i, err)
		}
		if i < len(patterns) && patterns[i] != "" {
			destination, err := v.destination(patterns[i])
			if err != nil {
				return nil, fmt.Errorf("destination %d: %w", i, err)
			}
			settings.set("destination", destination)
		}
		own, _ := settings.get("destination")
		filled[i], _ = own.(string)
	}
	return filled, nil
}

// destination fills one destination. An empty {folder} leaves no empty path part.
func (v PatternValues) destination(pattern string) (string, error) {
	uri, err := v.Expand(pattern)
	if err != nil {
		return "", err
	}
	bucket, key, err := ParseS3URI(uri)
	if err != nil {
		return "", err
	}
	for strings.Contains(key, "//") {
		key = strings.ReplaceAll(key, "//", "/")
	}
	return S3URI(bucket, strings.TrimPrefix(key, "/")), nil
}

// groupSettings finds the settings of an output group that its type names, such
// as hlsGroupSettings for HLS_GROUP_SETTINGS; without a type, the only ones.
func (n node) groupSettings() (node, error) {
	all, ok := n.object("outputGroupSettings")
	if !ok {
		return nil, errors.New("it has no output group settings")
	}
	kind, _ := all.get("type")
	typeName, _ := kind.(string)
	wanted := strings.ReplaceAll(typeName, "_", "")
	var found []node
	for name, value := range all {
		m, ok := value.(map[string]any)
		if !ok || !strings.HasSuffix(strings.ToLower(name), "groupsettings") {
			continue
		}
		if strings.EqualFold(name, wanted) {
			return m, nil
		}
		found = append(found, m)
	}
	if wanted != "" || len(found) != 1 {
		return nil, fmt.Errorf("its settings for type %q are missing", typeName)
	}
	return found[0], nil
}
