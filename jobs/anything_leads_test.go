package jobs

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"nurture/cadence"
	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/internal/token"
	"nurture/store"
)

func (c *company) suppressSome() error {
	lead, err := store.Leads(c.ctx, c.pool, []int64{c.someLead()})
	if err != nil || len(lead) == 0 || c.random.IntN(4) > 0 {
		return err
	}
	s := store.Suppression{Address: lead[0].Email, Scope: cadence.SuppressEmail}
	if c.random.IntN(2) == 0 && lead[0].Phone != "" {
		s = store.Suppression{Address: lead[0].Phone, Scope: cadence.SuppressPhone}
	}
	if c.random.IntN(3) == 0 {
		_, err := c.LiftSuppression(c.ctx, s.Address, s.Scope, "asked to", "ops")
		return err
	}
	_, err = c.Suppress(c.ctx, []store.Suppression{s})
	return err
}

// importAgain brings somebody once more, with another phone, or somebody new.
func (c *company) importAgain() error {
	i := 1 + c.random.IntN(20)
	p := customer(i)
	if c.random.IntN(2) == 0 {
		p.Phone = fmt.Sprintf("+49309876%04d", c.random.IntN(20))
	}
	if c.random.IntN(4) == 0 {
		p.Email = fmt.Sprintf("new%03d@customer-%03d.example", c.random.IntN(10), i)
	}
	_, err := c.Import(c.ctx, []leadfile.Row{{Line: 2, Lead: p}})
	return err
}

// useLink lets a lead do something on the pages that a mail leads to.
func (c *company) useLink() error {
	sent := c.touchIDs("sent")
	if len(sent) == 0 {
		return nil
	}
	touch := sent[c.random.IntN(len(sent))]
	switch c.random.IntN(12) {
	case 4, 5, 6:
		err := c.SelfQualify(c.ctx, c.tokens.Make(token.SelfQualify, touch), fmt.Sprint(c.random.IntN(20)), c.some(criteria))
		if errors.As(err, new(AnswerProblems)) || errors.Is(err, ErrUnanswered) {
			return nil
		}
		return err
	case 7, 8:
		_, err := c.Click(c.ctx, c.tokens.MakeLink(touch, firstLink), opened())
		return err
	case 0:
		return c.Unsubscribe(c.ctx, c.tokens.Make(token.Unsubscribe, touch))
	case 1:
		_, err := c.Prefer(c.ctx, c.tokens.Make(token.Preferences, touch), fmt.Sprint(serial.Add(1)), []Choice{NeverCall}, nil)
		return err
	case 2, 3:
		choice := []Choice{LessOften, PauseMonth, PauseThree}[c.random.IntN(3)]
		_, err := c.Prefer(c.ctx, c.tokens.Make(token.Preferences, touch), fmt.Sprint(serial.Add(1)), []Choice{choice}, nil)
		return err
	}
	_, err := c.Preferences(c.ctx, c.tokens.Make(token.Preferences, touch))
	return err
}

// writeBack lets leads answer what they were sent, machines too, and delivers some of it twice.
func (c *company) writeBack() error {
	sent := c.mail.messages()
	if len(sent) == 0 {
		return nil
	}
	m := sent[c.random.IntN(len(sent))]
	if m.TouchID <= 0 {
		return nil
	}
	letters := []letter{
		answer(m, "Please call me next week."), answer(m, "Not now, perhaps in autumn."), answer(m, "Please ask my colleague Kim Berg <kim.berg@elsewhere.example>."),
		auto(m, "Automatic reply: out of office", "I am back on 20 April 2026."), report(m, "failed", "5.1.1", "550 no such user"), report(m, "delayed", "4.4.1", "later"),
		report(m, "failed", "4.2.2", "452 mailbox full"),
		{from: "Somebody <else@nowhere.example>", to: m.Mail.ReplyTo, subject: "Hello", body: "Is this for me?\n"},
	}
	if c.random.IntN(10) == 0 {
		letters = []letter{answer(m, "Please take me off your list."), complaint(m)}
	}
	raw := letters[c.random.IntN(len(letters))].raw()
	mail := ArrivedMail{Source: "letters", ExternalID: fmt.Sprintf("%x", sha256.Sum256(raw)), Raw: raw}
	for range 1 + c.random.IntN(2) {
		if _, err := c.TakeMail(c.ctx, mail); err != nil {
			return err
		}
	}
	return nil
}

func (c *company) correctFields() error {
	lead, err := store.Leads(c.ctx, c.pool, []int64{c.someLead()})
	if err != nil || len(lead) == 0 {
		return err
	}
	person := map[string]string{"phone": fmt.Sprintf("+49301112%04d", c.random.IntN(30))}
	if c.random.IntN(3) == 0 {
		person = map[string]string{"email": fmt.Sprintf("moved%02d@customer-%03d.example", c.random.IntN(10), c.random.IntN(9))}
	}
	_, err = c.ChangeFields(c.ctx, FieldChange{Lead: lead[0].Key, Kind: provenance.Person, Source: "mara@example.com", Person: person})
	return err
}

// enrich lets a vendor or a colleague say where a lead is, and sometimes of its number and company.
func (c *company) enrich() error {
	lead, err := store.Leads(c.ctx, c.pool, []int64{c.someLead()})
	if err != nil || len(lead) == 0 {
		return err
	}
	places := []map[string]string{
		{"zone": "America/Los_Angeles", "country": "US"},
		{"zone": "Europe/Berlin", "country": "DE"},
		{"zone": "Asia/Tokyo"},
		{"country": "US", "region": "FL"},
		{"country": "DE"},
		{"zone": "Australia/Sydney"},
		{"phone": "+14155550132", "country": "US"},
		{"phone": fmt.Sprintf("+49301117%04d", c.random.IntN(30))},
	}
	change := FieldChange{Lead: lead[0].Key, Kind: provenance.Enrichment, Source: "vendor", AsOf: c.clock.Now().AddDate(0, 0, -c.random.IntN(9)), Person: places[c.random.IntN(len(places))]}
	if c.random.IntN(3) == 0 {
		change.Kind, change.Source = provenance.Person, "jonas@example.com"
	}
	if c.random.IntN(4) == 0 {
		change.Account = map[string]string{"employees": fmt.Sprint(1 + c.random.IntN(900))}
	}
	_, err = c.ChangeFields(c.ctx, change)
	return err
}

// decideProposal lets somebody decide on what a vendor said.
func (c *company) decideProposal() error {
	for _, id := range c.everybody() {
		_, proposals, err := c.KnownFields(c.ctx, id)
		if err != nil {
			return err
		}
		if len(proposals) > 0 {
			_, err := c.DecideProposal(c.ctx, proposals[0].ID, c.random.IntN(2) == 0, "mara@example.com")
			return err
		}
	}
	return nil
}

// look reads what pages show: whatever happened, it can be told.
func (c *company) look() error {
	for _, id := range c.everybody() {
		lead, err := store.Leads(c.ctx, c.pool, []int64{id})
		if err != nil || len(lead) == 0 {
			return err // erased a moment ago
		}
		if _, err := c.Outlook(c.ctx, &lead[0]); err != nil {
			return fmt.Errorf("outlook of %s: %w", lead[0].Key, err)
		}
		if _, err := c.Dossier(c.ctx, c.pool, id, c.clock.Now()); err != nil {
			return fmt.Errorf("dossier of %s: %w", lead[0].Key, err)
		}
	}
	if _, err := c.Alarms(c.ctx); err != nil {
		return err
	}
	if _, err := c.SenderStates(c.ctx); err != nil {
		return err
	}
	_, err := c.Tally(c.ctx)
	return err
}
