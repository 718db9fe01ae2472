package config

import (
	"maps"
	"slices"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
)

// Settings is nurture.yaml: who operates, who works here, and the ways out. Every default is filled in.
type Settings struct {
	Company     Company
	Country     string // where the operator is: ISO 3166-1 alpha-2
	Zone        string // the operator's IANA zone: where a lead's own is unknown, and the desk's days
	PublicURL   string // where leads reach the public pages and providers the callbacks; without a slash at the end
	Senders     []Sender
	Team        Team
	Mail        Mail
	SMTP        *SMTP   // of the senders that have none of their own; nil: their mail is written to files and never leaves
	Inboxes     []Inbox // where answers arrive; none: they are recorded by command or pushed over HTTP
	Twilio      *Twilio // nil: voicemail is written to files
	DatabaseURL string  // "" starts a private server in the data folder
	Compliance  Compliance
	OnUnknown   OnUnknown
	Handoff     Handoff
	Defaults    Defaults
	Topics      []Topic // what mail can be about, in the order of the file: a lead can switch each off
	Retention   Retention
	Login       Login
}

// Retention is after what time something is let go that nobody has asked for.
type Retention struct {
	UnmatchedMail time.Duration // mail that waits for a person, from its arrival; 0: it waits until somebody decides
}

// Company is who writes to the leads; each mail names it and its postal address (CAN-SPAM, 15 U.S.C. 7704(a)(5)).
type Company struct {
	Name          string
	PostalAddress string // may have several lines
	Website       string // "" none
}

// Sender is a person from whose mailbox, and perhaps number, touches come.
type Sender struct {
	Name    string
	Title   string // "" none
	Email   string
	Phone   string // caller id, E.164; "" cannot drop voicemail
	ReplyTo string // where human replies go when it is not Email
	// DailyCap and HourlyCap are how many mails leave on a day and within an hour, and as many voicemails; HourlyCap 0 is no limit.
	DailyCap, HourlyCap int
	WarmUp              cadence.WarmUp // the zero one: none
	SMTP                *SMTP          // the account that takes this sender's mail; nil: that of Settings
}

// Allowance is what the sender may send of mails once it is warm, and of voicemails.
func (s Sender) Allowance() cadence.Allowance { return allowance(s.DailyCap, s.HourlyCap) }

// allowance is the one of a day and an hour; 0 is no limit.
func allowance(day, hour int) cadence.Allowance {
	a := cadence.Allowance{Day: day, Hour: hour}
	if day == 0 {
		a.Day = cadence.Unlimited
	}
	if hour == 0 {
		a.Hour = cadence.Unlimited
	}
	return a
}

// Team is who works here.
type Team struct {
	SDRs    []SDR
	Reps    []Rep
	Manager Person // handoffs that nobody accepts in time go to this one
}

// Person is somebody with a mailbox.
type Person struct{ Name, Email string }

// DefaultDailyCalls is an SDR's capacity where nothing is written; the JSON Schema says it too.
const DefaultDailyCalls = 60

// SDR works call tasks.
type SDR struct {
	Person
	Zone       string // IANA; the operator's by default
	DailyCalls int    // capacity
}

// Rep is a sales representative, who takes handoffs.
type Rep struct {
	Person
	Territory predicate.Predicate // over the lead and its account; the zero one takes every lead
	Cap       int                 // open handoffs at a time
}

// Mail is where answers that no person reads arrive. Each address may be "": then plus-addressing on the sender's own
// mailbox is used, such as alex+bounces-<token>@example.com.
type Mail struct {
	Replies, Bounces, Unsubscribe string
	// TrackClicks leads the links of our mails over the public pages, where a click is noted. Nothing else is tracked, opens never.
	TrackClicks bool
	// PerDomain throttles the mails to a domain, over all senders, by the domain in lower case; one that is not named has no throttle.
	PerDomain map[string]cadence.Allowance
}

// ThrottledDomains are the domains of PerDomain, sorted.
func (m Mail) ThrottledDomains() []string { return slices.Sorted(maps.Keys(m.PerDomain)) }

// SMTP is an account at a mail server that takes our mail. The password is read from the environment: NURTURE_SMTP_PASSWORD, or
// NURTURE_SMTP_PASSWORD_ followed by the user name in capitals, with _ for all but letters and digits.
type SMTP struct {
	Host        string
	Port        int
	TLS         TLSMode
	Username    string // "" sends without login
	Connections int    // kept open at most
	CACert      string // path of a PEM file with the authority to trust; "" the system's
	DKIM        *DKIM  // nil: mail leaves unsigned, and the mail server may sign it
}

