package desk

import (
	"bytes"
	"html/template"
	"net/http"

	"github.com/yuin/goldmark"

	"nurture/config"
	"nurture/store"
)

// stagesPage is the board of stages.
type stagesPage struct {
	Counted moment
	Leads   int
	Stages  []stageView
}

// stageView is a stage with what people do in it.
type stageView struct {
	Key, Name                string
	Activities, ExitCriteria []string
	JobAid                   template.HTML
	Share                    rate
}

// showStages shows the stages: what is done in each, when it is over, what helps, and how many leads are there.
func (d *Desk) showStages(v *visit) error {
	live, err := d.engine.Live(v.r.Context())
	if err != nil {
		return err
	}
	var p stagesPage
	if p.Counted, err = v.counted(); err != nil {
		return err
	}
	tallies, err := store.StageTallies(v.r.Context(), d.pool)
	if err != nil {
		return err
	}
	leads := map[string]int{}
	for _, t := range tallies {
		leads[t.Stage] = t.Leads
		p.Leads += t.Leads
	}
	for _, stage := range config.Stages() {
		guide := live.Process.Stages[stage]
		aid, err := markdown(guide.JobAid)
		if err != nil {
			return err
		}
		p.Stages = append(p.Stages, stageView{
			Key: string(stage), Name: sentence(words(stage)), Activities: guide.Activities, ExitCriteria: guide.ExitCriteria, JobAid: aid,
			Share: rate{"", leads[string(stage)], p.Leads, "leads"},
		})
	}
	return v.render(http.StatusOK, "stages.html", "Stages", p)
}

// markdown renders what marketers write. Raw HTML and addresses that run something are left out, which is what goldmark does unless told otherwise.
func markdown(source string) (template.HTML, error) {
	var b bytes.Buffer
	if err := goldmark.Convert([]byte(source), &b); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // escaped by goldmark
}
