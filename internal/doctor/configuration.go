package doctor

import (
	"bytes"
	"fmt"
	"strings"

	"nurture/config"
	"nurture/store"
)

// Configuration is the folder and what is live.
type Configuration struct {
	Dir        string
	Folder     *config.Config // nil when Problem is set
	Problem    error          // why the folder cannot be read
	Asked      bool           // the database could be asked for what follows
	Live       *store.ConfigVersion
	LiveFiles  []store.ConfigFile
	Signatures []store.Signature // of the folder's definition
}

// roles must both have signed the definition.
var roles = []string{"marketing", "sales"}

// Findings judges the configuration.
func (c Configuration) Findings() []Finding {
	var findings []Finding
	if c.Problem != nil {
		findings = append(findings, fail("config folder", fmt.Sprintf("%s: %v", c.Dir, c.Problem), "nurture validate lists every problem with its place; --config DIR names another folder"))
	} else {
		findings = append(findings, good("config folder", "%s is valid", c.Dir))
	}
	if !c.Asked {
		return findings
	}
	if c.Folder != nil {
		findings = append(findings, c.signed())
	}
	return append(findings, c.live())
}

func (c Configuration) signed() Finding {
	const what = "signatures"
	var missing, names []string
	for _, role := range roles {
		name := ""
		for _, s := range c.Signatures {
			if s.Role == role {
				name = s.Name
			}
		}
		if name == "" {
			missing = append(missing, role)
			continue
		}
		names = append(names, name+" for "+role)
	}
	if len(missing) == 0 {
		return good(what, "%s", strings.Join(names, ", "))
	}
	detail := "uld.yaml as it stands is not signed by " + strings.Join(missing, " and ")
	fix := fmt.Sprintf("nurture uld sign --role %s --name NAME", missing[0])
	if c.Live == nil {
		return fail(what, detail, fix)
	}
	return warn(what, detail+"; the live version is in force meanwhile", fix)
}

func (c Configuration) live() Finding {
	const what = "live version"
	switch {
	case c.Live == nil:
		return fail(what, "nothing is applied yet: no cadence runs", "nurture apply")
	case c.Folder == nil:
		return good(what, "version %d is in force", c.Live.ID)
	}
	if changed := c.differing(); len(changed) > 0 {
		return warn(what, fmt.Sprintf("version %d is in force, and the folder differs in %s", c.Live.ID, few(changed)),
			"nurture apply, or take the edits back")
	}
	return good(what, "version %d is in force, as the folder has it", c.Live.ID)
}

// differing lists the files that are not the same in the folder and live.
func (c Configuration) differing() []string {
	stored := map[string][]byte{}
	for _, f := range c.LiveFiles {
		stored[f.Path] = f.Content
	}
	var changed []string
	for _, f := range c.Folder.Files {
		content, known := stored[f.Path]
		if !known || !bytes.Equal(content, f.Content) {
			changed = append(changed, f.Path)
		}
		delete(stored, f.Path)
	}
	for _, f := range c.LiveFiles {
		if _, left := stored[f.Path]; left {
			changed = append(changed, f.Path)
		}
	}
	return changed
}

// few names some of many.
func few(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
