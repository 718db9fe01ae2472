package uld_test

import (
	"encoding/json"
	"testing"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

func TestClassNames(t *testing.T) {
	t.Parallel()
	for class, name := range map[uld.Class]string{
		uld.Inferred: "inferred", uld.SelfAsserted: "self_asserted", uld.HumanConfirmed: "human_confirmed",
	} {
		got, err := uld.ParseClass(name)
		if err != nil || got != class || class.String() != name || !class.Valid() {
			t.Errorf("%s: parsed %v, %v; said %s", name, got, err, class)
		}
	}
	if uld.ClassNone.Valid() || uld.ClassNone.String() != "none" {
		t.Errorf("ClassNone is %s, valid %v", uld.ClassNone, uld.ClassNone.Valid())
	}
	if got := uld.Class(9).String(); got != "class(9)" {
		t.Errorf("class 9 is %s", got)
	}
	for _, name := range []string{"", "none", "human-confirmed", "Inferred", "9"} {
		if got, err := uld.ParseClass(name); err == nil {
			t.Errorf("%q parsed as %s", name, got)
		}
	}
}

func TestClassJSON(t *testing.T) {
	t.Parallel()
	in := []uld.Class{uld.ClassNone, uld.Inferred, uld.SelfAsserted, uld.HumanConfirmed}
	data, err := json.Marshal(in)
	if want := `["none","inferred","self_asserted","human_confirmed"]`; err != nil || string(data) != want {
		t.Fatalf("got %s, %v; want %s", data, err, want)
	}
	var out []uld.Class
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	for i := range in {
		if in[i] != out[i] {
			t.Errorf("%s came back as %s", in[i], out[i])
		}
	}
	var c uld.Class
	if err := json.Unmarshal([]byte(`""`), &c); err != nil || c != uld.ClassNone {
		t.Errorf(`"": got %s, %v`, c, err)
	}
	if err := json.Unmarshal([]byte(`"certain"`), &c); err == nil {
		t.Errorf("certain was read as %s", c)
	}
	if data, err := json.Marshal(uld.Class(9)); err == nil {
		t.Errorf("class 9 was written as %s", data)
	}
}

func TestNamesAreValid(t *testing.T) {
	t.Parallel()
	for _, d := range uld.Dimensions() {
		if !d.Valid() {
			t.Errorf("dimension %s is not valid", d)
		}
	}
	kinds := map[uld.AnswerType]predicate.Kind{
		uld.AnswerText: predicate.KindText, uld.AnswerChoice: predicate.KindText, uld.AnswerYesNo: predicate.KindBool,
		uld.AnswerNumber: predicate.KindNumber, uld.AnswerMonths: predicate.KindNumber, uld.AnswerDate: predicate.KindDate,
	}
	for _, a := range uld.AnswerTypes() {
		if !a.Valid() || a.Kind() != kinds[a] {
			t.Errorf("answer type %s: valid %v, kind %s", a, a.Valid(), a.Kind())
		}
	}
	if uld.Dimension("mood").Valid() || uld.AnswerType("essay").Valid() || uld.AnswerType("essay").Kind() != "" {
		t.Error("made-up names are valid")
	}
}
