// Package templates renders what a lead reads or hears and what an SDR says. Marketers write Markdown with YAML front
// matter; a Set holds every template of a configuration, parsed once, immutable and safe for concurrent use.
//
// # Where data may go
//
// Data never passes through the Markdown parser. A template runs first with each printed value replaced by an opaque word;
// the result is Markdown whose structure the marketer alone decides; the words are replaced last, escaped for the place in
// which they then stand: HTML text, an attribute, a whole link, a part of a link, or plain text. So "*", "<b>" or
// "[x](javascript:…)" in a lead's name appear as these very characters, and no value can become a tag, a link or a list.
package templates

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"nurture/cadence"
)

// Set is every template of one configuration.
type Set struct {
	byKey map[key]*entry
	// frames holds the email layout for what many mails share; frameCount bounds it.
	frames     sync.Map // frameKey → frame
	frameCount atomic.Int32
}

type key struct {
	channel cadence.Channel
	name    string
}

// entry is one template file.
type entry struct {
	key
	file      string // as people know it: root/channel/name.md
	source    []byte
	tags      Tags
	topicAt   place    // where Tags.Topic is written
	subject   *program // email
	preheader *program // email; nil for none
	title     *program // call
	recording string   // voicemail
	body      *program // nil when the file has none (a voicemail that only plays a recording)
}

// Tags is what a template says about its own content (C4): which pain it speaks to and for which stage it is meant.
type Tags struct {
	Pain     string // "" for none
	Stage    string // "" for any
	Language string // BCP 47; "" is en
	Topic    string // of an email: key of the topic under which a lead can switch it off; "" for none
}

// The folders that Load reads are named like the channels.
var folders = []cadence.Channel{cadence.ChannelEmail, cadence.ChannelVoicemail, cadence.ChannelCall}

var (
	namePattern = regexp.MustCompile(`^[a-z0-9]+(?:[-_][a-z0-9]+)*$`)
	audioExt    = []string{".mp3", ".wav", ".ogg", ".aiff", ".gsm", ".ulaw"}
)

// Load reads root/email/*.md, root/voicemail/*.md and root/call/*.md of fsys; root is usually "templates". It reports every
// problem at once. A template with a problem is left out of the Set, the others work. The Set is never nil; a root that does
// not exist gives an empty one.
func Load(fsys fs.FS, root string) (*Set, []Problem) {
	set := &Set{byKey: map[key]*entry{}}
	root = path.Clean(root)
	items, err := fs.ReadDir(fsys, root)
	if errors.Is(err, fs.ErrNotExist) {
		return set, nil
	}
	if err != nil {
		return set, []Problem{{File: root, Message: "cannot be read: " + err.Error()}}
	}
	var problems []Problem
	for _, item := range items {
		channel := cadence.Channel(item.Name())
		switch {
		case item.IsDir() && slices.Contains(folders, channel):
			problems = append(problems, set.loadFolder(fsys, root, channel)...)
		case item.IsDir() && !strings.HasPrefix(item.Name(), "."):
			problems = append(problems, Problem{
				File: path.Join(root, item.Name()), Message: "is not a folder of templates",
				Hint: "the folders are email, voicemail and call",
			})
		case strings.HasSuffix(item.Name(), ".md") && !strings.EqualFold(item.Name(), "README.md"):
			problems = append(problems, Problem{
				File: path.Join(root, item.Name()), Message: "belongs to no channel",
				Hint: "move it into email, voicemail or call",
			})
		}
	}
	return set, problems
}

// Overlooked tells whether a file or folder below the templates is none of them: it is hidden, or an editor's copy (NAME~).
func Overlooked(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~")
}

