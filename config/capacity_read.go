package config

import (
	"strings"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

// readWarmUp reads how a new mailbox begins; full is what it may send a day once it is warm.
func readWarmUp(n node, full int) cadence.WarmUp {
	if !n.given() {
		return cadence.WarmUp{}
	}
	o := n.object()
	defer o.close()
	var w cadence.WarmUp
	w.From, _ = o.need("from", "the first day of sending, such as from: 2026-12-01").date()
	w.Start = o.need("start", "mails on the first day, such as start: 20").whole(1, 1, 100_000)
	w.Add = o.need("add", "mails more on each further day, such as add: 10").whole(1, 1, 100_000)
	if w.Start > full {
		o.get("start").fail("begin with less, or remove the warm_up", "the warm-up begins above the daily_cap of %d", full)
	}
	return w
}

// readPerDomain reads the throttles of recipients' domains.
func readPerDomain(n node) map[string]cadence.Allowance {
	if !n.given() {
		return nil
	}
	o := n.object()
	defer o.close()
	limits := map[string]cadence.Allowance{}
	for _, e := range o.rest() {
		domain := strings.ToLower(e.key)
		if !dnsName.MatchString(domain) || !strings.Contains(domain, ".") {
			e.fail("such as gmail.com: {per_hour: 100}", "%q is not a mail domain", e.key)
			continue
		}
		if _, twice := limits[domain]; twice {
			e.fail("one entry a domain", "%s has a limit already", domain)
		}
		limits[domain] = readLimit(e.value)
	}
	return limits
}

// readLimit reads how much may leave in a day and in an hour, of which at least one is written.
func readLimit(n node) cadence.Allowance {
	o := n.object()
	defer o.close()
	day, hour := o.get("per_day"), o.get("per_hour")
	if !day.given() && !hour.given() && !o.partial {
		n.fail("such as {per_day: 500, per_hour: 100}", "%s limits nothing", n.name())
	}
	return allowance(day.whole(0, 1, 1_000_000), hour.whole(0, 1, 1_000_000))
}

// usualMisfire is the policy of a configuration that names none: what was due is sent late, in the order of priorities and within the caps.
var usualMisfire = cadence.Misfire{
	Grace: calendar.Delay{Days: 2}, Then: cadence.MisfireSendLate, Over: calendar.Delay{BusinessDays: 5},
}

// readMisfire reads what becomes of touches that an outage made late; what is not written is as in fallback.
func readMisfire(n node, fallback cadence.Misfire) cadence.Misfire {
	if !n.given() {
		return fallback
	}
	o := n.object()
	defer o.close()
	m := fallback
	m.Then = choice(o.need("then", "then: send_late, skip or spread"), fallback.Then, cadence.MisfireSendLate, cadence.MisfireSkip, cadence.MisfireSpread)
	if grace := o.get("grace"); grace.given() {
		m.Grace = grace.delay()
	}
	over := o.get("over")
	switch {
	case !over.given():
	case m.Then != cadence.MisfireSpread:
		over.fail("remove it, or write then: spread", `"over" has no effect here`)
	default:
		if m.Over = over.wait(); m.Over.Hours > 0 {
			over.fail("such as over: 5 business days", "touches are spread over days")
		}
	}
	return m
}
