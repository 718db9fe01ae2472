package jobs

import (
	"fmt"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/store"
)

// checkLimits holds what no configuration of a company allows.
func (c *company) checkLimits() {
	c.t.Helper()
	promises := map[string]string{
		"mailboxes over their day's cap": fmt.Sprintf(`SELECT count(*) FROM (SELECT FROM touches WHERE channel = 'email' AND state IN ('sent', 'claimed', 'unknown') AND claimed_at IS NOT NULL
			GROUP BY sender, (claimed_at AT TIME ZONE 'Europe/Berlin')::date HAVING count(*) > %d) x`, mostADay),
		// What was planned up to staleAfter ago counts toward the hour in which it was planned.
		"mailboxes over their hour's cap": fmt.Sprintf(`SELECT count(*) FROM touches t WHERE t.channel = 'email' AND t.state IN ('sent', 'claimed', 'unknown') AND %d < (SELECT count(*) FROM touches o
			WHERE o.sender = t.sender AND o.channel = 'email' AND o.state IN ('sent', 'claimed', 'unknown') AND o.claimed_at > t.claimed_at - interval '50 minutes' AND o.claimed_at <= t.claimed_at)`, mostAnHour),
		"mails to a domain over its day's limit": fmt.Sprintf(`SELECT count(*) FROM (SELECT FROM touches WHERE channel = 'email' AND state IN ('sent', 'claimed', 'unknown') AND address LIKE '%%@big.example'
			GROUP BY (claimed_at AT TIME ZONE 'Europe/Berlin')::date HAVING count(*) > %d) x`, mostADomain),
		"leads touched more often than the frequency cap allows": fmt.Sprintf(`SELECT count(*) FROM touches t WHERE t.state IN ('sent', 'claimed', 'unknown') AND t.attempt IS NOT NULL AND %d < (SELECT count(*) FROM touches o
			WHERE o.lead_id = t.lead_id AND o.state IN ('sent', 'claimed', 'unknown') AND o.attempt IS NOT NULL AND o.claimed_at > t.claimed_at - interval '7 days' AND o.claimed_at <= t.claimed_at)`, mostAWeek),
		"mails outside the window": `SELECT count(*) FROM touches t JOIN leads l ON l.id = t.lead_id WHERE t.channel = 'email' AND t.claimed_at IS NOT NULL AND cardinality(l.zones) = 1
			AND (extract(isodow FROM t.claimed_at AT TIME ZONE l.zones[1]) > 5 OR (t.claimed_at AT TIME ZONE l.zones[1])::time NOT BETWEEN '09:00' AND '17:00')`,
		"touches of leads that sales had": `SELECT count(*) FROM touches t JOIN handoffs h ON h.lead_id = t.lead_id WHERE t.claimed_at > h.offered_at AND h.state IN ('offered', 'escalated', 'accepted')
			AND NOT EXISTS (SELECT FROM handoff_outcomes o WHERE o.handoff_id = h.id)`,
		"touches in flight twice":                      `SELECT count(*) FROM (SELECT FROM touches WHERE state IN ('planned', 'claimed') GROUP BY lead_id HAVING count(*) > 1) x`,
		"enrolments that neither wait nor do anything": `SELECT count(*) FROM enrollments e WHERE e.state = 'active' AND e.due_at IS NULL AND NOT e.in_flight`,
		"enrolments in flight without a touch":         `SELECT count(*) FROM enrollments e WHERE e.state = 'active' AND e.in_flight AND NOT EXISTS (SELECT FROM touches t WHERE t.enrollment_id = e.id AND t.step = e.step AND t.run = e.run)`,

		"leads whose readiness is not that of their last verdict": `SELECT count(*) FROM leads l CROSS JOIN LATERAL (SELECT readiness FROM verdicts v WHERE v.lead_id = l.id ORDER BY id DESC LIMIT 1) v WHERE l.readiness <> v.readiness`,
		"touches in cycles that count nothing":                    `SELECT count(*) FROM touches t WHERE NOT EXISTS (SELECT FROM cycles c WHERE c.lead_id = t.lead_id AND c.cycle = t.cycle)`,
		"leads whose stage is not where they were moved last":     `SELECT count(*) FROM leads l CROSS JOIN LATERAL (SELECT stage FROM stage_log m WHERE m.lead_id = l.id ORDER BY id DESC LIMIT 1) m WHERE l.stage <> m.stage`,
		"steps of which a lead got several variants":              `SELECT count(*) FROM (SELECT FROM touches WHERE variant <> '' GROUP BY lead_id, step_key HAVING count(DISTINCT variant) > 1) x`,
		"qualified leads that nothing completes":                  `SELECT count(*) FROM leads l WHERE l.stage = 'qualified' AND l.end_reason = '' AND NOT EXISTS (SELECT FROM handoffs h WHERE h.lead_id = l.id AND h.state = 'blocked')`,
		"leads at sales without a handoff":                        `SELECT count(*) FROM leads l WHERE l.stage IN ('handed_off', 'accepted', 'opportunity') AND l.end_reason = '' AND NOT EXISTS (SELECT FROM handoffs h WHERE h.lead_id = l.id AND h.state NOT IN ('blocked', 'withdrawn', 'rejected'))`,
		"handoffs that wait for leads that sales has not":         `SELECT count(*) FROM leads l JOIN handoffs h ON h.lead_id = l.id AND h.state IN ('offered', 'escalated') WHERE l.stage <> 'handed_off' OR l.end_reason <> ''`,
		"handoffs that are accepted of leads that sales has not":  `SELECT count(*) FROM leads l JOIN LATERAL (SELECT h.* FROM handoffs h WHERE h.lead_id = l.id ORDER BY id DESC LIMIT 1) h ON h.state = 'accepted' WHERE l.stage NOT IN ('accepted', 'opportunity') AND l.end_reason = ''`,
		"handoffs that are blocked of leads that have ended":      `SELECT count(*) FROM leads l JOIN handoffs h ON h.lead_id = l.id AND h.state = 'blocked' WHERE l.end_reason <> ''`,
		"calls that were told of and are not sent":                `SELECT count(*) FROM responses r JOIN touches t ON t.id = r.touch_id WHERE r.source = 'twilio' AND t.state <> 'sent'`,
		"open tasks of leads that have ended":                     `SELECT count(*) FROM tasks k JOIN leads l ON l.id = k.lead_id WHERE k.state IN ('open', 'claimed') AND l.end_reason <> '' AND k.kind NOT IN ('triage', 'referral')`,
		"calls to make for leads that sales has":                  `SELECT count(*) FROM tasks k JOIN leads l ON l.id = k.lead_id WHERE k.state IN ('open', 'claimed') AND k.touch_id IS NOT NULL AND l.stage IN ('handed_off', 'accepted', 'opportunity')`,
	}
	if c.alone {
		delete(promises, "mails outside the window") // it goes by where the lead is by now: see mayLeave
	}
	if c.wrong { // these go by when things happened
		for what := range promises {
			if strings.Contains(what, "cap") || strings.Contains(what, "limit") || what == "touches of leads that sales had" {
				delete(promises, what)
			}
		}
	}
	for what, sql := range promises {
		if n := c.count(sql); n != 0 {
			c.t.Fatalf("%s: %d %s", c.clock.Now(), n, what)
		}
	}
}

