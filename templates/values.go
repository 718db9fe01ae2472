package templates

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"nurture/internal/oneline"
)

// Data is what a template may name: groups of values, such as Data{"lead": {"first_name": "Ann"}}. Values are strings,
// numbers, booleans, time.Time, anything with a String method, slices of these (printed with commas, or ranged over), and
// for lead.fields and facts a map[string]any or map[string]string. Known tells which names there are. Data is only
// read.
type Data map[string]map[string]any

// printed gives a value as it is printed: trimmed, without control characters, line breaks as spaces; "" for nothing,
// the zero time, and what cannot be printed.
func printed(v any) string {
	s, _ := printable(v)
	return s
}

// printable is printed that also tells whether v is a value at all: a group (map), a struct or a function is not.
func printable(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return oneline.Of(v), true
	case time.Time:
		if v.IsZero() {
			return "", true
		}
		return v.Format("2 January 2006"), true
	case fmt.Stringer:
		if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
			return "", true
		}
		return oneline.Of(v.String()), true
	}
	r := reflect.ValueOf(v)
	switch r.Kind() { //nolint:exhaustive // every other kind is no value
	case reflect.Pointer:
		if r.IsNil() {
			return "", true
		}
		return printable(r.Elem().Interface())
	case reflect.Slice, reflect.Array:
		parts := make([]string, 0, r.Len())
		for i := range r.Len() {
			part, ok := printable(r.Index(i).Interface())
			if !ok {
				return "", false
			}
			if part != "" {
				parts = append(parts, part)
			}
		}
		return strings.Join(parts, ", "), true
	case reflect.String:
		return oneline.Of(r.String()), true
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8,
		reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return fmt.Sprint(v), true
	}
	return "", false
}

// withoutXML takes from a value what a voice provider's XML would take for its own.
func withoutXML(s string) string {
	s = strings.NewReplacer("&", " and ", "<", " ", ">", " ").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}
