package mediaconvert

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
	"sync"
	"time"
)

// The SDK's types carry no JSON tags: the wire name of a field is its Go name
// with the first letter in lower case (checked against the model in a test).

var timeType = reflect.TypeFor[time.Time]()

// wireField is one member of a structure.
type wireField struct {
	name  string // on the wire
	index int
}

var fieldCache sync.Map // reflect.Type → []wireField

// wireFields lists the members of a structure, by wire name.
func wireFields(t reflect.Type) []wireField {
	if known, ok := fieldCache.Load(t); ok {
		return known.([]wireField)
	}
	var fields []wireField
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() {
			fields = append(fields, wireField{lowerFirst(f.Name), i})
		}
	}
	sort.Slice(fields, func(i, j int) bool { return fields[i].name < fields[j].name })
	fieldCache.Store(t, fields)
	return fields
}

func fieldNamed(t reflect.Type, name string) (wireField, bool) {
	fields := wireFields(t)
	i := sort.Search(len(fields), func(i int) bool { return fields[i].name >= name })
	if i < len(fields) && fields[i].name == name {
		return fields[i], true
	}
	return wireField{}, false
}

func lowerFirst(s string) string {
	if s == "" || s[0] < 'A' || s[0] > 'Z' {
		return s
	}
	return string(s[0]+'a'-'A') + s[1:]
}

// decoder turns nodes into the SDK's types and collects what is wrong.
type decoder struct {
	form     Form
	problems *problemList
}

// memberName gives the wire name that a key of a document means.
func (d *decoder) memberName(key string) string {
	if d.form == FormFile {
		return lowerFirst(key)
	}
	return key
}

func (d *decoder) wrongType(pointer, want string, n *node) {
	d.problems.unread(pointer, "Should be of type %s, not %s", want, typeNames[n.kind])
}

func (d *decoder) decode(n *node, v reflect.Value, pointer string) {
	if n.kind == nodeNull {
		return // as absent
	}
	switch v.Kind() {
	case reflect.Pointer:
		target := reflect.New(v.Type().Elem())
		before := len(d.problems.list)
		d.decode(n, target.Elem(), pointer)
		// A scalar that could not be read stays absent; a structure stays, with
		// what could be read, so that all problems are found at once.
		if len(d.problems.list) == before || v.Type().Elem().Kind() == reflect.Struct {
			v.Set(target)
		}
	case reflect.Struct:
		if v.Type() == timeType {
			d.decodeTime(n, v, pointer)
			return
		}
		d.decodeStruct(n, v, pointer)
	case reflect.Slice:
		d.decodeList(n, v, pointer)
	case reflect.Map:
		d.decodeMap(n, v, pointer)
	case reflect.String:
		if n.kind != nodeString {
			d.wrongType(pointer, "string", n)
			return
		}
		// Resolve checks the values of enumerations, with the rest; only an empty
		// one would look as if it were absent.
		if isEnum(v.Type()) && n.text == "" {
			d.problems.unread(pointer, "%s", enumMessage(v.Type()))
			return
		}
		v.SetString(n.text)
	case reflect.Int, reflect.Int32, reflect.Int64:
		d.decodeInt(n, v, pointer)
	case reflect.Float64:
		d.decodeFloat(n, v, pointer)
	case reflect.Bool:
		if n.kind != nodeBool {
			d.wrongType(pointer, "boolean", n)
			return
		}
		v.SetBool(n.text == "true")
	default:
		panic(fmt.Sprintf("mediaconvert: no wire form for %v", v.Type()))
	}
}

func (d *decoder) decodeStruct(n *node, v reflect.Value, pointer string) {
	if n.kind != nodeObject {
		d.wrongType(pointer, "object", n)
		return
	}
	seen := make(map[string]bool, len(n.keys))
	for i, key := range n.keys {
		name := d.memberName(key)
		f, ok := fieldNamed(v.Type(), name)
		at := pointer + "/" + escapePointer(name)
		switch {
		case !ok:
			d.problems.add(pointer+"/"+escapePointer(key), "The member is not known; check its spelling or remove it.")
		case seen[name]:
			d.problems.add(at, "The member is given twice; keep one of them.")
		default:
			seen[name] = true
			d.decode(n.list[i], v.Field(f.index), at)
		}
	}
}

