package config

import (
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/internal/dnsname"
	"nurture/internal/tlsclient"
)

// readSettings reads nurture.yaml. Territories may look at the facts of the definition, so that is read first.
func readSettings(root node, f fields) Settings {
	o := root.object()
	defer o.close()
	s := Settings{
		Company:   readCompany(o.need("company", "company: {name: ..., postal_address: ...}")),
		Country:   o.need("country", "the operator's country, such as country: DE").country(),
		Zone:      o.need("zone", "the operator's time zone, such as zone: Europe/Berlin").zone(),
		PublicURL: o.need("public_url", "such as public_url: https://nurture.example.com").url(),
		Mail:      readMail(o.get("mail")),
		SMTP:      readSMTP(o.get("smtp")),
		Inboxes:   readInboxes(o.get("inboxes")),
		Twilio:    readTwilio(o.get("twilio")),
		OnUnknown: choice(o.get("on_unknown"), AssumeSent, AssumeSent, Resend, Ask),
	}
	s.DatabaseURL = readDatabase(o.get("database"))
	s.Compliance = readCompliance(o.get("compliance"))
	s.Senders = readSenders(o.need("senders", "senders: [{name: ..., email: ...}], at least one"), s.SMTP)
	s.Team = readTeam(o.need("team", "team: {sdrs: [...], reps: [...], manager: {...}}"), s.Zone, f)
	s.Defaults = readDefaults(o.get("defaults"))
	s.Handoff = readHandoff(o.get("handoff"))
	s.Topics = readTopics(o.get("topics"))
	s.Retention = readRetention(o.get("retention"))
	s.Login = readLogin(o.get("login"))
	return s
}

func readCompany(n node) Company {
	o := n.object()
	defer o.close()
	c := Company{
		Name:          o.need("name", "name: Example GmbH").text(),
		PostalAddress: o.need("postal_address", "the law asks for it in every mail").text(),
	}
	if website := o.get("website"); website.given() {
		c.Website = website.url()
	}
	return c
}

// readSenders reads the senders; common is the account of those that have none of their own.
func readSenders(n node, common *SMTP) []Sender {
	var senders []Sender
	known := accounts{common: common}
	for _, item := range atLeastOne(n, "sender") {
		o := item.object()
		sender := Sender{
			Name:     o.need("name", "a person's name: people answer people").text(),
			Title:    o.get("title").text(),
			Email:    o.need("email", "email: alex@example.com").email(),
			Phone:    o.get("phone").phone(),
			ReplyTo:  o.get("reply_to").email(),
			DailyCap: o.get("daily_cap").whole(200, 1, 100_000), HourlyCap: o.get("hourly_cap").whole(0, 1, 100_000),
		}
		sender.WarmUp = readWarmUp(o.get("warm_up"), sender.DailyCap)
		sender.SMTP = known.read(o.get("smtp"), item)
		if i := slices.IndexFunc(senders, func(s Sender) bool { return sender.Email != "" && s.Email == sender.Email }); i >= 0 {
			o.get("email").fail("one entry a mailbox", "%s is a sender already", sender.Email)
		}
		o.close()
		senders = append(senders, sender)
	}
	known.close()
	return senders
}

func readTeam(n node, zone string, f fields) Team {
	o := n.object()
	defer o.close()
	var team Team
	seen := map[string]bool{}
	for _, item := range atLeastOne(o.need("sdrs", "sdrs: [{name: ..., email: ...}]"), "SDR") {
		p := item.object()
		sdr := SDR{Person: readPerson(p, seen), Zone: zone, DailyCalls: p.get("daily_calls").whole(DefaultDailyCalls, 1, 1_000)}
		if own := p.get("zone"); own.given() {
			sdr.Zone = own.zone()
		}
		p.close()
		team.SDRs = append(team.SDRs, sdr)
	}
	clear(seen)
	for _, item := range atLeastOne(o.need("reps", "reps: [{name: ..., email: ...}]"), "sales rep") {
		p := item.object()
		rep := Rep{Person: readPerson(p, seen), Cap: p.get("cap").whole(20, 1, 10_000)}
		if territory := p.get("territory"); territory.given() {
			rep.Territory = conditions{fields: f}.read(territory)
		}
		p.close()
		team.Reps = append(team.Reps, rep)
	}
	p := o.need("manager", "manager: {name: ..., email: ...}: late handoffs go there").object()
	team.Manager = readPerson(p, nil)
	p.close()
	return team
}

