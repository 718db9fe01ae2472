package main

import (
	"encoding/xml"
	"os"
	"time"

	"nurture/internal/scenario"
)

// testJSON is what `test --json` prints of each test.
type testJSON struct {
	File     string         `json:"file"`
	Line     int            `json:"line"`
	Name     string         `json:"name"`
	OK       bool           `json:"ok"`
	Failures []failureJSON  `json:"failures"`
	Timeline []happenedJSON `json:"timeline"`
}

type failureJSON struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	Instead string `json:"instead"`
}

type happenedJSON struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Name string    `json:"name"`
	Line string    `json:"line"` // as the timeline shows it, in the lead's time
}

func testsJSON(results []scenario.Result) []testJSON {
	out := make([]testJSON, len(results))
	for i, r := range results {
		t := testJSON{
			File: r.Scenario.Where.File, Line: r.Scenario.Where.Line, Name: r.Scenario.Name, OK: len(r.Failures) == 0,
			Failures: []failureJSON{}, Timeline: []happenedJSON{},
		}
		for _, f := range r.Failures {
			t.Failures = append(t.Failures, failureJSON{f.Line, f.Column, f.Message, f.Instead})
		}
		for _, e := range r.Timeline {
			t.Timeline = append(t.Timeline, happenedJSON{e.At, e.Kind, e.Name, e.Line(r.Zone)})
		}
		out[i] = t
	}
	return out
}

// The elements of JUnit's report, as far as CI servers read them: one suite a file.
type (
	junitReport struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes the results to a file.
func writeJUnit(file string, results []scenario.Result) error {
	report := junitReport{Tests: len(results), Failures: failures(results)}
	for _, r := range results {
		if n := len(report.Suites); n == 0 || report.Suites[n-1].Name != r.Scenario.Where.File {
			report.Suites = append(report.Suites, junitSuite{Name: r.Scenario.Where.File})
		}
		suite := &report.Suites[len(report.Suites)-1]
		c := junitCase{Name: r.Scenario.Name, Class: r.Scenario.Where.File, File: r.Scenario.Where.File, Line: r.Scenario.Where.Line}
		suite.Tests++
		if len(r.Failures) > 0 {
			suite.Failures++
			c.Failure = &junitFailure{Message: r.Failures[0].Message}
			for _, f := range r.Failures {
				c.Failure.Text += f.String() + "\n\n"
			}
			c.Failure.Text += timelineText(r)
		}
		suite.Cases = append(suite.Cases, c)
	}
	out, err := xml.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append([]byte(xml.Header), append(out, '\n')...), 0o644)
}
