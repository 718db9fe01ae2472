package config

import (
	"nurture/cadence"
)

// readLibrary reads the subject that a step names instead of a template: { pain: cost, stage: nurturing }. What the templates are about is
// written in their front matter.
func (r *cadenceReader) readLibrary(n node, channel cadence.Channel) cadence.Library {
	o := n.object()
	defer o.close()
	pain, stage := o.get("pain"), o.get("stage")
	if !pain.given() && !stage.given() {
		if !o.has("pain") && !o.has("stage") {
			o.lacks = append(o.lacks, lack{
				[]string{"pain", "stage"},
				n.name() + " names neither a pain nor a stage to choose templates by",
				"such as {pain: cost, stage: nurturing}, or name one template",
			})
		}
		return nil
	}
	about, when := pain.text(), choice(stage, "", stages...)
	names := r.templates.About(channel, about, string(when))
	if len(names) == 0 && (about != "" || when != "") {
		switch pains := r.templates.Pains(channel); {
		case about != "" && len(r.templates.About(channel, about, "")) == 0:
			hint := "write pain: " + about + " into the front matter of the templates that are meant"
			if len(pains) > 0 {
				hint = suggest(about, pains)
			}
			pain.fail(hint, "no %s template has the pain %q", channel, about)
		default:
			n.fail("write them into the front matter of a template", "no %s template has this pain and stage", channel)
		}
	}
	library := make(cadence.Library, len(names))
	for i, name := range names {
		tags := r.templates.Tags(channel, name)
		library[i] = cadence.Content{Template: name, Topic: tags.Topic, Language: tags.Language}
		r.use(n, channel, name)
	}
	return library
}
