package predicate_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence/predicate"
)

func date(s string) predicate.Value {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		panic(err)
	}
	return predicate.Date(t)
}

func TestValueString(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		value predicate.Value
		want  string
	}{
		{predicate.Value{}, ""},
		{predicate.Text(" Head of IT "), " Head of IT "},
		{predicate.Text("a\x00b\xff"), "ab\uFFFD"},
		{predicate.Number(12), "12"},
		{predicate.Number(12.5), "12.5"},
		{predicate.Number(math.Copysign(0, -1)), "0"},
		{predicate.Number(250000000), "250000000"},
		{predicate.Number(1e18), "1e+18"},
		{predicate.Number(-1e-12), "-1e-12"},
		{predicate.Bool(true), "yes"},
		{predicate.Bool(false), "no"},
		{date("2026-01-15"), "2026-01-15"},
		{predicate.Value{Kind: "colour"}, ""},
	} {
		if got := tc.value.String(); got != tc.want {
			t.Errorf("%#v: got %q, want %q", tc.value, got, tc.want)
		}
	}
}

func TestDateTakesTheDayThatTheTimeShows(t *testing.T) {
	t.Parallel()
	auckland := time.FixedZone("NZDT", 13*3600)
	got := predicate.Date(time.Date(2026, 1, 15, 3, 30, 0, 0, auckland)) // 14 January in UTC
	if want := date("2026-01-15"); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestZeroAndBlank(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		value       predicate.Value
		zero, blank bool
	}{
		{predicate.Value{}, true, true},
		{predicate.Text(""), false, true},
		{predicate.Text(" \t"), false, true},
		{predicate.Text("none"), false, false},
		{predicate.Number(0), false, false},
		{predicate.Bool(false), false, false},
	} {
		if tc.value.IsZero() != tc.zero || tc.value.Blank() != tc.blank {
			t.Errorf("%#v: IsZero %v, Blank %v", tc.value, tc.value.IsZero(), tc.value.Blank())
		}
	}
}

func TestValueJSON(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		value predicate.Value
		want  string
	}{
		{predicate.Value{}, `null`},
		{predicate.Text("DE"), `"DE"`},
		{predicate.Text("12"), `"12"`},
		{predicate.Value{Kind: predicate.KindText, Text: "nul\x00"}, `"nul"`},
		{predicate.Number(12), `12`},
		{predicate.Number(-0.5), `-0.5`},
		{predicate.Bool(true), `true`},
		{predicate.Bool(false), `false`},
		{date("2026-01-15"), `{"date":"2026-01-15"}`},
	} {
		got, err := json.Marshal(tc.value)
		if err != nil || string(got) != tc.want {
			t.Errorf("marshal %#v: got %s, %v; want %s", tc.value, got, err, tc.want)
		}
	}
}

func TestValueJSONCannotWrite(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]predicate.Value{
		"finite":  predicate.Number(math.NaN()),
		"+Inf":    predicate.Number(math.Inf(1)),
		"10000":   predicate.Date(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)),
		"unknown": {Kind: "colour"},
	} {
		if got, err := json.Marshal(v); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v: got %s, %v; want an error with %q", v, got, err, name)
		}
	}
}

func TestValueJSONRejects(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		``, `nil`, `"open`, `tru`, `[1]`, `1e999`, `{}`, `{"date":null}`, `{"date":"15.01.2026"}`, `{"date":"2026-02-30"}`,
		`{"date":"2026-01-15","time":"x"}`, `{"day":"2026-01-15"}`, `{"date":3}`,
	} {
		var v predicate.Value
		if err := v.UnmarshalJSON([]byte(in)); err == nil {
			t.Errorf("%s: read as %#v, want an error", in, v)
		}
	}
}

func TestValueJSONRoundTrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.OneOf(
			rapid.Just(predicate.Value{}),
			rapid.Map(rapid.String(), predicate.Text),
			rapid.Map(rapid.Float64(), predicate.Number),
			rapid.Map(rapid.Bool(), predicate.Bool),
			rapid.Map(rapid.IntRange(-719_000, 2_900_000), func(days int) predicate.Value {
				return predicate.Date(time.Unix(int64(days)*86400, 0).UTC())
			}),
		).Draw(t, "value")
		data, err := json.Marshal(map[string]predicate.Value{"answer": v})
		if err != nil {
			t.Fatalf("marshal: %v", err)
		}
		got := map[string]predicate.Value{"answer": predicate.Text("left over")}
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("unmarshal %s: %v", data, err)
		}
		if got["answer"] != v {
			t.Fatalf("%#v became %#v by way of %s", v, got["answer"], data)
		}
	})
}

func TestAs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		value predicate.Value
		kind  predicate.Kind
		want  predicate.Value // zero: does not read
	}{
		{predicate.Text(" 12.5 "), predicate.KindNumber, predicate.Number(12.5)},
		{predicate.Text("1e3"), predicate.KindNumber, predicate.Number(1000)},
		{predicate.Text("inf"), predicate.KindNumber, predicate.Value{}},
		{predicate.Text("0x10"), predicate.KindNumber, predicate.Value{}},
		{predicate.Text("soon"), predicate.KindNumber, predicate.Value{}},
		{predicate.Text(""), predicate.KindNumber, predicate.Value{}},
		{predicate.Text("Y"), predicate.KindBool, predicate.Bool(true)},
		{predicate.Text("False"), predicate.KindBool, predicate.Bool(false)},
		{predicate.Text("maybe"), predicate.KindBool, predicate.Value{}},
		{predicate.Text("2026-01-15"), predicate.KindDate, date("2026-01-15")},
		{predicate.Text("January"), predicate.KindDate, predicate.Value{}},
		{predicate.Number(3), predicate.KindText, predicate.Text("3")},
		{predicate.Number(3), predicate.KindNumber, predicate.Number(3)},
		{predicate.Number(3), predicate.KindBool, predicate.Value{}},
		{predicate.Bool(true), predicate.KindDate, predicate.Value{}},
		{predicate.Value{}, predicate.KindText, predicate.Value{}},
		{predicate.Text("x"), "colour", predicate.Value{}},
	} {
		got, ok := tc.value.As(tc.kind)
		if ok != !tc.want.IsZero() || ok && got != tc.want {
			t.Errorf("%#v as %s: got %#v, %v", tc.value, tc.kind, got, ok)
		}
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b predicate.Value
		want bool
	}{
		{predicate.Text("Head of IT"), predicate.Text(" head of it "), true},
		{predicate.Text("none"), predicate.Text("None"), true},
		{predicate.Text("a"), predicate.Text("b"), false},
		{predicate.Text("12"), predicate.Number(12), true},
		{predicate.Bool(true), predicate.Text("yes"), true},
		{predicate.Bool(true), predicate.Bool(false), false},
		{date("2026-01-15"), date("2026-01-15"), true},
		{date("2026-01-15"), predicate.Number(3), false},
		{predicate.Value{}, predicate.Value{}, false},
		{predicate.Text(" "), predicate.Text(" "), false},
		{predicate.Value{Kind: "colour"}, predicate.Value{Kind: "colour"}, false},
	} {
		if got := tc.a.Same(tc.b); got != tc.want || tc.b.Same(tc.a) != tc.want {
			t.Errorf("%#v and %#v: got %v, want %v both ways", tc.a, tc.b, got, tc.want)
		}
	}
}
