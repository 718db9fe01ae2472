// Package dossier is what sales gets with a promoted lead: its whole story, each statement with the evidence behind it, as data,
// as Markdown and as a page.
package dossier

import (
	"strings"
	"time"

	"nurture/cadence/uld"
	"nurture/store"
)

// Input is what is known of a lead.
type Input struct {
	Lead       store.Lead
	Definition uld.Definition
	Facts      []uld.Fact
	Verdict    uld.Verdict
	Touches    []store.HistoryTouch
	Responses  []store.Response
	Stages     []store.LoggedStage
	Colleagues []store.Lead
	Now        time.Time
	Zone       string // in which times are shown: the operator's
}

// Dossier is the story, as it stood at At. Stored as JSON and read back it shows the same.
type Dossier struct {
	Lead      Person      `json:"lead"`
	Company   Company     `json:"company"`
	Rep       string      `json:"rep,omitempty"`
	Outcome   string      `json:"outcome"`
	Readiness string      `json:"readiness"`
	Because   string      `json:"because"`
	Criteria  []Statement `json:"criteria"`
	Items     []Statement `json:"items"` // the definition's dossier items
	People    []Person    `json:"people"`
	History   []Entry     `json:"history"`           // one entry a touch of the ledger, and the responses between them
	Missing   []string    `json:"missing,omitempty"` // keys of criteria and items that must be known and are not
	At        time.Time   `json:"at"`
	Zone      string      `json:"zone"`

	// Input is what the dossier was built from; it is not stored.
	Input Input `json:"-"`
}

// Person is somebody involved.
type Person struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
	Role  string `json:"role,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
	// PhoneWrong: somebody called Phone and did not reach this person.
	PhoneWrong bool   `json:"phone_wrong,omitempty"`
	Country    string `json:"country,omitempty"`
	Source     string `json:"source,omitempty"`
	Stage      string `json:"stage,omitempty"`
}

// Company is the profile of the lead's account.
type Company struct {
	Name      string `json:"name"`
	Domain    string `json:"domain,omitempty"`
	Industry  string `json:"industry,omitempty"`
	Employees int    `json:"employees,omitempty"` // 0 unknown
	Country   string `json:"country,omitempty"`
}

// Statement is one thing that is known, or asked and not known.
type Statement struct {
	Key      string    `json:"key"`
	Title    string    `json:"title"`
	Question string    `json:"question"`
	Type     string    `json:"type,omitempty"`  // criteria: how Answer is to be read, a uld.AnswerType
	Answer   string    `json:"answer"`          // "" not known
	Words    string    `json:"words,omitempty"` // the lead's own
	State    string    `json:"state,omitempty"` // criteria: met, unmet, unknown
	Why      string    `json:"why,omitempty"`   // criteria: the verdict's reason
	Required bool      `json:"required"`
	Evidence *Evidence `json:"evidence,omitempty"`
}

// Evidence says how something is known.
type Evidence struct {
	Class      string    `json:"class"` // a uld.Class by name
	By         string    `json:"by"`    // who recorded it; "" nobody in particular
	At         time.Time `json:"at"`
	FactID     int64     `json:"fact_id"`
	ResponseID int64     `json:"response_id,omitempty"` // 0: imported
}

// Entry is a line of the history.
type Entry struct {
	At       time.Time `json:"at"`   // of a touch: when it was sent, else when it was planned
	Kind     string    `json:"kind"` // touch, response or stage
	Channel  string    `json:"channel,omitempty"`
	What     string    `json:"what"`
	By       string    `json:"by,omitempty"` // responses: who recorded it
	Detail   string    `json:"detail,omitempty"`
	Outcome  string    `json:"outcome,omitempty"`
	Cycle    int       `json:"cycle,omitempty"`
	Attempt  int       `json:"attempt,omitempty"`
	TouchID  int64     `json:"touch_id,omitempty"`
	Response int64     `json:"response_id,omitempty"`
}

// Build writes the dossier.
func Build(in Input) Dossier {
	held, _ := uld.Current(in.Facts)
	d := Dossier{
		Lead: person(in.Lead),
		Company: Company{
			Name: in.Lead.Account.Name, Domain: in.Lead.Domain, Industry: in.Lead.Industry, Employees: in.Lead.Employees,
			Country: in.Lead.Account.Country,
		},
		Outcome: string(in.Verdict.Outcome), Readiness: string(in.Verdict.Readiness), Because: in.Verdict.Because,
		Missing: uld.MissingForHandoff(in.Definition, in.Facts), At: in.Now, Zone: in.Zone, Input: in,
		History: history(in),
	}
	findings := map[string]uld.Finding{}
	for _, f := range in.Verdict.Criteria {
		findings[f.Criterion] = f
	}
	for _, c := range in.Definition.Criteria {
		s := statement(c.Key, string(c.Dimension), c.Question, c.Required, held)
		s.Type = string(c.Type)
		s.State, s.Why = string(findings[c.Key].State), findings[c.Key].Why
		d.Criteria = append(d.Criteria, s)
	}
	for _, item := range in.Definition.Dossier {
		d.Items = append(d.Items, statement(item.Key, item.Title, item.Question, item.Required, held))
	}
	for _, c := range in.Colleagues {
		d.People = append(d.People, person(c))
	}
	return d
}

// Title names the lead and the company.
func (d Dossier) Title() string { return strings.Join(d.names(), ", ") }

func (d Dossier) names() []string {
	if d.Company.Name == "" {
		return []string{d.Lead.Name}
	}
	return []string{d.Lead.Name, d.Company.Name}
}

func person(l store.Lead) Person {
	return Person{
		Key: l.Key, Name: l.FullName(), Title: l.Title, Role: l.Role, Email: l.Email, Phone: l.Phone, PhoneWrong: l.PhoneInvalid,
		Country: l.Country, Source: l.Source, Stage: l.Stage,
	}
}

func statement(key, title, question string, required bool, held map[string]uld.Fact) Statement {
	s := Statement{Key: key, Title: title, Question: question, Required: required}
	f, ok := held[key]
	if !ok {
		return s
	}
	s.Answer, s.Words = f.Value.String(), f.Words
	s.Evidence = &Evidence{Class: f.Class.String(), By: f.By, At: f.At, FactID: f.ID, ResponseID: f.ResponseID}
	return s
}