func (s *Set) loadFolder(fsys fs.FS, root string, channel cadence.Channel) []Problem {
	dir := path.Join(root, string(channel))
	items, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return []Problem{{File: dir, Message: "cannot be read: " + err.Error()}}
	}
	var problems []Problem
	for _, item := range items {
		file := path.Join(dir, item.Name())
		name, isTemplate := strings.CutSuffix(item.Name(), ".md")
		switch {
		case Overlooked(item.Name()) || strings.EqualFold(item.Name(), "README.md"):
		case channel == cadence.ChannelVoicemail && slices.Contains(audioExt, strings.ToLower(path.Ext(file))):
		case item.IsDir() || !isTemplate:
			problems = append(problems, Problem{
				File: file, Message: "is not a template", Hint: "a template is a file NAME.md directly in this folder",
			})
		case !namePattern.MatchString(name):
			problems = append(problems, Problem{
				File: file, Message: "has a name that cadences cannot use",
				Hint: "use lower-case letters, digits and hyphens, such as case-study.md",
			})
		default:
			e, ps := readEntry(fsys, root, file, key{channel, name})
			problems = append(problems, ps...)
			if len(ps) == 0 {
				s.byKey[e.key] = e
			}
		}
	}
	return problems
}

// Has reports whether the Set has a usable template of that name for the channel.
func (s *Set) Has(channel cadence.Channel, name string) bool {
	_, ok := s.byKey[key{channel, name}]
	return ok
}

// Names lists the usable templates of a channel, sorted.
func (s *Set) Names(channel cadence.Channel) []string {
	var names []string
	for k := range s.byKey {
		if k.channel == channel {
			names = append(names, k.name)
		}
	}
	slices.Sort(names)
	return names
}

// Source gives the bytes of the template's file, for hashing and display; nil when there is none.
func (s *Set) Source(channel cadence.Channel, name string) []byte {
	e, ok := s.byKey[key{channel, name}]
	if !ok {
		return nil
	}
	return slices.Clone(e.source)
}

// CheckTopics reports the templates that name a topic which is not among those that there are.
func (s *Set) CheckTopics(known []string) []Problem {
	var problems []Problem
	for _, e := range s.byKey {
		if e.tags.Topic == "" || slices.Contains(known, e.tags.Topic) {
			continue
		}
		p := Problem{File: e.file, Line: e.topicAt.line, Column: e.topicAt.column, Message: fmt.Sprintf("there is no topic %q", e.tags.Topic)}
		switch near := nearest(e.tags.Topic, known); {
		case near != "":
			p.Hint = "did you mean " + near + "?"
		case len(known) > 0:
			p.Hint = "the topics of nurture.yaml are " + strings.Join(known, ", ")
		default:
			p.Hint = fmt.Sprintf("define it in nurture.yaml, such as topics: {%s: \"Product news\"}", e.tags.Topic)
		}
		problems = append(problems, p)
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.File, b.File) })
	return problems
}

// Tags gives what a template's front matter says about it; the zero Tags when there is no such template.
func (s *Set) Tags(channel cadence.Channel, name string) Tags {
	e, ok := s.byKey[key{channel, name}]
	if !ok {
		return Tags{}
	}
	return e.tags
}

// About lists the usable templates of a channel for a pain and a stage, sorted; "" is any. A template without a stage suits every one.
func (s *Set) About(channel cadence.Channel, pain, stage string) []string {
	return slices.DeleteFunc(s.Names(channel), func(name string) bool {
		tags := s.Tags(channel, name)
		return pain != "" && tags.Pain != pain || stage != "" && tags.Stage != "" && tags.Stage != stage
	})
}

// Pains lists what the templates of a channel speak to, each once, sorted.
func (s *Set) Pains(channel cadence.Channel) []string {
	var pains []string
	for _, name := range s.Names(channel) {
		if pain := s.Tags(channel, name).Pain; pain != "" {
			pains = append(pains, pain)
		}
	}
	slices.Sort(pains)
	return slices.Compact(pains)
}

// entries gives the templates in a stable order.
func (s *Set) entries() []*entry {
	var all []*entry
	for _, channel := range folders {
		for _, name := range s.Names(channel) {
			all = append(all, s.byKey[key{channel, name}])
		}
	}
	return all
}
