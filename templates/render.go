package templates

import (
	"html/template"

	"nurture/cadence"
)

// Email is a rendered email template.
type Email struct {
	Subject   string // one line
	Preheader string // one line; "" for none. It is in HTML already.
	Text      string // the text part with its footer, LF line ends
	HTML      string // a whole document
	Language  string // BCP 47
}

// Voicemail is a rendered voicemail template.
type Voicemail struct {
	Text      string // what is said; values in it hold no "<", ">" or "&"
	Recording string // what is played instead: a web address, or a path in the file system that was loaded; "" for none
	Language  string // BCP 47; "" is en-US
}

// CallScript is a rendered call template: what the person who calls reads.
type CallScript struct {
	Title string // the template's name when its front matter has none
	Text  string // LF line ends
	HTML  string // a fragment without styles, to stand inside of a page
}

// RenderEmail renders an email. A value that is printed but empty, and a link that leads nowhere, is an error; it is a
// *RenderError that lists all of them, and the Email is then zero.
func (s *Set) RenderEmail(name string, data Data) (Email, error) {
	e, err := s.find(cadence.ChannelEmail, name)
	if err != nil {
		return Email{}, err
	}
	subject, problems := e.subject.plainLine(data)
	if subject == "" && len(problems) == 0 {
		problems = append(problems, Problem{File: e.file, Message: "the subject is empty for this lead"})
	}
	preheader := ""
	if e.preheader != nil {
		var ps []Problem
		preheader, ps = e.preheader.plainLine(data)
		problems = append(problems, ps...)
	}
	body, text, ps := e.body.render(data, mailStyled, nil)
	problems = append(problems, ps...)
	values, ps := newLayoutValues(e, data)
	if problems = append(problems, ps...); len(problems) > 0 {
		return Email{}, &RenderError{Channel: e.channel, Name: name, Problems: problems}
	}
	values.Subject, values.Preheader = subject, preheader
	values.Body = template.HTML(body) //nolint:gosec // made by goldmark from the template; each value in it is escaped
	page, err := s.layOut(values)
	if err != nil {
		return Email{}, &RenderError{Channel: e.channel, Name: name, Problems: []Problem{{File: e.file, Message: err.Error()}}}
	}
	return Email{
		Subject: subject, Preheader: preheader, Text: text + values.footer(), HTML: page, Language: values.Lang,
	}, nil
}

// RenderVoicemail renders what a voicemail says. Errors are as in RenderEmail.
func (s *Set) RenderVoicemail(name string, data Data) (Voicemail, error) {
	e, err := s.find(cadence.ChannelVoicemail, name)
	if err != nil {
		return Voicemail{}, err
	}
	v := Voicemail{Recording: e.recording, Language: e.tags.Language}
	if e.body == nil {
		return v, nil
	}
	_, text, problems := e.body.render(data, unstyled, withoutXML)
	if len(problems) > 0 {
		return Voicemail{}, &RenderError{Channel: e.channel, Name: name, Problems: problems}
	}
	v.Text = text
	return v, nil
}

// RenderCall renders a call script. Errors are as in RenderEmail.
func (s *Set) RenderCall(name string, data Data) (CallScript, error) {
	e, err := s.find(cadence.ChannelCall, name)
	if err != nil {
		return CallScript{}, err
	}
	script := CallScript{Title: name}
	var problems []Problem
	if e.title != nil {
		script.Title, problems = e.title.plainLine(data)
	}
	var ps []Problem
	script.HTML, script.Text, ps = e.body.render(data, unstyled, nil)
	if problems = append(problems, ps...); len(problems) > 0 {
		return CallScript{}, &RenderError{Channel: e.channel, Name: name, Problems: problems}
	}
	return script, nil
}
