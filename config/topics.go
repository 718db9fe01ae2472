package config

import (
	"regexp"
	"strings"

	"nurture/cadence"
)

// Topic is something that mail can be about. A lead sees its label on the preference page, and may switch it off.
type Topic struct {
	Key   string
	Label Text
}

// Text is words of a marketer's for leads, in one language or several.
type Text struct {
	Always     string            // the same for all; "" when it is written by language
	ByLanguage map[string]string // by language tag in lower case
	first      string            // the language written first: for those whose own is not there, where English is not
}

// In gives the words for a reader of a BCP 47 language: in that, else in its primary language, else in English, else in the first one.
func (t Text) In(language string) string {
	if t.Always != "" {
		return t.Always
	}
	language = strings.ToLower(strings.ReplaceAll(language, "_", "-"))
	primary, _, _ := strings.Cut(language, "-")
	for _, key := range []string{language, primary, "en", t.first} {
		if words := t.ByLanguage[key]; words != "" {
			return words
		}
	}
	return ""
}

// languageTag is the shape of a BCP 47 tag; whether anybody speaks it is not our business.
var languageTag = regexp.MustCompile(`^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8})*$`)

// words reads a text, or a group of texts by language.
func (n node) words() Text {
	if _, plain := textOf(n.yaml); plain || !n.given() {
		return Text{Always: n.text()}
	}
	o := n.object()
	defer o.close()
	text := Text{ByLanguage: map[string]string{}}
	for _, e := range o.rest() {
		if !languageTag.MatchString(e.key) {
			e.value.fail(`write a language, such as {en: "Product news", de: "Neues vom Produkt"}`, "%q is no language", e.key)
			continue
		}
		key := strings.ToLower(e.key)
		if text.first == "" {
			text.first = key
		}
		text.ByLanguage[key] = e.value.text()
	}
	if text.first == "" && !o.partial {
		n.fail(`such as {en: "Product news", de: "Neues vom Produkt"}`, "%s has no words in any language", n.name())
	}
	return text
}

// readTopics reads what mail can be about.
func readTopics(n node) []Topic {
	if !n.given() {
		return nil
	}
	o := n.object()
	defer o.close()
	var topics []Topic
	for _, e := range o.rest() {
		if !plainKey.MatchString(e.key) {
			e.value.fail("small letters, digits and hyphens, such as product-news", "%q cannot be the key of a topic", e.key)
		}
		topics = append(topics, Topic{Key: e.key, Label: e.value.words()})
	}
	return topics
}

// topicKeys lists the keys of the topics in the order of the file.
func (s Settings) topicKeys() []string {
	keys := make([]string, len(s.Topics))
	for i, t := range s.Topics {
		keys[i] = t.Key
	}
	return keys
}

// tagTopics tells each variant of an email step what its template is about.
func (c *Config) tagTopics() {
	for _, plan := range c.Plans {
		for i := range plan.Steps {
			if plan.Steps[i].Kind != cadence.StepEmail {
				continue
			}
			for j := range plan.Steps[i].Variants {
				v := &plan.Steps[i].Variants[j]
				v.Topic = c.Templates.Tags(cadence.ChannelEmail, v.Template).Topic
			}
		}
	}
}
