package sandbox

import (
	"fmt"
	"os"
	"path/filepath"

	"nurture/internal/sandbox/mailsink"
	"nurture/jobs"
)

// keptMails is how many of the newest mails a run keeps whole.
const keptMails = 200

// WriteMails writes the newest mails into a folder of their own, one .eml file each, in place of what an earlier run left there.
func (r *Result) WriteMails(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("clear the outbox of the last run: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the outbox: %w", err)
	}
	for i, m := range r.mails {
		if err := writeMail(dir, fmt.Sprintf("mail-%04d.eml", i+1), m); err != nil {
			return err
		}
	}
	return nil
}

// writeMail writes a mail into a folder: that of a touch under its id, another, such as a dossier, as name.
func writeMail(dir, name string, m mailsink.Mail) error {
	if id, ok := jobs.TouchOf(m.MessageID); ok {
		name = fmt.Sprintf("touch-%d.eml", id)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, m.Body, 0o644); err != nil {
		return fmt.Errorf("write a mail: %w", err)
	}
	if err := os.Chtimes(path, m.At, m.At); err != nil {
		return fmt.Errorf("date a mail: %w", err)
	}
	return nil
}

// WriteDossier writes the page that sales got about the first example into dir, and returns its path; "" when nobody was handed off.
func (r *Result) WriteDossier(dir string) (string, error) {
	if len(r.Examples) == 0 || r.Promotions == 0 {
		return "", nil
	}
	page, err := r.Examples[0].Dossier.HTML()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "dossier.html")
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		return "", fmt.Errorf("write the dossier: %w", err)
	}
	return path, nil
}
