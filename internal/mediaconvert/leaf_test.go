package mediaconvert

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// plant sets one leaf of settings to a value, making what lies above it: the
// first element of each list, and the implied audio selector's key in each map.
func plant(v reflect.Value, path []string, set func(reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		plant(v.Elem(), path, set)
	case reflect.Slice:
		if len(path) == 0 { // a list of scalars
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			set(v.Index(0))
			return
		}
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		plant(v.Index(0), path[1:], set)
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		key, e := reflect.ValueOf(defaultSelector), reflect.New(v.Type().Elem()).Elem()
		if old := v.MapIndex(key); old.IsValid() {
			e.Set(old)
		}
		plant(e, path[1:], set)
		v.SetMapIndex(key, e)
	case reflect.Struct:
		if len(path) == 0 { // the object itself, without members
			return
		}
		f, ok := fieldNamed(v.Type(), path[0])
		if !ok {
			panic("no member " + path[0])
		}
		plant(v.Field(f.index), path[1:], set)
	default:
		set(v)
	}
}

// samples gives ways to set a leaf: every value of an enumeration, and a few
// numbers or texts.
func samples(t reflect.Type) []func(reflect.Value) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	var list []func(reflect.Value)
	switch t.Kind() {
	case reflect.String:
		values := enumValues(t)
		values = values[:min(len(values), 7)] // there are hundreds of languages
		if !isEnum(t) {
			values = []string{"", "x", "s3://b/x", "00:00:01:00", "../..", "\x00", "é"}
		}
		for _, s := range values {
			list = append(list, func(v reflect.Value) { v.SetString(s) })
		}
	case reflect.Int32, reflect.Int64:
		for _, n := range []int64{-1 << 31, 0, 2, 48000, 1<<31 - 1} {
			list = append(list, func(v reflect.Value) { v.SetInt(n) })
		}
	case reflect.Float64:
		for _, f := range []float64{-1, 0, 0.5, 2, 1e12} {
			list = append(list, func(v reflect.Value) { v.SetFloat(f) })
		}
	case reflect.Bool:
		list = append(list, func(v reflect.Value) { v.SetBool(true) })
	}
	return list
}

// TestEveryLeaf sets every leaf there is to many values, in an ordinary run to one
// of them that differs from run to run: each is honoured,
// changes nothing, or is spoken of; nothing panics; what resolves survives the
// wire and resolves again to itself.
func TestEveryLeaf(t *testing.T) {
	t.Parallel()
	whole, err := DecodeRequest([]byte(base), FormWire)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := EncodeSettings(whole.Settings)
	if err != nil {
		t.Fatal(err)
	}
	tried, resolved := 0, 0
	rnd := rand.New(rand.NewPCG(firstSeed(t), 0))
	for _, s := range Support() {
		sets := samples(leafType(s.Path))
		if *propertyCases < 1000 {
			i := rnd.IntN(len(sets))
			sets = sets[i : i+1]
		}
		for _, set := range sets {
			settings, err := DecodeSettings(raw)
			if err != nil {
				t.Fatal(err)
			}
			plant(reflect.ValueOf(settings).Elem(), strings.Split(s.Path, "/"), set)
			tried++
			value := reflect.New(scalarType(s.Path)).Elem()
			set(value)
			if checkLeaf(t, s, valueText(value), settings) {
				resolved++
			}
		}
	}
	t.Logf("%d values, %d resolve", tried, resolved)
}

// scalarType gives the type of the values of a leaf.
func scalarType(path string) reflect.Type {
	t := leafType(path)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t
}

func checkLeaf(t *testing.T, s Setting, value string, settings *types.JobSettings) bool {
	t.Helper()
	path := s.Path
	job, err := (&Request{Settings: settings, form: FormFile}).Resolve(nil)
	var problems spool.Problems
	switch {
	case errors.As(err, &problems) && len(problems) > 0:
		return false
	case err != nil:
		t.Errorf("%s: an error that is no list of problems: %v", path, err)
		return false
	}
	if leafType(path).Kind() != reflect.Slice {
		switch v := lookup(path).verdict(value, isEnum(scalarType(path))); {
		case v == Refused:
			t.Errorf("%s: %s is accepted though the table refuses it", path, value)
		case v == Ignored && len(job.Warnings) == 0:
			t.Errorf("%s: %s is ignored without a warning", path, value)
		}
	}
	again, err := DecodeSettings(job.Settings)
	if err != nil {
		t.Errorf("%s: resolved settings do not decode: %v", path, err)
		return false
	}
	twice, err := (&Request{Settings: again, form: FormFile}).Resolve(nil)
	if err != nil || string(twice.Settings) != string(job.Settings) {
		t.Errorf("%s: resolving twice is not resolving once: %v", path, err)
	}
	return true
}
