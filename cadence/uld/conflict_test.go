package uld_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

func TestAnswersInMonthsAreComparedByWhenTheyMean(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		held, new float64
		on        string // the day of the newer; the one held is of 2026-01-02
		against   bool
	}{
		{"the same day, told five months later", 6, 1, "2026-06-01", false},
		{"the same words five months later put it off", 6, 6, "2026-06-01", true},
		{"said in whole months", 4, 3, "2026-02-15", false},
		{"sooner", 6, 1, "2026-01-03", true},
		{"a month sooner", 4, 3, "2026-01-03", true},
		{"a month later", 3, 4, "2026-01-03", true},
		{"past, and now", 1, 0, "2026-06-01", false},
		{"past, and still ahead", 1, 3, "2026-06-01", true},
	} {
		v := uld.Evaluate(course(), but(ready(), human(4, "decision", num(tc.held), "2026-01-02"), self(5, "employees", num(250), "2026-01-10")), false, now)
		if len(v.Conflicts) != 0 {
			t.Fatalf("%s: conflicts before: %v", tc.name, v.Conflicts)
		}
		facts := append(but(ready(), human(4, "decision", num(tc.held), "2026-01-02")), self(9, "decision", num(tc.new), tc.on))
		v = uld.Evaluate(course(), facts, false, now)
		if got := len(v.Conflicts) == 1 && slices.Contains(v.Verify, "decision"); got != tc.against || len(v.Conflicts) > 1 {
			t.Errorf("%s: conflicts %v, verify %v; want one: %v", tc.name, v.Conflicts, v.Verify, tc.against)
		}
	}
}

// However far apart they are given, two answers about one day agree, and two about days a month apart do not.
func TestConflictsInMonthsAreAboutTheDayThatIsMeant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := course().Criteria[4]
		first := now.AddDate(0, 0, -rapid.IntRange(1, 700).Draw(t, "days ago"))
		second := first.Add(time.Duration(rapid.IntRange(1, 100_000).Draw(t, "hours later")) * time.Hour)
		decides := second.AddDate(0, 0, rapid.IntRange(0, 900).Draw(t, "days until the decision"))
		later := decides.AddDate(0, 0, rapid.IntRange(31, 900).Draw(t, "days put off"))
		about := func(on, at time.Time, id int64, class uld.Class) uld.Fact {
			v, err := c.ParseAnswer(on.Format(time.DateOnly), at)
			if err != nil {
				t.Fatal(err)
			}
			return uld.Fact{ID: id, Criterion: c.Key, Class: class, At: at, Value: v}
		}
		conflicts := func(held, newer time.Time) int {
			facts := []uld.Fact{about(held, first, 1, uld.HumanConfirmed), about(newer, second, 2, uld.SelfAsserted)}
			return len(uld.Judge(course(), facts, false, second.AddDate(0, 0, rapid.IntRange(0, 900).Draw(t, "days until judged"))).Conflicts)
		}
		if n := conflicts(decides, decides); n != 0 {
			t.Fatal("two answers about one day conflict")
		}
		if conflicts(decides, later) != 1 || conflicts(later, decides) != 1 {
			t.Fatal("two answers about different days do not conflict")
		}
	})
}

// Other numbers do not age.
func TestConflictsInNumbersAreAboutTheNumber(t *testing.T) {
	t.Parallel()
	facts := but(ready(), human(1, "employees", predicate.Number(60), "2025-01-01"))
	if v := uld.Evaluate(course(), append(facts, self(9, "employees", num(60), "2026-01-01")), false, now); len(v.Conflicts) != 0 {
		t.Errorf("the same number conflicts: %v", v.Conflicts)
	}
	if v := uld.Evaluate(course(), append(facts, self(9, "employees", num(60.2), "2026-01-01")), false, now); len(v.Conflicts) != 1 {
		t.Error("another number does not conflict")
	}
}
