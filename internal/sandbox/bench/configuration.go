package bench

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"nurture/config"
	"nurture/examples"
)

// cadenceKey is the one cadence that a measurement runs.
const cadenceKey = "bench"

// mails are the starter's templates that the steps use in turn: what is written is what the product writes.
var mails = []string{"intro", "case-study", "small-changes", "near-miss-lessons", "leave-it-here"}

// plan says what the configuration is to hold.
type plan struct {
	senders, steps int
	intake         string // intake of the cadence, such as "manual"; "" takes in whoever its audience matches
	staff          int    // so many SDRs and reps, with the starter's cadences; 0 is one of each, with a cadence of steps
	reuse          bool   // the database is there already
}

// write makes a configuration folder: the starter's definition, process and templates, with mailboxes that may send all that is asked for, and
// one cadence whose steps follow each other at once, at any hour.
func (p plan) write(dir string) (*config.Config, error) {
	err := fs.WalkDir(examples.Starter(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == config.SettingsFile || p.staff == 0 && strings.HasPrefix(name, config.CadencesDir+"/") {
			return err
		}
		content, err := fs.ReadFile(examples.Starter(), name)
		if err != nil {
			return err
		}
		return writeFile(filepath.Join(dir, name), string(content))
	})
	if err != nil {
		return nil, err
	}
	if err := writeFile(filepath.Join(dir, config.SettingsFile), p.settings()); err != nil {
		return nil, err
	}
	if p.staff == 0 {
		if err := writeFile(filepath.Join(dir, config.CadencesDir, cadenceKey+".yaml"), p.cadence()); err != nil {
			return nil, err
		}
	}
	return config.Load(os.DirFS(dir))
}

func writeFile(name, content string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(content), 0o644)
}

func (p plan) settings() string {
	var b strings.Builder
	b.WriteString(`company:
  name: Kestrel Process Safety
  postal_address: |
    Kestrel Process Safety GmbH
    Beispielstrasse 12
    10115 Berlin, Germany
  website: https://www.example.com
country: DE
zone: UTC
public_url: https://nurture.example.com
senders:
`)
	for i := range p.senders {
		fmt.Fprintf(&b, "  - { name: Mara Lindqvist, title: Course advisor, email: %s, phone: \"+4930123456%02d\", daily_cap: 100000 }\n", sender(i), i)
	}
	b.WriteString(`team:
  sdrs:
    - { name: Mara Lindqvist, email: mara@example.com, daily_calls: 1000 }
`)
	for i := 2; i <= p.staff; i++ {
		fmt.Fprintf(&b, "    - { name: Sdr Number %d, email: sdr.%d@example.com, daily_calls: 60 }\n", i, i)
	}
	b.WriteString("  reps:\n    - { name: Tomas Novak, email: tomas@example.com, cap: 1000 }\n")
	for i := 2; i <= p.staff; i++ {
		fmt.Fprintf(&b, "    - { name: Rep Number %d, email: rep.%d@example.com, cap: 25 }\n", i, i)
	}
	b.WriteString("  manager: { name: Elena Fischer, email: elena@example.com }\n")
	return b.String()
}

// sender is the address of a mailbox, counted from 0.
func sender(i int) string { return fmt.Sprintf("mara.%d@example.com", i+1) }

func (p plan) cadence() string {
	var b strings.Builder
	fmt.Fprintf(&b, `cadence: %s
goal: a conversation about hazard study training within the next two quarters
audience:
  consent.email: { is: true }
window: { days: mon-sun, hours: "00:00-24:00", zone: lead, holidays: none }
budget: %d
`, cadenceKey, max(p.steps, 1))
	if p.intake != "" {
		fmt.Fprintf(&b, "intake: %s\n", p.intake)
	}
	b.WriteString("steps:\n")
	for i := range p.steps {
		fmt.Fprintf(&b, "  - { email: %s, name: step-%d }\n", mails[i%len(mails)], i+1)
	}
	b.WriteString("then: { close: true }\n")
	return b.String()
}
