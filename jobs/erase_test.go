package jobs

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/store"
)

// everywhere lists the tables in which a text stands, whatever the case and the kind of column.
func (r *rig) everywhere(text string) []string {
	r.t.Helper()
	rows, err := r.pool.Query(r.ctx, `SELECT c.relname, array_remove(array_agg(a.attname::text), NULL) FROM pg_class c
		LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.atttypid = 'bytea'::regtype AND NOT a.attisdropped
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY c.relname ORDER BY c.relname`)
	must(r.t, err)
	type table struct {
		Name  string
		Bytes []string // its columns that a row's text shows as figures
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[table])
	must(r.t, err)
	var found []string
	for _, table := range tables {
		row := "t::text"
		for _, column := range table.Bytes {
			row += " || coalesce(encode(t." + column + ", 'escape'), '')"
		}
		if r.count(`SELECT count(*) FROM `+table.Name+` t WHERE position(lower($1) IN lower(`+row+`)) > 0`, text) > 0 {
			found = append(found, table.Name)
		}
	}
	return found
}

// TestEraseLeavesNoTrace: of a lead that everybody talked of nothing is left in any table, and of the others everything.
func TestEraseLeavesNoTrace(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
	r.at(tenOClock)
	const first, last, email, former, phone = "Zebulon", "Quackenbush", "zebulon@customer-001.example", "zq@former.example", "+493012345999"
	zeb := person(1)
	zeb.Key, zeb.Email, zeb.Phone, zeb.FirstName, zeb.LastName = "crm-zebulon", former, phone, first, last
	colleague, friend := person(1), person(2)
	colleague.Key, colleague.Email, colleague.Phone = "colleague", "colleague@customer-001.example", "+493012345111"
	// Before the lead is known somebody writes from its address, and nobody can say who that is.
	stranger := letter{from: first + " " + last + " <" + email + ">", to: "mara@example.com", subject: "Who are you", id: "stranger@customer-001.example", body: "I am " + first + ".\n"}
	r.take(stranger.raw())
	ids := r.importLeads(zeb, colleague, friend)
	lead := ids[0]
	r.tick()
	r.sendNow(cadence.ChannelEmail, r.plannedOf(cadence.ChannelEmail)...)
	var toZeb, toFriend channels.Message
	for _, m := range r.mail.messages() {
		switch m.To.Address {
		case former:
			toZeb = m
		case friend.Email:
			toFriend = m
		}
	}
	_, err := r.ChangeFields(r.ctx, FieldChange{Lead: zeb.Key, Kind: "person", Source: "mara", Person: map[string]string{"email": email}})
	must(t, err)
	r.take(answer(toZeb, "I am "+first+" "+last+", write to "+email).raw())
	r.take(answer(toFriend, "Please contact my colleague "+first+" "+last+" <"+email+"> instead.").raw())
	r.evaluateAll()
	r.respond(ids[1], cadence.Connected, r.ready()) // the dossier of a colleague names it
	r.respond(lead, cadence.Connected, r.ready(), func(in *ResponseInput) { in.Said = first + " said so" })
	r.evaluateAll()
	texts := []string{first, last, email, former, phone, zeb.Key}
	for _, text := range []string{first, email} {
		if got := r.everywhere(text); len(got) < 6 {
			t.Fatalf("%q stands in %v alone: this tries little", text, got)
		}
	}
	record, err := store.LeadRecords(r.ctx, r.pool, lead)
	must(t, err)
	for _, text := range texts {
		if !strings.Contains(string(record), text) {
			t.Errorf("who asks what we know is not told %q", text)
		}
	}
	if strings.Contains(string(record), colleague.Email) {
		t.Error("who asks what we know is told of a colleague")
	}
	before := map[string]int{}
	for _, what := range []string{"leads", "handoffs WHERE lead_id <> 1", "responses WHERE lead_id <> 1", "touches WHERE lead_id <> 1"} {
		before[what] = r.count(`SELECT count(*) FROM ` + what)
	}
	must(t, r.EraseLead(r.ctx, lead))
	for _, text := range texts {
		if got := r.everywhere(text); len(got) > 0 {
			t.Errorf("%q still stands in %v", text, got)
		}
	}
	before["leads"]--
	for what, n := range before {
		if is := r.count(`SELECT count(*) FROM ` + what); is != n {
			t.Errorf("%d %s, before %d", is, what, n)
		}
	}
	r.noLeaks()

	// It comes again, under another key and by its former address.
	r.pass(24 * time.Hour)
	again := zeb
	again.Key = "again"
	both := again
	both.Key, both.Email = "both", email
	r.importLeads(again, both)
	sent := len(r.mail.messages())
	r.start()
	r.until(r.clock.Now().Add(30*24*time.Hour), nil)
	for _, m := range r.mail.messages()[sent:] {
		if m.To.Address == former || m.To.Address == email {
			t.Errorf("a mail went to %s", m.To.Address)
		}
	}
	for _, k := range r.openPhones() {
		if k == phone {
			t.Error("a task asks to call the number")
		}
	}
}

