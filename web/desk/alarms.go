package desk

import (
	"net/http"
	"strings"

	"nurture/internal/figure"
	"nurture/jobs"
)

// alarmRow is an alarm in words: what is wrong, since when, what to do, and where.
type alarmRow struct {
	Grave         bool
	Heading, Todo string
	Said          []string // what servers said, each with whom it is about
	Since         moment
	Path, Link    string // where to do it; "" when the role may not
}

// alarmWords are the words of an alarm. In heading, % is how many.
type alarmWords struct {
	grave              bool
	one, many          string
	todo               string
	path, anchor, link string // anchor: of the part of the page; "" is all of it
}

var alarmTexts = map[jobs.AlarmKind]alarmWords{
	jobs.AlarmNotReady:     {grave: true, one: "Nothing is applied yet", todo: "Nothing leaves until the lead definition is signed and the configuration applied: nurture apply."},
	jobs.AlarmNoWorker:     {grave: true, one: "No worker is alive", todo: "Nothing leaves. Start one: nurture serve, or nurture work."},
	jobs.AlarmGivenUp:      {grave: true, one: "1 job was given up", many: "% jobs were given up", todo: "They will not be tried again by themselves. Read the error, mend the cause, then retry.", path: "/desk/ops", anchor: "#failing", link: "Failing jobs"},
	jobs.AlarmSenderStuck:  {grave: true, one: "Nothing leaves from 1 sender", many: "Nothing leaves from % senders", todo: "What is planned waits, and is tried again by itself. Mend what its server says; nurture doctor looks at its account.", path: "/desk/ops/senders", link: "Senders"},
	jobs.AlarmSenderPaused: {grave: true, one: "1 mailbox is paused", many: "% mailboxes are paused", todo: "Its leads wait. Find out why mail systems refused it, then resume it.", path: "/desk/ops/senders", link: "Senders"},
	jobs.AlarmInboxUnread:  {grave: true, one: "1 mailbox is not read", many: "% mailboxes are not read", todo: "Answers there, and requests to be left alone, are not heeded meanwhile. Mend what its server says; nurture doctor looks at it."},
	jobs.AlarmLeak:         {grave: true, one: "1 lead has no next action", many: "% leads have no next action", todo: "Nobody will come back to them. Enrol them, or end them with a reason.", path: "/desk/ops/leaks", link: "Leads"},
	jobs.AlarmWorkerSilent: {one: "1 worker is silent", many: "% workers are silent", todo: "Others take its work up. If its machine is gone, nothing needs to be done."},
	jobs.AlarmFailing:      {one: "1 job failed and will be tried again", many: "% jobs failed and will be tried again", todo: "Read the errors: if they stay the same, retries will not mend them.", path: "/desk/ops", anchor: "#failing", link: "Failing jobs"},
	jobs.AlarmQueuePaused:  {one: "1 queue is paused", many: "% queues are paused", todo: "Nothing of it is worked until somebody resumes it.", path: "/desk/ops", anchor: "#queues", link: "Queues"},
	jobs.AlarmEscalated:    {one: "1 handoff went unanswered", many: "% handoffs went unanswered", todo: "Sales let its time pass. Ask the rep, or give it to another one.", path: "/desk/handoffs", link: "Handoffs"},
	jobs.AlarmUnknown:      {one: "1 touch may or may not have left", many: "% touches may or may not have left", todo: "Look into the mail server's log, and say what you find.", path: "/desk/ops/unknown", link: "Decide"},
	jobs.AlarmUnmatched:    {one: "1 mail waits for its lead", many: "% mails wait for their leads", todo: "Somebody answered whom nobody could match. Say who it is, or set it aside.", path: "/desk/inbox", link: "Inbox"},
	jobs.AlarmReferrals:    {one: "1 person was named by a lead", many: "% people were named by leads", todo: "Accept them as leads, or decline with a reason.", path: "/desk/inbox/referrals", link: "Referrals"},
}

// mostNamed is how many of those that an alarm is about are named, and shownSaid how many characters of what a server said of one.
const (
	mostNamed = 4
	shownSaid = 300
)

// alarmRows puts alarms into words.
func (v *visit) alarmRows(alarms []jobs.Alarm) []alarmRow {
	rows := make([]alarmRow, 0, len(alarms))
	for _, a := range alarms {
		words := alarmTexts[a.Kind]
		row := alarmRow{Grave: words.grave, Heading: words.one, Todo: words.todo, Since: v.momentOf(a.Since)}
		if a.Real {
			row.Since = v.realOf(a.Since)
		}
		if a.N != 1 || a.More {
			many := figure.Thousands(a.N)
			if a.More {
				many = "more than " + many
			}
			row.Heading = strings.Replace(words.many, "%", many, 1)
		}
		if len(a.About) > 0 {
			row.Heading += ": " + listOf(a.About, mostNamed)
		}
		for i, said := range a.Said[:min(len(a.Said), mostNamed)] {
			said = shorten(said, shownSaid)
			if len(a.Said) > 1 {
				said = a.About[i] + ": " + said
			}
			row.Said = append(row.Said, said)
		}
		if mayGet(words.path, v.role()) {
			row.Path, row.Link = words.path+words.anchor, words.link
		}
		rows = append(rows, row)
	}
	return rows
}

// listOf lists names, at most most of them.
func listOf(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and " + figure.Thousands(len(names)-most) + " more"
	}
	return strings.Join(names, ", ")
}

// showLeaks lists the leads that nobody and nothing will come back to.
func (d *Desk) showLeaks(v *visit) error {
	leaks := d.engine.Leaks(v.r.Context())
	p := leaksPage{Looked: v.real(leaks.At), More: leaks.More}
	for _, l := range leaks.Leads[:min(len(leaks.Leads), shownLeaks)] {
		p.Rows = append(p.Rows, leakRow{Key: l.Key, Stage: l.Stage, Owner: l.Owner, Note: l.Note, Path: v.leadPath(l.LeadID)})
	}
	p.More = p.More || len(leaks.Leads) > shownLeaks
	return v.render(http.StatusOK, "leaks.html", "Leads without a next action", p)
}

// shownLeaks is how many leaks a page shows.
const shownLeaks = 200

type leaksPage struct {
	Looked moment // when; None while the first look is under way
	Rows   []leakRow
	More   bool
}

type leakRow struct{ Key, Stage, Owner, Note, Path string }
