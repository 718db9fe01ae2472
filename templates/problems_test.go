package templates

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"nurture/cadence"
)

func TestLoadProblems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		channel cadence.Channel
		file    string
		want    []string // each problem begins with, after "templates/<channel>/x.md"
	}{
		"unknown key": {
			cadence.ChannelEmail, "---\nsubject: a\npreheadr: b\n---\nx",
			[]string{`:3:1: front matter: unknown field "preheadr" (did you mean preheader? the keys are subject`},
		},
		"unknown key in voicemail": {
			cadence.ChannelVoicemail, "---\nsubject: a\n---\nx",
			[]string{`:2:1: front matter: unknown field "subject" (the keys are language, recording, pain, stage)`},
		},
		"colon in subject": {
			cadence.ChannelEmail, "---\nsubject: Ready: the list\n---\nx",
			[]string{`:2:10: front matter: mapping value is not allowed in this context (put a text with ": " in it`},
		},
		"variable first in subject": {
			cadence.ChannelEmail, "---\nsubject: {{ .lead.first_name }} and you\n---\nx",
			[]string{`:2:11: front matter: could not find flow map content (put a text with ": " in it, or that begins with {, in quotes`},
		},
		"one brace":       {cadence.ChannelEmail, "---\nsubject: a\n---\n{{ .lead.name }", []string{`:4:1: unexpected "}" in operand (close it with }})`}},
		"bare name":       {cadence.ChannelEmail, "---\nsubject: a\n---\n{{first_name}}", []string{`:4:1: function "first_name" not defined (variables begin with a dot and their group: {{ .lead.first_name }})`}},
		"bad yaml":        {cadence.ChannelEmail, "---\nsubject: [a\n---\nx", []string{":2:10: front matter: "}},
		"type":            {cadence.ChannelEmail, "---\nsubject: {a: b}\n---\nx", []string{":2:"}},
		"duplicate":       {cadence.ChannelEmail, "---\nsubject: a\nsubject: b\n---\nx", []string{`:3:1: front matter: mapping key "subject" already defined at [2:1] (keep one of the two)`}},
		"no front matter": {cadence.ChannelEmail, "hello", []string{":1:1: an email needs a subject (begin the file"}},
		"empty subject":   {cadence.ChannelEmail, "---\nsubject: \"\"\n---\nx", []string{":2:10: an email needs a subject"}},
		"no end":          {cadence.ChannelEmail, "---\nsubject: a\n", []string{":1:1: the front matter has no end"}},
		"no body":         {cadence.ChannelEmail, "---\nsubject: a\n---\n\n", []string{":4:1: has no text below"}},
		"language":        {cadence.ChannelEmail, "---\nsubject: a\nlanguage: english!\n---\nx", []string{`:3:11: "english!" is no language tag`}},
		"syntax":          {cadence.ChannelEmail, "---\nsubject: a\n---\nx\n\n  {{ if .lead.name }\ny", []string{":6:3: "}},
		"no end of if":    {cadence.ChannelEmail, "---\nsubject: a\n---\nx\n{{ if .lead.name }}y", []string{":5:1: unexpected EOF (an if, range or with lacks its {{ end }})"}},
		"stray end":       {cadence.ChannelEmail, "---\nsubject: a\n---\nx {{ end }}", []string{":4:3: unexpected {{end}} (this {{ end }} closes nothing)"}},
		"function":        {cadence.ChannelEmail, "---\nsubject: a\n---\n{{ .lead.name | trim }}", []string{`:4:1: function "trim" not defined (the functions are default`}},
		"no dot":          {cadence.ChannelEmail, "---\nsubject: a\n---\n{{ lead.name }}", []string{`:4:1: function "lead" not defined (variables begin with a dot: {{ .lead.… }})`}},
		"escaper":         {cadence.ChannelEmail, "---\nsubject: a\n---\n{{ .lead.name | html }}", []string{`:4:1: function "html" not defined`}},
		"subject syntax":  {cadence.ChannelEmail, "---\npain: p\nsubject: a {{ .lead.name\n---\nx", []string{":3:10: "}},
		"define":          {cadence.ChannelEmail, "---\nsubject: a\n---\n{{ define \"t\" }}y{{ end }}{{ template \"t\" }}", []string{":4:1: defines a template", ":4:"}},
		"group":           {cadence.ChannelEmail, "---\nsubject: a\n---\nx {{ .lead }}", []string{":4:6: prints the group lead (name one of its values"}},
		"html":            {cadence.ChannelEmail, "---\nsubject: a\n---\nü <b>x</b>", []string{":4:3: has HTML in it (write Markdown", ":4:7: has HTML in it"}},
		"html block":      {cadence.ChannelCall, "a\n\n<div>\nx\n</div>\n", []string{":3:1: has HTML in it"}},
		"variable as tag": {cadence.ChannelCall, "go <{{ .links.preferences }}>", []string{":1:4: has HTML in it"}},
		"script link":     {cadence.ChannelCall, "a\n\n[x](javascript:alert)", []string{`:3:2: has a link to "javascript:alert", which leads nowhere`}},
		"relative link":   {cadence.ChannelCall, "[x](/a/{{ .lead.name }})", []string{`:1:2: has a link to "/a/`}},
		"control":         {cadence.ChannelCall, "a\n b\x01c", []string{":2:3: has the control character U+0001"}},
		"not UTF-8":       {cadence.ChannelCall, "a\xff", []string{": is not UTF-8"}},
		"recording":       {cadence.ChannelVoicemail, "---\nrecording: hello.mp3\n---\n", []string{":2:12: the recording templates/voicemail/hello.mp3 does not exist"}},
		"recording URL":   {cadence.ChannelVoicemail, "---\nrecording: ftp://x/y.mp3\n---\n", []string{`:2:12: "ftp://x/y.mp3" is no web address`}},
		"two at once": {
			cadence.ChannelEmail, "---\nsubject: \"{{ .a\"\nlanguage: 1\n---\n{{ nope }}\n",
			[]string{":2:10: ", `:3:11: "1" is no language tag`, `:5:1: function "nope" not defined`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := "templates/" + string(c.channel) + "/x.md"
			s, problems := Load(fstest.MapFS{
				file: {Data: []byte(c.file)}, "templates/call/good.md": {Data: []byte("fine")},
			}, "templates")
			if len(problems) != len(c.want) {
				t.Fatalf("problems: %v", problems)
			}
			for i, p := range problems {
				if !strings.HasPrefix(p.String(), file+c.want[i]) {
					t.Errorf("got  %s\nwant %s", p, file+c.want[i])
				}
			}
			if s.Has(c.channel, "x") || !s.Has(cadence.ChannelCall, "good") {
				t.Error("the bad template is in the set, or the good one is not")
			}
		})
	}
}

