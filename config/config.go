// Package config reads a configuration folder: nurture.yaml, uld.yaml, process.yaml, cadences/*.yaml, templates/, and simulate.yaml if
// there is one. It is
// strict: whatever it does not know is an error, and every error is reported at once with file, line, column and a hint.
package config

import (
	"io/fs"
	"maps"
	"slices"
	"strings"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/templates"
)

// The files of a configuration folder.
const (
	SettingsFile   = "nurture.yaml"
	DefinitionFile = "uld.yaml"
	ProcessFile    = "process.yaml"
	CadencesDir    = "cadences"
	TemplatesDir   = "templates"
)

// Config is a configuration without fault. It is immutable: any number of goroutines may read it.
type Config struct {
	Settings       Settings
	Definition     uld.Definition
	DefinitionHash string // hex SHA-256 of uld.yaml as written: what the two signatures are for
	Process        Process
	Plans          map[string]cadence.Plan // by key
	// PlanHash tells versions of a plan apart: hex SHA-256 of the cadence's file, of the templates that it uses, and of
	// the values that it takes over from nurture.yaml.
	PlanHash  map[string]string // by key
	Templates *templates.Set
	// Simulation is what people are taken to do by the simulation; nothing else reads it.
	Simulation Simulation
	Files      []File // every file that was read, sorted by path: together they are the version
}

// Load reads the configuration folder at the root of fsys. The error is of type Problems and holds everything that is wrong.
func Load(fsys fs.FS) (*Config, error) { return loadFolder(fsys, func(Problem) bool { return true }) }

// LoadApplied reads a folder that passed Load when it was applied, perhaps that of an earlier program: what later checks say against its values, all of
// which can be read, does not keep it from being in force. What cannot be read is an error as for Load.
func LoadApplied(fsys fs.FS) (*Config, error) {
	return loadFolder(fsys, func(p Problem) bool { return !p.judged })
}

func loadFolder(fsys fs.FS, counts func(Problem) bool) (*Config, error) {
	l := &loader{files: map[string][]byte{}, documents: map[string]node{}}
	l.collect(fsys)
	c := l.read()
	l.problems = slices.DeleteFunc(l.problems, func(p Problem) bool { return !counts(p) })
	if len(l.problems) > 0 {
		return nil, l.problems.sorted()
	}
	return c, nil
}

// loader is one run of Load.
type loader struct {
	files     map[string][]byte
	documents map[string]node // root of each YAML file that can be read
	problems  Problems
	listener  func(asked) // of every document
}

// read makes the configuration of the collected files. It is complete only if no problem was found.
func (l *loader) read() *Config {
	for _, path := range slices.Sorted(maps.Keys(l.files)) {
		if strings.HasSuffix(path, ".yaml") && !strings.HasPrefix(path, TemplatesDir+"/") {
			doc := newDocument(path, l.files[path], &l.problems)
			doc.listener = l.listener
			if root, ok := doc.parse(l.files[path]); ok {
				l.documents[path] = root
			}
		}
	}
	c := &Config{Files: l.sortedFiles(), Plans: map[string]cadence.Plan{}, PlanHash: map[string]string{}}
	definition, definitionReadable := l.documents[DefinitionFile]
	if definitionReadable {
		c.Definition = readDefinition(definition)
		c.DefinitionHash = hash(l.files[DefinitionFile])
		l.checkDefinition(c.Definition, definition.doc)
	}
	known := newFields(c.Definition, !definitionReadable || len(definition.doc.bad) > 0)
	settings, settingsReadable := l.documents[SettingsFile]
	if settingsReadable {
		c.Settings = readSettings(settings, known)
	} else {
		c.Settings.Defaults = usualDefaults()
		c.Settings.Compliance.Calls = legalCalls
	}
	if process, ok := l.documents[ProcessFile]; ok {
		c.Process = readProcess(process)
	}
	l.readTemplates(c, known)
	if settingsReadable {
		l.addTemplateProblems(c.Templates.CheckTopics(c.Settings.topicKeys()))
	}
	l.readCadences(c, known, settingsReadable)
	if simulation, ok := l.documents[SimulationFile]; ok {
		c.Simulation = readSimulation(simulation, c.Plans)
	}
	c.tagTopics()
	return c
}

// checkDefinition reports what is wrong with a definition whose parts could each be read.
func (l *loader) checkDefinition(definition uld.Definition, doc *document) {
	for _, problem := range definition.Check() {
		path := problem.Path
		if written, ok := definitionKeys[path]; ok {
			path = written
		}
		doc.reportPath(path, problem.Message, problem.Hint)
	}
}

// definitionKeys are the keys of uld.yaml that the definition has other names for.
var definitionKeys = map[string]string{"key": "definition", "self_qualified.mode": "self_qualified.policy"}

// readTemplates loads the templates and checks that the variables that they name exist. Their problems name their own places.
func (l *loader) readTemplates(c *Config, f fields) {
	files, err := FS(c.Files)
	if err != nil {
		l.problems = append(l.problems, Problem{File: TemplatesDir, Message: err.Error()})
		return
	}
	set, problems := templates.Load(files, TemplatesDir)
	c.Templates = set
	l.addTemplateProblems(problems)
	l.addTemplateProblems(set.Check(func(variable string) bool {
		if strings.HasPrefix(variable, "facts.") {
			_, _, known := f.find(variable)
			return known
		}
		return templates.Known(variable)
	}))
}

// addTemplateProblems takes problems of templates over and adds the lines that they are about.
func (l *loader) addTemplateProblems(problems []templates.Problem) {
	for _, p := range problems {
		doc := newDocument(p.File, l.files[p.File], &l.problems)
		doc.report(place{p.Line, p.Column}, p.Hint, "%s", p.Message)
	}
}

// sortedFiles lists the files by path.
func (l *loader) sortedFiles() []File {
	files := make([]File, 0, len(l.files))
	for _, path := range slices.Sorted(maps.Keys(l.files)) {
		files = append(files, File{Path: path, Content: l.files[path]})
	}
	return files
}
