package web

import (
	"strings"
	"testing"

	"nurture/cadence/uld"
)

func TestFormPageStandsAlone(t *testing.T) {
	t.Parallel()
	criteria := []uld.Criterion{
		{Key: "budget", Question: "Is there a <budget>?", Type: uld.AnswerYesNo},
		{Key: "when", Dimension: uld.TimeFrame, Question: "When?", Type: uld.AnswerMonths},
	}
	got, err := FormPage(criteria, "Kestrel", "de-AT")
	if err != nil {
		t.Fatal(err)
	}
	html := string(got)
	for _, want := range []string{`<html lang="de">`, "<style>\n", "Is there a &lt;budget&gt;?", `<option value="3">`, `<span>Ja</span>`, `<form method="dialog">`, "Kestrel"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"<link", `method="post"`} {
		if strings.Contains(html, not) {
			t.Errorf("the page has %q: it needs something else, or sends", not)
		}
	}
}