func TestLoadFolders(t *testing.T) {
	t.Parallel()
	ok := &fstest.MapFile{Data: []byte("x")}
	s, problems := Load(fstest.MapFS{
		"t/README.md": ok, "t/.git/x.md": ok, "t/stray.md": ok, "t/call/a.md~": ok, "t/mail/a.md": ok, "t/call/a.md": ok, "t/call/B C.md": ok,
		"t/call/deep/a.md": ok, "t/call/notes.txt": ok, "t/call/.swp": ok, "t/voicemail/v.mp3": ok,
		"t/voicemail/v.md": {Data: []byte("\uFEFF---\r\nrecording: v.mp3\r\n---\r\n")},
	}, "t")
	var got []string
	for _, p := range problems {
		got = append(got, p.File)
	}
	want := "t/call/B C.md t/call/deep t/call/notes.txt t/mail t/stray.md"
	if strings.Join(got, " ") != want {
		t.Errorf("problems %v, want %s", problems, want)
	}
	v, err := s.RenderVoicemail("v", nil)
	if err != nil || v.Recording != "t/voicemail/v.mp3" || v.Text != "" {
		t.Errorf("voicemail %+v, %v", v, err)
	}
	if s, problems := Load(os.DirFS(filepath.Join("testdata", "config")), "nothing"); len(problems) != 0 || len(s.Names(cadence.ChannelCall)) != 0 {
		t.Errorf("missing root: %v", problems)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := set(t, cadence.ChannelEmail, "subject: Hi {{ .lead.frist_name }}", strings.Join([]string{
		`{{ .first_name }} {{ .lead.fields.anything }} {{ .facts.budget }}`,
		`{{ if .acount.name }}{{ $.sender.nmae }}{{ end }}`,
		`{{ with .lead }}{{ .first_nam }}{{ end }}{{ range .facts.list }}{{ .free }}{{ end }}`,
		`{{ .lead.first_name | default .zzz.qqqqqqqq }}{{ len .lead.fields }}`,
	}, "\n"))
	want := []string{
		"templates/email/x.md:2:10: there is no variable lead.frist_name (did you mean lead.first_name?)",
		"templates/email/x.md:4:4: there is no variable first_name (did you mean lead.first_name?)",
		"templates/email/x.md:5:7: there is no variable acount.name (did you mean account.name?)",
		"templates/email/x.md:5:25: there is no variable sender.nmae (did you mean sender.name?)",
		"templates/email/x.md:6:20: there is no variable lead.first_nam (did you mean lead.first_name?)",
		"templates/email/x.md:7:31: there is no variable zzz.qqqqqqqq (the groups are lead, account,",
	}
	problems := s.Check(nil)
	if len(problems) != len(want) {
		t.Fatalf("problems: %v", problems)
	}
	for i, p := range problems {
		if !strings.HasPrefix(p.String(), want[i]) {
			t.Errorf("got  %s\nwant %s", p, want[i])
		}
	}
	strict := func(path string) bool { return path != "facts.budget" && Known(path) }
	if got := s.Check(strict); len(got) != len(want)+1 {
		t.Errorf("strict: %v", got)
	}
	for _, v := range knownVariables {
		if !Known(strings.ReplaceAll(v.path, "*", "some_key")) || v.meaning == "" {
			t.Errorf("%+v", v)
		}
	}
	if Known("lead.nope") || Known("lead") || Known("nope.*x") || Known("lead.fields.a.b") {
		t.Error("Known knows too much")
	}
}