// mayLeave says what forbids, at this moment, what a channel is handed or an SDR is asked to do; "" when nothing does. It is asked while nobody else does anything.
func (c *company) mayLeave(touchID int64) string {
	var channel, address, email, phone, enrollment, end string
	var consent, waits, invalid bool
	var zones []string
	err := c.pool.QueryRow(c.ctx, `SELECT t.channel, t.address, l.email, l.phone, l.consent_voicemail IS NOT NULL, l.zones, e.state, l.end_reason,
			EXISTS (SELECT FROM handoffs h WHERE h.lead_id = l.id AND h.state IN ('offered', 'escalated')), l.phone_invalid
		FROM touches t JOIN leads l ON l.id = t.lead_id JOIN enrollments e ON e.id = t.enrollment_id WHERE t.id = $1`, touchID).
		Scan(&channel, &address, &email, &phone, &consent, &zones, &enrollment, &end, &waits, &invalid)
	must(c.t, err)
	asked := []string{address}
	if _, domain, ok := strings.Cut(address, "@"); ok {
		asked = append(asked, "@"+domain)
	}
	barred, err := store.FindSuppressions(c.ctx, c.pool, asked)
	must(c.t, err)
	switch {
	case len(barred) > 0:
		return fmt.Sprintf("%s is suppressed: %+v", address, barred)
	case address != email && address != phone:
		return fmt.Sprintf("%s is not where the lead is any more: %s %s", address, email, phone)
	case enrollment != "active" || end != "" || waits:
		return fmt.Sprintf("the enrolment is %s, the lead's end %q, with sales %t", enrollment, end, waits)
	case channel == "voicemail" && !consent:
		return "there is no consent"
	case invalid && address == phone:
		return "the number is a wrong one"
	case channel != "email" && len(zones) == 0:
		return "nobody knows what time it is there"
	}
	for _, zone := range zones {
		there, err := time.LoadLocation(zone)
		must(c.t, err)
		at := c.now().In(there)
		if wall := at.Format("15:04"); wall < "09:00" || wall > "17:00" || at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			return fmt.Sprintf("it is %s there, in %s", at.Format("Mon 15:04"), zone)
		}
	}
	return ""
}

// checkStories holds what is told of each lead.
func (c *company) checkStories() {
	c.t.Helper()
	for _, id := range c.everybody() {
		lead, err := store.LeadByID(c.ctx, c.pool, id)
		must(c.t, err)
		stages, err := store.LeadStages(c.ctx, c.pool, id)
		must(c.t, err)
		at := cadence.StageInquiry
		for _, m := range stages {
			to := cadence.Stage(m.Stage)
			if to == at {
				c.t.Fatalf("%s: lead %d moves from %s to %s: %+v", c.clock.Now(), id, at, at, stages)
			}
			if err := cadence.CheckStageMove(at, to, lead.Origin == "self_qualified", m.Reason); err != nil {
				c.t.Fatalf("%s: lead %d: %v: %+v", c.clock.Now(), id, err, stages)
			}
			at = to
		}
		facts, err := store.Facts(c.ctx, c.pool, []int64{id})
		must(c.t, err)
		known := map[int64]string{}
		for _, f := range facts[id] {
			known[f.ID] = fmt.Sprint(f.Criterion, f.Value, f.Class, f.At, f.ResponseID)
		}
		for fact, was := range c.facts[id] {
			if known[fact] != was {
				c.t.Fatalf("%s: lead %d: fact %d was %s, is %s", c.clock.Now(), id, fact, was, known[fact])
			}
		}
		c.facts[id] = known
		o, err := c.Outlook(c.ctx, &lead)
		must(c.t, err)
		if o.Next == "" || o.Sentence == "" || o.Next == "nothing" {
			c.t.Fatalf("%s: lead %d: outlook %+v", c.clock.Now(), id, o)
		}
	}
}
