package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"nurture/cadence/uld"
	"nurture/jobs"
)

// formPage is the form with the questions of the definition, and what was typed into it when something is wrong with that.
type formPage struct {
	Fields   []formField
	Problems int    // fields with one
	Empty    bool   // it came back without any answer
	Nonce    string // tells this form from the next: sent twice it counts once
}

// formField is one question.
type formField struct {
	Name     string // of the input; also the end of its ids
	Question string
	As       string // the block of the page that asks: "options", "select", "number", "date" or "text"
	Options  []formOption
	Value    string // as typed
	Problem  string // "" when there is none
}

// formOption is one answer to choose.
type formOption struct {
	Value, Label string
	Chosen       bool
}

// answerPrefix keeps the names of answers apart from the form's own.
const answerPrefix = "answer."

// askQuestions shows the form. It changes nothing.
func (s *server) askQuestions(w http.ResponseWriter, r *http.Request) {
	criteria, err := s.Engine.Questions(r.Context(), r.PathValue("token"))
	if err != nil {
		s.fail(w, r, err, brokenLink)
		return
	}
	s.renderForm(w, r, http.StatusOK, criteria, nil, formPage{})
}

// takeAnswers takes the form in. What cannot be read is shown beside its field, all at once, with everything as it was typed.
func (s *server) takeAnswers(w http.ResponseWriter, r *http.Request) {
	if !s.publicForm(w, r) {
		return
	}
	answers := map[string]string{}
	for name := range r.PostForm {
		if key, ok := strings.CutPrefix(name, answerPrefix); ok {
			answers[key] = r.PostForm.Get(name)
		}
	}
	tok := r.PathValue("token")
	err := s.Engine.SelfQualify(r.Context(), tok, r.PostForm.Get("nonce"), answers)
	var problems jobs.AnswerProblems
	if errors.As(err, &problems) || errors.Is(err, jobs.ErrUnanswered) {
		criteria, err := s.Engine.Questions(r.Context(), tok)
		if err != nil {
			s.fail(w, r, err, brokenLink)
			return
		}
		s.renderForm(w, r, http.StatusUnprocessableEntity, criteria, answers, formPage{Empty: len(problems) == 0}, problems)
		return
	}
	if err != nil {
		s.fail(w, r, err, brokenLink)
		return
	}
	s.render(w, r, http.StatusOK, "message.html", "Thank you",
		message{"Thank you", "Your answers have arrived. A person reads them, and gets in touch if there is something useful to say."})
}

// renderForm shows the form with what was typed; problems are by the key of the criterion.
func (s *server) renderForm(w http.ResponseWriter, r *http.Request, status int, criteria []uld.Criterion, typed map[string]string, page formPage,
	problems ...jobs.AnswerProblems,
) {
	for _, c := range criteria {
		f := fieldOf(c, strings.ToValidUTF8(typed[c.Key], "\uFFFD"))
		for _, p := range problems {
			f.Problem = sentence(p[c.Key])
			if spoken := s.speaks(r); f.Problem != "" && spoken != 0 { // what exactly is wrong is only known in English
				f.Problem = catalogue[spoken].texts["This answer cannot be read. Please write it differently."]
			}
		}
		if f.Problem != "" {
			page.Problems++
		}
		page.Fields = append(page.Fields, f)
	}
	page.Nonce = rand.Text()
	s.render(w, r, status, "selfqualify.html", "A few questions", page)
}

// fieldOf is how a criterion is asked for.
func fieldOf(c uld.Criterion, typed string) formField {
	f := formField{Name: answerPrefix + c.Key, Question: c.Question, Value: typed, As: "text"}
	switch c.Type {
	case uld.AnswerChoice:
		f.As = "options"
		for _, o := range c.Options {
			f.Options = append(f.Options, formOption{Value: o, Label: sentence(strings.ReplaceAll(o, "_", " "))})
		}
	case uld.AnswerYesNo:
		f.As, f.Options = "options", []formOption{{Value: "yes", Label: "Yes"}, {Value: "no", Label: "No"}}
	case uld.AnswerNumber:
		f.As = "number"
	case uld.AnswerMonths:
		f.As = "number"
		if c.Dimension == uld.TimeFrame {
			f.As, f.Options = "select", timeFrames()
		}
	case uld.AnswerDate:
		f.As = "date"
	case uld.AnswerText:
	}
	for i := range f.Options {
		f.Options[i].Chosen = f.Options[i].Value == typed
	}
	return f
}

// timeFrames are the spans that a lead chooses from; each stands for its last month.
func timeFrames() []formOption {
	return []formOption{
		{Value: "1", Label: "Within a month"},
		{Value: "3", Label: "In 1 to 3 months"},
		{Value: "6", Label: "In 3 to 6 months"},
		{Value: "12", Label: "In 6 to 12 months"},
		{Value: "24", Label: "Later than in a year"},
	}
}

// sentence begins with a capital letter.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}