// readPerson reads name and email of o; seen, if not nil, are the mailboxes of the people before.
func readPerson(o *object, seen map[string]bool) Person {
	p := Person{Name: o.need("name", "a person's name").text(), Email: o.need("email", "email: alex@example.com").email()}
	if seen != nil && p.Email != "" {
		if seen[p.Email] {
			o.get("email").fail("one entry a person", "%s is in this list already", p.Email)
		}
		seen[p.Email] = true
	}
	return p
}

// atLeastOne reads a list that must not be empty; what names one item of it.
func atLeastOne(n node, what string) []node {
	items := n.list()
	if sequence, ok := n.sequence(); ok && len(sequence.Values) == 0 {
		n.fail("", "%s needs at least one %s", n.name(), what)
	}
	return items
}

func readMail(n node) Mail {
	o := n.object()
	defer o.close()
	return Mail{
		Replies: o.get("replies").email(), Bounces: o.get("bounces").email(), Unsubscribe: o.get("unsubscribe").email(),
		TrackClicks: o.get("track_clicks").yes(), PerDomain: readPerDomain(o.get("per_domain")),
	}
}

// readRetention reads what is let go after a time.
func readRetention(n node) Retention {
	o := n.object()
	defer o.close()
	return Retention{UnmatchedMail: o.get("unmatched_mail").span24()}
}

func readSMTP(n node) *SMTP {
	if !n.given() {
		return nil
	}
	o := n.object()
	defer o.close()
	o.refuse("password", "remove it here and set the environment variable NURTURE_SMTP_PASSWORD",
		"passwords do not belong in the configuration")
	s := &SMTP{
		Host:        o.need("host", "host: smtp.example.com").text(),
		TLS:         choice(o.get("tls"), TLSStart, TLSStart, TLSImplicit, TLSNone),
		Username:    o.get("username").text(),
		Connections: o.get("connections").whole(4, 1, 256),
		CACert:      o.get("ca_cert").text(),
		DKIM:        readDKIM(o.get("dkim")),
	}
	usual := map[TLSMode]int{TLSStart: 587, TLSImplicit: 465, TLSNone: 25}[s.TLS]
	s.Port = o.get("port").whole(usual, 1, 65_535)
	if s.TLS == TLSNone && s.Username != "" && !tlsclient.Loopback(s.Host) {
		o.get("tls").fail("use tls: starttls or tls: implicit", "the password of %q would travel in the clear", s.Username)
	}
	return s
}

func readInboxes(n node) []Inbox {
	var inboxes []Inbox
	for _, item := range n.list() {
		o := item.object()
		o.refuse("password", "remove it here and set the environment variable NURTURE_IMAP_PASSWORD",
			"passwords do not belong in the configuration")
		box := Inbox{
			Host:     o.need("host", "host: imap.example.com").text(),
			TLS:      choice(o.get("tls"), TLSImplicit, TLSImplicit, TLSStart, TLSNone),
			Username: o.need("username", "username: replies@example.com").text(),
			Folder:   "INBOX",
			CACert:   o.get("ca_cert").text(),
		}
		if folder := o.get("folder"); folder.given() {
			box.Folder = folder.text()
		}
		usual := 143
		if box.TLS == TLSImplicit {
			usual = 993
		}
		box.Port = o.get("port").whole(usual, 1, 65_535)
		if box.TLS == TLSNone && !tlsclient.Loopback(box.Host) {
			o.get("tls").fail("use tls: implicit or tls: starttls", "the password of %q would travel in the clear", box.Username)
		}
		if slices.ContainsFunc(inboxes, func(b Inbox) bool { return b.Host == box.Host && b.Username == box.Username && b.Folder == box.Folder }) {
			o.get("username").fail("one entry a mailbox", "%s is read already", box.Username)
		}
		o.close()
		inboxes = append(inboxes, box)
	}
	return inboxes
}

var accountSID = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)

func readTwilio(n node) *Twilio {
	if !n.given() {
		return nil
	}
	o := n.object()
	defer o.close()
	o.refuse("auth_token", "remove it here and set the environment variable NURTURE_TWILIO_AUTH_TOKEN",
		"tokens do not belong in the configuration")
	sid := o.need("account_sid", "from the Twilio console; it begins with AC")
	t := &Twilio{AccountSID: sid.text()}
	if t.AccountSID != "" && !accountSID.MatchString(t.AccountSID) {
		sid.fail("AC and 32 hexadecimal digits, from the Twilio console", "%q is not an account SID", t.AccountSID)
	}
	if base := o.get("base_url"); base.given() {
		t.BaseURL = base.url()
	}
	return t
}

