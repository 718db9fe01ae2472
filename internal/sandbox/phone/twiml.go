package phone

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// maxFollowed bounds how many documents one call plays, so that a Dial that leads to itself ends.
const maxFollowed = 10

// verb is an element of TwiML; those of one document share the type.
type verb struct {
	XMLName xml.Name
	Action  string `xml:"action,attr"`
	Method  string `xml:"method,attr"`
	Text    string `xml:",chardata"`
	Nested  []verb `xml:",any"`
}

type document struct {
	XMLName xml.Name `xml:"Response"`
	Verbs   []verb   `xml:",any"`
}

// follow asks the webhook for TwiML and plays it. extra is told beside what every webhook is told.
func (s *Server) follow(ctx context.Context, c *call, hook webhook, extra url.Values, depth int) {
	if depth == maxFollowed {
		s.problem(c, "12200 more than 10 documents in one call")
		return
	}
	form := s.form(c, "in-progress")
	if c.detect {
		form.Set("AnsweredBy", c.answer.AnsweredBy)
		form.Set("MachineDetectionDuration", strconv.Itoa(c.answer.DurationSeconds*1000/2))
	}
	for key, values := range extra {
		form[key] = values
	}
	body, code, _ := s.ask(ctx, hook, form)
	if code/100 != 2 {
		s.problem(c, fmt.Sprintf("11200 request for TwiML answered %d", code))
		return
	}
	var doc document
	if err := xml.Unmarshal(body, &doc); err != nil {
		s.problem(c, "12200 "+err.Error())
		return
	}
	s.perform(ctx, c, hook, doc.Verbs, depth)
}

func (s *Server) perform(ctx context.Context, c *call, hook webhook, verbs []verb, depth int) {
	for _, v := range verbs {
		text := strings.TrimSpace(v.Text)
		switch v.XMLName.Local {
		case "Say":
			s.update(c, func(log *Call) { log.Said = append(log.Said, text) })
		case "Play":
			s.update(c, func(log *Call) { log.Played = append(log.Played, text) })
		case "Pause":
		case "Hangup":
			s.update(c, func(log *Call) { log.HungUp = true })
			return
		case "Dial":
			number := text
			for _, noun := range v.Nested {
				number = strings.TrimSpace(noun.Text)
			}
			s.update(c, func(log *Call) { log.Dialled = append(log.Dialled, number) })
			if v.Action == "" {
				continue
			}
			next, err := hook.resolve(v.Action, v.Method)
			if err != nil {
				s.problem(c, "11100 "+err.Error())
				return
			}
			// An action takes over: the verbs after Dial are never reached.
			s.follow(ctx, c, next, url.Values{"DialCallStatus": {c.answer.DialStatus}}, depth+1)
			return
		default:
			s.problem(c, "12200 verb not understood: "+v.XMLName.Local)
			return
		}
	}
}

// resolve is the webhook that an action names, perhaps relative to this one.
func (w webhook) resolve(action, method string) (webhook, error) {
	base, err := url.Parse(w.url)
	if err != nil {
		return webhook{}, err
	}
	next, err := base.Parse(action)
	if err != nil {
		return webhook{}, err
	}
	return webhook{url: next.String(), method: methodOr(method)}, nil
}

func (s *Server) problem(c *call, what string) {
	s.update(c, func(log *Call) { log.Problems = append(log.Problems, what) })
}
