package config

import (
	"fmt"
	"strings"
	"time"

	"nurture/cadence"
)

// AllowancesAt gives what every sender, SDR and throttled domain may take on the day of now, in the operator's zone, for a desk so many times
// the size: 1 is the one that is written.
func (s Settings) AllowancesAt(desk int, now time.Time) (cadence.Allowances, error) {
	loc, err := time.LoadLocation(s.Zone)
	if err != nil {
		return cadence.Allowances{}, fmt.Errorf("the operator's zone: %w", err)
	}
	y, m, d := now.In(loc).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	a := cadence.Allowances{
		Midnight: time.Date(y, m, d, 0, 0, 0, 0, loc).UTC(), Tomorrow: time.Date(y, m, d+1, 0, 0, 0, 0, loc).UTC(),
		Of: map[cadence.Spender]cadence.Allowance{},
	}
	add := func(s cadence.Spender, allowance cadence.Allowance) {
		a.Order = append(a.Order, s)
		a.Of[s] = allowance.Times(desk)
	}
	for _, sender := range s.Senders {
		mails := sender.Allowance()
		mails.Day = sender.WarmUp.Cap(mails.Day, day, s.Defaults.Window.Days())
		add(cadence.Spender{Channel: string(cadence.ChannelEmail), Sender: sender.Email}, mails)
		add(cadence.Spender{Channel: string(cadence.ChannelVoicemail), Sender: sender.Email}, sender.Allowance())
	}
	for _, sdr := range s.Team.SDRs {
		add(cadence.Spender{Channel: string(cadence.ChannelCall), Sender: sdr.Email}, cadence.Allowance{Day: sdr.DailyCalls, Hour: cadence.Unlimited})
	}
	for _, domain := range s.Mail.ThrottledDomains() {
		add(cadence.Spender{Domain: domain}, s.Mail.PerDomain[domain])
	}
	return a, nil
}

// PacedByHour are the mailboxes and the domains of mail addresses that have a limit by the hour.
func (s Settings) PacedByHour() (mailboxes, domains []string) {
	for _, sender := range s.Senders {
		if sender.HourlyCap > 0 {
			mailboxes = append(mailboxes, sender.Email)
		}
	}
	for _, domain := range s.Mail.ThrottledDomains() {
		if s.Mail.PerDomain[domain].Hour != cadence.Unlimited {
			domains = append(domains, domain)
		}
	}
	return mailboxes, domains
}

// ThrottledDomain is the domain of a mail address, in lower case, when it has a throttle; "" else.
func (m Mail) ThrottledDomain(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	domain = strings.ToLower(domain)
	if _, throttled := m.PerDomain[domain]; throttled {
		return domain
	}
	return ""
}