func readDatabase(n node) string {
	o := n.object()
	defer o.close()
	if !n.given() {
		return ""
	}
	value := o.need("url", "url: postgres://nurture@localhost/nurture")
	text := value.text()
	if text == "" {
		return ""
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "postgres" && parsed.Scheme != "postgresql" {
		value.fail("such as postgres://nurture@localhost/nurture", "this is not the URL of a Postgres database")
		return ""
	}
	if _, has := parsed.User.Password(); has || parsed.Query().Has("password") {
		value.fail("set PGPASSWORD, or use a .pgpass file", "passwords do not belong in the configuration")
	}
	return text
}

func readDefaults(n node) Defaults {
	o := n.object()
	defer o.close()
	usual := usualDefaults()
	return Defaults{
		Window:    readWindow(o.get("window"), usual.Window),
		Budget:    o.get("budget").whole(usual.Budget, 1, 100),
		Account:   readAccount(o.get("account"), usual.Account),
		Frequency: readFrequency(o.get("frequency"), cadence.Frequency{}),
		Misfire:   readMisfire(o.get("misfire"), usual.Misfire),
	}
}

// usualDefaults are the defaults of a configuration that names none.
func usualDefaults() Defaults {
	return Defaults{
		Window: workingHours, Budget: 7,
		Account: cadence.AccountPolicy{Do: cadence.AccountPause, Pause: accountPause},
		Misfire: usualMisfire,
	}
}

// accountPause is how long colleagues are left alone after a reply.
var accountPause = calendar.Delay{BusinessDays: 5}

// readAccount reads an account policy: what a colleague's reply does.
func readAccount(n node, fallback cadence.AccountPolicy) cadence.AccountPolicy {
	if !n.given() {
		return fallback
	}
	o := n.object()
	defer o.close()
	do := choice(o.need("on_colleague_reply", "on_colleague_reply: pause"), fallback.Do,
		cadence.AccountContinue, cadence.AccountPause, cadence.AccountStop)
	pause := o.get("pause")
	switch {
	case do != cadence.AccountPause && pause.given():
		pause.fail("remove it, or write on_colleague_reply: pause", `"pause" has no effect here`)
	case do == cadence.AccountPause && pause.given():
		return cadence.AccountPolicy{Do: do, Pause: pause.wait()}
	case do == cadence.AccountPause:
		return cadence.AccountPolicy{Do: do, Pause: accountPause}
	}
	return cadence.AccountPolicy{Do: do}
}

func readHandoff(n node) Handoff {
	o := n.object()
	defer o.close()
	h := Handoff{AcceptWithin: calendar.Delay{BusinessDays: 2}, Window: readWindow(o.get("window"), workingHours)}
	if within := o.get("accept_within"); within.given() {
		h.AcceptWithin = within.wait()
	}
	return h
}

// email reads a bare mail address; "" when it is not written. The part after the @ is put in lower case.
func (n node) email() string {
	text := n.text()
	if text == "" {
		return ""
	}
	address, err := mail.ParseAddress(text)
	if err != nil || address.Address != text || !strings.Contains(text[strings.LastIndexByte(text, '@')+1:], ".") {
		n.fail("such as alex@example.com", "%q is not a mail address", text)
		return ""
	}
	at := strings.LastIndexByte(text, '@')
	return text[:at] + strings.ToLower(text[at:])
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// phone reads a number in E.164 form (ITU-T E.164: +, country code, at most 15 digits); spaces and the like are dropped.
func (n node) phone() string {
	if !n.given() {
		return ""
	}
	text := n.word()
	number := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", "/", "").Replace(text)
	if text != "" && !e164.MatchString(number) {
		n.fail(`with + and country code, in quotes: "+49 30 123456"`, "%q is not an international phone number", text)
		return ""
	}
	return number
}

// url reads an http or https URL and writes it in ASCII, as headers and callbacks need it; a slash at the end is dropped.
func (n node) url() string {
	text := n.text()
	if text == "" {
		return ""
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Hostname() == "" {
		n.fail("such as https://nurture.example.com", "%q is not a web address", text)
		return ""
	}
	if parsed.RawQuery != "" || parsed.Fragment != "" || parsed.User != nil {
		n.fail("keep what is before the ? or #, without user name", "%q is more than a plain web address", text)
		return ""
	}
	return strings.TrimRight(dnsname.URL(parsed), "/")
}