// TestRecordsAreWhole: each table that keeps anything about leads is among the records of a person.
func TestRecordsAreWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var record map[string]json.RawMessage
	raw, err := store.LeadRecords(r.ctx, r.pool, r.importPeople(1)[0])
	must(t, err)
	must(t, json.Unmarshal(raw, &record))
	rows, err := r.pool.Query(r.ctx, `SELECT c.table_name::text FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.table_schema = 'public' AND c.column_name = 'lead_id' AND t.table_type = 'BASE TABLE'`)
	must(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	for _, table := range tables {
		if _, ok := record[table]; !ok && table != "lead_words" { // which are in the lead
			t.Errorf("there is nothing of %s", table)
		}
	}
	if _, err := store.LeadRecords(r.ctx, r.pool, 12345); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
}

// openPhones are the numbers that open tasks are about.
func (r *rig) openPhones() []string {
	r.t.Helper()
	tasks, err := store.OpenTasks(r.ctx, r.pool, "", 0)
	must(r.t, err)
	var phones []string
	for _, k := range tasks {
		if k.Kind != cadence.TaskTriage && k.Kind != cadence.TaskReferral {
			phones = append(phones, r.lead(k.LeadID).Phone)
		}
	}
	return phones
}

// TestEraseWhileItIsWrittenTo: a lead that is erased while a mail to it, and a call, are on their way holds up nobody else, and nothing of it comes back.
func TestEraseWhileItIsWrittenTo(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
	touches := r.planned(3)
	gone := r.leadOf(touches[0])
	r.mail.set(func(m channels.Message) channels.Receipt {
		if m.TouchID == touches[0] {
			must(t, r.EraseLead(r.ctx, gone))
		}
		return channels.Receipt{Outcome: channels.Sent, Detail: "250 ok"}
	})
	r.sendNow(cadence.ChannelEmail, touches...)
	for _, id := range touches[1:] {
		if got := r.touch(id); got.State != "sent" {
			t.Errorf("touch %d beside it is %s", id, got.State)
		}
	}
	if n := r.count(`SELECT count(*) FROM touches`); n != 2 {
		t.Errorf("%d touches", n)
	}
	// What came back of that mail finds nobody, and what it asks for holds.
	m := r.mail.messages()[0]
	r.take(answer(m, "Please remove me from your list.").raw())
	r.noLeaks()
	if n := r.count(`SELECT count(*) FROM touches WHERE state <> 'sent'`); n != 0 {
		t.Errorf("%d touches are not settled", n)
	}
}

func TestNamesOfAnErasedPerson(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for text, want := range map[string]string{
		"Ask Jo Ann O'Neil (jo@c.example) or 030 1.":              "Ask [erased] ([erased]) or 030 1.",
		"ask jo  ann O'NEIL, Jo@C.example.":                       "ask [erased], [erased].",
		"O'Neil, Jo Ann: +49 (30) 123-45":                         "[erased]: [erased]",
		"Jo Ann O'Neilson, mojo@c.example, jo@c.example2, Jo Ann": "Jo Ann O'Neilson, mojo@c.example, jo@c.example2, Jo Ann",
		"493012345 and 4930123456":                                "[erased] and 4930123456",
		"at 10:00:00.1493012345, +493012345":                      "at 10:00:00.1493012345, [erased]",
	} {
		var got string
		must(t, r.pool.QueryRow(r.ctx, `SELECT regexp_replace($1, $2, '[erased]', 'gi')`, text, store.NamesOf(store.Erasure{
			Lead: store.Lead{FirstName: "Jo Ann", LastName: "O'Neil"}, Addresses: []string{"jo@c.example", "+493012345"},
		})).Scan(&got))
		if got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
