package dossier

import (
	"fmt"
	"strings"
	"time"

	"nurture/cadence/uld"
)

// How times are shown.
const (
	dayForm     = "2 Jan 2006"
	instantForm = "2 Jan 2006 15:04"
)

// View is a dossier as it reads: what the page, the text and the desk show, each laying it out in its own way.
type View struct {
	Names   []string // the lead, and the company if that is known: the parts of Title
	Title   string
	Written string // when, and in which zone all times are
	Rep     string
	Because string   // "" before the first verdict
	Ready   bool     // the verdict is to promote
	Open    []string // what must be known and is not
	About   []Fact
	Company []Fact
	Parts   []Part
	People  []Colleague
	History []Line
}

// Fact is a field of the lead or of the company that is known.
type Fact struct{ Label, Value string }

// Part is a chapter of statements.
type Part struct {
	Heading string
	Rows    []Row
}

// Row is a statement.
type Row struct {
	Key      string
	Question string
	More     string // the question behind a title
	Answer   string // "" not known
	State    string // met, unmet, unknown; "" for what is not judged
	Words    string // the lead's own
	Why      string // what keeps a criterion from being met
	Cited    string // how it is known: the class of the evidence, who recorded it, when; "" when it is not known
	Required bool
}

// Colleague is somebody else at the company.
type Colleague struct {
	Name  string
	Known []string // title, role and stage, those that are known
}

// Line is something that happened.
type Line struct {
	At                    time.Time
	When                  string
	Kind                  string // touch, response or stage
	Channel               string // of a touch
	What, Outcome, Detail string
	Said                  string // by the lead, or noted by who recorded the response
}

// View lays the dossier out, with times in its zone.
func (d Dossier) View() View {
	return View{
		Names: d.names(), Title: d.Title(), Written: d.When(d.At) + " (" + location(d.Zone).String() + ")", Rep: d.Rep, Because: d.Because,
		Ready: d.Outcome == string(uld.Promote), Open: d.open(),
		About: filled([]Fact{
			{"Title", d.Lead.Title},
			{"Role", d.Lead.Role},
			{"Email", d.Lead.Email},
			{"Phone", d.Lead.phone()},
			{"Country", d.Lead.Country},
			{"Source", d.Lead.Source},
			{"Readiness", Words(d.Readiness)},
		}),
		Company: filled([]Fact{
			{"Name", d.Company.Name},
			{"Domain", d.Company.Domain},
			{"Industry", d.Company.Industry},
			{"Employees", d.Employees()},
			{"Country", d.Company.Country},
		}),
		Parts: []Part{
			{"What we agreed a qualified lead is", d.rows(d.Criteria, false)},
			{"What sales should know", d.rows(d.Items, true)},
		},
		People: colleagues(d.People), History: d.lines(),
	}
}

func filled(facts []Fact) []Fact {
	var out []Fact
	for _, f := range facts {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// open names what is missing as the reader finds it below.
func (d Dossier) open() []string {
	titles := map[string]string{}
	for _, s := range d.Items {
		titles[s.Key] = s.Title
	}
	var out []string
	for _, key := range d.Missing {
		if titles[key] != "" {
			out = append(out, titles[key])
		} else {
			out = append(out, Words(key))
		}
	}
	return out
}

// rows makes statements readable; titled ones are known by their titles rather than by their questions.
func (d Dossier) rows(statements []Statement, titled bool) []Row {
	rows := make([]Row, len(statements))
	for i, s := range statements {
		r := Row{Key: s.Key, Required: s.Required, Question: s.Question, Answer: d.shown(s), State: s.State, Words: s.Words, Cited: d.cite(s.Evidence)}
		if titled {
			r.Question, r.More = s.Title, s.Question
		}
		if s.State != string(uld.Met) && s.Answer != "" {
			r.Why = s.Why
		}
		rows[i] = r
	}
	return rows
}

// shown is an answer as people read it.
func (d Dossier) shown(s Statement) string {
	return Answer(s.Key, uld.AnswerType(s.Type), s.Answer, location(d.Zone))
}

// Answer gives an answer as people read it; as is the type of the criterion, "" for an item of the dossier. Instants are in a zone.
func Answer(key string, as uld.AnswerType, answer string, zone *time.Location) string {
	switch {
	case answer == "":
		return ""
	case as == uld.AnswerChoice:
		return Words(answer)
	case as == uld.AnswerMonths && answer == "1":
		return "1 month"
	case as == uld.AnswerMonths:
		return answer + " months"
	case strings.HasSuffix(key, "_at"):
		return appointment(answer, zone)
	}
	return answer
}

// appointment is an agreed time: an instant, or what the lead's own clock shows (uld.DossierItem).
func appointment(answer string, zone *time.Location) string {
	if t, err := time.Parse(time.RFC3339, answer); err == nil {
		return t.In(zone).Format(instantForm) + " (" + zone.String() + ")"
	}
	if t, err := time.Parse("2006-01-02T15:04", answer); err == nil {
		return t.Format(instantForm) + ", the lead's local time"
	}
	return answer
}

// cite says how something is known: the class of the evidence, who recorded it, on which day, and the response it came with.
func (d Dossier) cite(e *Evidence) string {
	if e == nil {
		return ""
	}
	s := Words(e.Class)
	if e.By != "" {
		s += ", by " + e.By
	}
	s += " on " + e.At.In(location(d.Zone)).Format(dayForm)
	if e.ResponseID != 0 {
		return fmt.Sprintf("%s (response %d)", s, e.ResponseID)
	}
	return s + " (imported)"
}

func (d Dossier) lines() []Line {
	lines := make([]Line, len(d.History))
	for i, e := range d.History {
		lines[i] = Line{Kind: e.Kind, Channel: e.Channel, At: e.At, When: d.When(e.At), What: e.What, Outcome: e.Outcome, Detail: e.Detail}
		if e.By != "" {
			lines[i].What += ", by " + e.By
		}
		if e.Kind == kindResponse {
			lines[i].Said, lines[i].Detail = e.Detail, ""
		}
	}
	return lines
}

func colleagues(people []Person) []Colleague {
	out := make([]Colleague, len(people))
	for i, p := range people {
		var known []string
		for _, s := range []string{p.Title, p.Role, Words(p.Stage)} {
			if s != "" {
				known = append(known, s)
			}
		}
		out[i] = Colleague{p.Name, known}
	}
	return out
}

// phone tells a rep not to try a number that was wrong.
func (p Person) phone() string {
	if p.Phone != "" && p.PhoneWrong {
		return p.Phone + " (wrong number)"
	}
	return p.Phone
}

// When shows an instant in the dossier's zone.
func (d Dossier) When(t time.Time) string { return t.In(location(d.Zone)).Format(instantForm) }

// location is a zone by its IANA name; UTC when there is none of that name.
func location(zone string) *time.Location {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Employees is the head count, "" when unknown.
func (d Dossier) Employees() string {
	if d.Company.Employees == 0 {
		return ""
	}
	return fmt.Sprint(d.Company.Employees)
}