func (d *decoder) decodeList(n *node, v reflect.Value, pointer string) {
	if n.kind != nodeList {
		d.wrongType(pointer, "array", n)
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.list), len(n.list))
	for i, e := range n.list {
		at := pointer + "/" + strconv.Itoa(i)
		if e.kind == nodeNull {
			d.problems.unread(at, "Should not be null")
			continue
		}
		d.decode(e, list.Index(i), at)
	}
	v.Set(list)
}

func (d *decoder) decodeMap(n *node, v reflect.Value, pointer string) {
	if n.kind != nodeObject {
		d.wrongType(pointer, "object", n)
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.keys))
	for i, key := range n.keys {
		e := reflect.New(v.Type().Elem()).Elem()
		if n.list[i].kind == nodeNull && e.Kind() != reflect.String {
			continue // as absent; a tag may be a key alone
		}
		d.decode(n.list[i], e, pointer+"/"+escapePointer(key))
		m.SetMapIndex(reflect.ValueOf(key), e)
	}
	v.Set(m)
}

func (d *decoder) decodeInt(n *node, v reflect.Value, pointer string) {
	if n.kind != nodeNumber {
		d.wrongType(pointer, "integer", n)
		return
	}
	i, err := strconv.ParseInt(n.text, 10, 64)
	if err != nil { // 90.0 and 9e1 are integers too
		f, ferr := strconv.ParseFloat(n.text, 64)
		if ferr != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			d.problems.unread(pointer, "Should be of type integer, not %.40s", n.text)
			return
		}
		i = int64(f)
	}
	if v.OverflowInt(i) {
		d.problems.unread(pointer, "Should be of type integer, between %d and %d", math.MinInt32, math.MaxInt32)
		return
	}
	v.SetInt(i)
}

func (d *decoder) decodeFloat(n *node, v reflect.Value, pointer string) {
	if n.kind != nodeNumber {
		d.wrongType(pointer, "number", n)
		return
	}
	f, err := strconv.ParseFloat(n.text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		d.problems.unread(pointer, "Should be of type number, not %.40s", n.text)
		return
	}
	v.SetFloat(f)
}

func (d *decoder) decodeTime(n *node, v reflect.Value, pointer string) {
	f, err := strconv.ParseFloat(n.text, 64)
	if n.kind != nodeNumber || err != nil || math.Abs(f) > 1e12 {
		d.problems.unread(pointer, "Should be a number of seconds since 1970")
		return
	}
	v.Set(reflect.ValueOf(time.Unix(int64(f), 0).UTC()))
}

// encode appends the wire form of a value: members in order of their names,
// absent ones (nil, empty enum) left out.
func encode(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Pointer:
		return encode(b, v.Elem())
	case reflect.Struct:
		if v.Type() == timeType {
			return strconv.AppendInt(b, v.Interface().(time.Time).Unix(), 10)
		}
		return encodeStruct(b, v)
	case reflect.Slice:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = encode(b, v.Index(i))
		}
		return append(b, ']')
	case reflect.Map:
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
		b = append(b, '{')
		for i, k := range keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, k.String()), ':')
			b = encode(b, v.MapIndex(k))
		}
		return append(b, '}')
	case reflect.String:
		return appendString(b, v.String())
	case reflect.Int, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Float64:
		return strconv.AppendFloat(b, v.Float(), 'g', -1, 64)
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	}
	panic(fmt.Sprintf("mediaconvert: no wire form for %v", v.Type()))
}

func encodeStruct(b []byte, v reflect.Value) []byte {
	b = append(b, '{')
	first := true
	for _, f := range wireFields(v.Type()) {
		if absent(v.Field(f.index)) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, f.name), ':')
		b = encode(b, v.Field(f.index))
	}
	return append(b, '}')
}

// absent tells whether a member is not on the wire. An empty but present list,
// map or structure is there.
func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	}
	return false
}

func appendString(b []byte, s string) []byte {
	if plain(s) { // nearly all are: names, values of enumerations, places
		return append(append(append(b, '"'), s...), '"')
	}
	q, _ := marshal(s) // a string always has a JSON form
	return append(b, q...)
}

// plain tells whether a text has its own bytes as its JSON form.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return false
		}
	}
	return true
}

// marshal is json.Marshal without HTML escapes: URLs keep their "&".
func marshal(v any) (json.RawMessage, error) {
	var b wireBuffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return json.RawMessage(b[:len(b)-1]), nil // Encode ends with a newline
}

type wireBuffer []byte

func (b *wireBuffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}
