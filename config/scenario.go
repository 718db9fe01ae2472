package config

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// ScenariosDir is the folder of a configuration that holds its scenarios. They are no part of a version.
const ScenariosDir = "tests"

// Scenario is a lead, what happens to it from outside, and what the program must do.
type Scenario struct {
	Where Problem // its place, without a message
	Name  string
	Lead  ScenarioLead
	// Cadence is the key of the one that the lead is put into; "" is the one whose audience takes it.
	Cadence  string
	Start    time.Time
	Until    time.Time // zero: DefaultUntil
	Complete bool      // every touch and skip up to the last that is expected must be expected
	Events   []ScenarioEvent
	Expect   []Expectation
}

// ScenarioLead is the lead of a scenario.
type ScenarioLead struct {
	Key              string
	Email, Phone     bool
	Place            calendar.Place
	ZoneAssumed      bool // the scenario says that its zone is not known
	ConsentEmail     bool
	ConsentVoicemail bool
	ConsentCall      bool
	SelfQualified    bool
	Stage            cadence.Stage
	TopicsOff        []string
	Fields           map[string]predicate.Value // what audience rules and branches look at, without facts, stage and consent
	Facts            []uld.Fact                 // inferred, from the start on
}

// ScenarioEvent is something that happens from outside. At is zero when After counts: from the latest touch of the step Answers, else from
// the event before.
type ScenarioEvent struct {
	Where   Problem // its place, without a message
	At      time.Time
	After   calendar.Delay
	Answers string // key of the step whose touch it answers; "" is told by the response
	Event   cadence.Event
	Facts   map[string]string // answers as typed, by criterion or dossier item; nil when there are none
	// Accepted says that sales takes the handoff; Event is nil then.
	Accepted bool
}

// Expectation is something that the program must do. What is zero is not looked at.
type Expectation struct {
	Where     Problem // its place, without a message
	Kind      string  // one of the keys that expectations begin with, such as "touch"
	Name      string  // the step, task, reason, outcome, cadence, stage or scope
	At        Moment
	Cadence   string
	Reason    cadence.Reason
	Channel   cadence.Channel
	Variant   string
	Template  string
	Run       int
	Until     Moment
	By        Moment
	Missing   []string // nil: not looked at
	Verify    []string // nil: not looked at
	Readiness uld.Readiness
}

// Moment is a time that a scenario names: a minute, or a whole day; the zero Moment is none.
type Moment struct {
	From, To time.Time // To is not in it
	Written  string
}

// Given reports whether there is one.
func (m Moment) Given() bool { return !m.From.IsZero() }

// Holds reports whether an instant lies in it.
func (m Moment) Holds(at time.Time) bool { return !at.Before(m.From) && at.Before(m.To) }

// LoadScenarios reads tests/*.yaml at the root of fsys, which belong to a configuration. The error is of type Problems and holds
// everything that is wrong; without the folder there are none.
func LoadScenarios(fsys fs.FS, c *Config) ([]Scenario, error) {
	l := &loader{files: map[string][]byte{}, documents: map[string]node{}}
	scenarios := l.readScenarios(fsys, c)
	if len(l.problems) > 0 {
		return nil, l.problems.sorted()
	}
	return scenarios, nil
}

func (l *loader) readScenarios(fsys fs.FS, c *Config) []Scenario {
	entries, err := fs.ReadDir(fsys, ScenariosDir)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			l.problems = append(l.problems, Problem{File: ScenariosDir, Message: "cannot be read: " + reason(err), Hint: "check its permissions"})
		}
		return nil
	}
	var scenarios []Scenario
	for _, entry := range entries {
		name := path.Join(ScenariosDir, entry.Name())
		switch ext := path.Ext(name); {
		case strings.HasPrefix(entry.Name(), ".") || entry.IsDir():
		case ext == ".yml":
			l.problems = append(l.problems, Problem{
				File: name, Message: "this file would be ignored", Hint: "name it " + strings.TrimSuffix(entry.Name(), ext) + ".yaml",
			})
		case ext == ".yaml":
			l.readFile(fsys, name, "")
			if content, ok := l.files[name]; ok {
				scenarios = append(scenarios, l.readScenarioFile(name, content, c)...)
			}
		}
	}
	return scenarios
}

func (l *loader) readScenarioFile(name string, content []byte, c *Config) []Scenario {
	doc := newDocument(name, content, &l.problems)
	doc.listener = l.listener
	root, ok := doc.parse(content)
	if !ok {
		return nil
	}
	o := root.object()
	defer o.close()
	r := scenarioReader{config: c, fields: newFields(c.Definition, false)}
	var scenarios []Scenario
	for _, item := range atLeastOne(o.need("tests", "tests: one each that begins with - name: ..."), "test") {
		scenarios = append(scenarios, r.readScenario(item))
	}
	return scenarios
}