// DKIM is the key that signs our mail (RFC 6376). The key itself is no part of the configuration: it is read when it is needed.
type DKIM struct {
	Domain   string // d=, in lower case
	Selector string // s=
	KeyFile  string // path of a PEM file with the private key, absolute or from the configuration folder
}

// Inbox is an IMAP mailbox that is read for answers. Its password is read from the environment: NURTURE_IMAP_PASSWORD, or
// NURTURE_IMAP_PASSWORD_ followed by the user name in capitals, with _ for all but letters and digits.
type Inbox struct {
	Host     string
	Port     int
	TLS      TLSMode
	Username string
	Folder   string // "INBOX" unless it says otherwise
	CACert   string // path of a PEM file with the authority to trust; "" the system's
}

// TLSMode is how a connection to the mail server is protected.
type TLSMode string

// The TLS modes: upgrade a plain connection and refuse to go on without (RFC 3207), TLS from the first byte (RFC 8314), none.
const (
	TLSStart    TLSMode = "starttls"
	TLSImplicit TLSMode = "implicit"
	TLSNone     TLSMode = "none"
)

// Twilio is the voice account. The token is read from the environment: NURTURE_TWILIO_AUTH_TOKEN.
type Twilio struct {
	AccountSID string
	BaseURL    string // "" is Twilio's own
}

// Compliance is when the law allows a call or voicemail, in the lead's zone; a cadence's window cannot widen it.
type Compliance struct {
	Calls     calendar.Window            // where ByCountry has no entry
	ByCountry map[string]calendar.Window // by country ("US") or by country and region ("US-FL")
	// MaxPerDay caps calls and voicemail drops to one number in any 24 hours, where MaxByCountry has no entry; 0 is no cap.
	MaxPerDay    int
	MaxByCountry map[string]int // as ByCountry
	DoNotCall    DoNotCall
}

// DoNotCall names the lists that must be imported again and again: 47 CFR 64.1200(c)(2)(i)(D) asks for 31 days.
type DoNotCall struct {
	Lists  []string // the reasons under which they are imported
	MaxAge time.Duration
}

// MaxCalls gives how many calls and voicemail drops a number may get in any 24 hours at a place: its region's cap, else its country's, else
// the general one; 0 is no cap. Where a country's regions differ and the lead's is not known, the lowest of all counts.
func (c Compliance) MaxCalls(place calendar.Place) int {
	if n := c.MaxByCountry[place.Country+"-"+place.Region]; n > 0 {
		return n
	}
	most := c.MaxPerDay
	if n := c.MaxByCountry[place.Country]; n > 0 {
		most = n
	}
	if place.Region != "" || place.Country == "" {
		return most
	}
	for key, n := range c.MaxByCountry {
		if strings.HasPrefix(key, place.Country+"-") && (most == 0 || n < most) {
			most = n
		}
	}
	return most
}

// CapsCalls reports whether any place has a cap on calls.
func (c Compliance) CapsCalls() bool { return c.MaxPerDay > 0 || len(c.MaxByCountry) > 0 }

// CallHours gives the legal call hours at a place: its region's, else its country's, else the general ones.
func (c Compliance) CallHours(place calendar.Place) calendar.Window {
	for _, key := range []string{place.Country + "-" + place.Region, place.Country} {
		if window, ok := c.ByCountry[key]; ok {
			return window
		}
	}
	return c.Calls
}

// OnUnknown says what becomes of an email of which nobody can tell whether the server took it.
type OnUnknown string

// The choices: count it as sent, send it again with the same Message-ID, or wait for a person.
const (
	AssumeSent OnUnknown = "assume_sent"
	Resend     OnUnknown = "resend"
	Ask        OnUnknown = "ask"
)

// Handoff says how long sales has to accept a handoff, counted in Window in the operator's zone and country, from the next instant of Window on.
type Handoff struct {
	AcceptWithin calendar.Delay
	Window       calendar.Window
}

// Defaults are what a cadence that does not say otherwise gets.
type Defaults struct {
	Window  calendar.Window
	Budget  int
	Account cadence.AccountPolicy
	// Frequency caps the touches that a lead gets; the zero one does not.
	Frequency cadence.Frequency
	Misfire   cadence.Misfire
}
