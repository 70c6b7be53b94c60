package mediaconvert

import (
	"reflect"
	"slices"
	"strings"
	"sync"
)

var enumCache sync.Map // reflect.Type → []string

// isEnum tells whether a string type is one of the SDK's enumerations: those
// have a method Values.
func isEnum(t reflect.Type) bool {
	return t.Kind() == reflect.String && t != reflect.TypeFor[string]()
}

// enumValues lists the values that the SDK knows for an enumeration.
func enumValues(t reflect.Type) []string {
	if known, ok := enumCache.Load(t); ok {
		return known.([]string)
	}
	var values []string
	if m := reflect.Zero(t).MethodByName("Values"); m.IsValid() {
		list := m.Call(nil)[0]
		for i := range list.Len() {
			values = append(values, list.Index(i).String())
		}
	}
	enumCache.Store(t, values)
	return values
}

func enumHas(t reflect.Type, value string) bool {
	return slices.Contains(enumValues(t), value)
}

// enumMessage is the service's sentence for a value that is not in an
// enumeration (behaviour.md 6.2).
func enumMessage(t reflect.Type) string {
	return `Should be equal to one of the allowed values in ["` + strings.Join(enumValues(t), `","`) + `"]`
}
