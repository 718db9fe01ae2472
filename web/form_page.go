package web

import (
	"bytes"
	"fmt"
	"html/template"

	"golang.org/x/text/language"

	"nurture/cadence/uld"
)

// FormPage makes the form with the questions of a definition as a lead sees it, as one page that needs nothing else: for looking at it
// before it is public. It asks in the language (BCP 47) that comes nearest, else in English; what is typed into it goes nowhere.
func FormPage(criteria []uld.Criterion, operator, lang string) ([]byte, error) {
	var body formPage
	for _, c := range criteria {
		body.Fields = append(body.Fields, fieldOf(c, ""))
	}
	_, spoken := language.MatchStrings(matcher, lang)
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "selfqualify.html", page{Title: "A few questions", Operator: operator, Body: body, language: spoken}); err != nil {
		return nil, fmt.Errorf("make the form: %w", err)
	}
	style, err := files.ReadFile("pages/style.css")
	if err != nil {
		return nil, err
	}
	inline := fmt.Sprintf("<style>\n%s</style>", template.CSS(style)) //nolint:gosec // our own style sheet
	alone := bytes.Replace(b.Bytes(), []byte(`<link rel="stylesheet" href="/style.css">`), []byte(inline), 1)
	return bytes.Replace(alone, []byte(`<form method="post">`), []byte(`<form method="dialog">`), 1), nil
}
