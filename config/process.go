package config

import "nurture/cadence"

// Process is process.yaml: what people do with a lead in each stage. It has an entry for every stage.
type Process struct {
	Stages map[cadence.Stage]StageGuide
}

// StageGuide says what is done with a lead in a stage, when it is over, and how.
type StageGuide struct {
	Activities   []string
	ExitCriteria []string
	JobAid       string // Markdown
}

// Stages lists all stages in the order of a lead's way; recycled and disqualified come last.
func Stages() []cadence.Stage { return append([]cadence.Stage(nil), stages...) }

// readProcess reads process.yaml.
func readProcess(root node) Process {
	o := root.object()
	defer o.close()
	guides := o.need("stages", "stages: with inquiry, nurturing and so on below").object()
	defer guides.close()
	p := Process{Stages: map[cadence.Stage]StageGuide{}}
	for _, stage := range stages {
		g := guides.need(string(stage), "every stage needs activities, exit_criteria and a job_aid").object()
		p.Stages[stage] = StageGuide{
			Activities:   atLeastOneText(g.need("activities", "what people do in this stage"), "activity"),
			ExitCriteria: atLeastOneText(g.need("exit_criteria", "what must be true before a lead leaves this stage"), "exit criterion"),
			JobAid:       g.need("job_aid", "job_aid: | and Markdown text below").text(),
		}
		g.close()
	}
	return p
}

// atLeastOneText reads a list of texts that must not be empty.
func atLeastOneText(n node, what string) []string {
	var texts []string
	for _, item := range atLeastOne(n, what) {
		texts = append(texts, item.text())
	}
	return texts
}
