package config

import "github.com/invopop/jsonschema"

// The files of a configuration as they are written: which keys there are, what each takes, and what an editor says of it. The reader
// takes no key that is not here, and the JSON Schemas are made of it.

type (
	// Who operates, who works here, and how touches leave.
	settingsForm struct {
		// Who writes to the leads.
		Company companyForm `json:"company" jsonschema:"required"`
		// Where you are.
		Country countryOf `json:"country" jsonschema:"required"`
		// Your IANA time zone: for leads whose own is unknown, and for the desk.
		Zone zoneName `json:"zone" jsonschema:"required"`
		// Where leads reach the public pages, such as the unsubscribe page, and providers the callbacks.
		PublicURL webAddress `json:"public_url" jsonschema:"required"`
		// People from whom touches come. A lead keeps its sender.
		Senders []senderForm `json:"senders" jsonschema:"required,minItems=1"`
		// Who works here.
		Team teamForm `json:"team" jsonschema:"required"`
		// Where answers arrive that no person reads, and how much leaves to a domain.
		Mail mailForm `json:"mail"`
		// The mail account of all senders without one of their own. Without any, mail is written to files and never leaves.
		SMTP smtpForm `json:"smtp"`
		// IMAP mailboxes that are read for answers.
		Inboxes []inboxForm `json:"inboxes"`
		// The voice account. Without it, calls are written to files.
		Twilio twilioForm `json:"twilio"`
		// The database. Without it, a private server is started in the data folder.
		Database databaseForm `json:"database"`
		// When the law allows calls and voicemail, and how many.
		Compliance complianceForm `json:"compliance"`
		// What mail can be about. Leads see these on the preference page in this order, and may switch each off.
		Topics map[string]topicLabel `json:"topics"`
		// After what time something is let go that nobody has asked for.
		Retention retentionForm `json:"retention"`
		// What becomes of a mail of which nobody can tell whether the server took it.
		OnUnknown unknownChoice `json:"on_unknown" jsonschema:"default=assume_sent"`
		// How long sales has to answer a handoff.
		Handoff handoffForm `json:"handoff"`
		// What a cadence that does not say otherwise gets.
		Defaults defaultsForm `json:"defaults"`
		// How people log in at the desk.
		Login loginForm `json:"login"`
	}

	companyForm struct {
		// Who writes.
		Name plainText `json:"name" jsonschema:"required"`
		// Stands below every mail, as the law asks; may have several lines.
		PostalAddress plainText `json:"postal_address" jsonschema:"required"`
		// Your website.
		Website webAddress `json:"website"`
	}

	senderForm struct {
		// A person's name: people answer people.
		Name plainText `json:"name" jsonschema:"required"`
		// The person's title, such as Course advisor.
		Title plainText `json:"title"`
		// The mailbox that mail comes from.
		Email mailbox `json:"email" jsonschema:"required"`
		// Caller id of voicemail drops, with country code. Some sender needs one if a cadence drops voicemail.
		Phone phoneNo `json:"phone"`
		// Where replies go when it is not email.
		ReplyTo mailbox `json:"reply_to"`
		// Mails a day, and as many voicemails.
		DailyCap int `json:"daily_cap" jsonschema:"minimum=1,maximum=100000,default=200"`
		// Mails within any 60 minutes, and as many voicemails: the pace.
		HourlyCap int `json:"hourly_cap" jsonschema:"minimum=1,maximum=100000"`
		// How a new mailbox begins.
		WarmUp warmUpForm `json:"warm_up"`
		// A mail account of this sender alone; nothing is taken over from the common one.
		SMTP smtpForm `json:"smtp"`
	}

	warmUpForm struct {
		// The first day of sending.
		From dateOf `json:"from" jsonschema:"required"`
		// Mails on the first day.
		Start int `json:"start" jsonschema:"required,minimum=1,maximum=100000"`
		// Mails more on each further day of sending, up to daily_cap.
		Add int `json:"add" jsonschema:"required,minimum=1,maximum=100000"`
	}

	teamForm struct {
		// Who works call tasks.
		SDRs []sdrForm `json:"sdrs" jsonschema:"required,minItems=1"`
		// Who takes handoffs.
		Reps []repForm `json:"reps" jsonschema:"required,minItems=1"`
		// Handoffs that nobody accepts in time go to this one.
		Manager personForm `json:"manager" jsonschema:"required"`
	}

	personForm struct {
		// The person's name.
		Name plainText `json:"name" jsonschema:"required"`
		// The person's mailbox.
		Email mailbox `json:"email" jsonschema:"required"`
	}

	sdrForm struct {
		// The person's name.
		Name plainText `json:"name" jsonschema:"required"`
		// The person's mailbox.
		Email mailbox `json:"email" jsonschema:"required"`
		// Where this person works, when it is not the zone of the file.
		Zone zoneName `json:"zone"`
		// Call tasks and manual emails filed a day.
		DailyCalls int `json:"daily_calls" jsonschema:"minimum=1,maximum=1000,default=60"`
	}

	repForm struct {
		// The person's name.
		Name plainText `json:"name" jsonschema:"required"`
		// The person's mailbox.
		Email mailbox `json:"email" jsonschema:"required"`
		// Which leads this rep takes; every lead when it is left out.
		Territory condition `json:"territory"`
		// Open handoffs at a time.
		Cap int `json:"cap" jsonschema:"minimum=1,maximum=10000,default=20"`
	}

	mailForm struct {
		// Where replies arrive; else at the sender's mailbox with a + part.
		Replies mailbox `json:"replies"`
		// Where bounces arrive; else at the sender's mailbox with a + part.
		Bounces mailbox `json:"bounces"`
		// Where unsubscribe mails arrive; else at the sender's mailbox with a + part.
		Unsubscribe mailbox `json:"unsubscribe"`
		// Lead the links of mails over your public pages, where a click is noted. Opens are never tracked.
		TrackClicks bool `json:"track_clicks" jsonschema:"default=false"`
		// Limits for the mails to a domain over all senders, such as gmail.com: { per_hour: 100 }. Mail beyond waits.
		PerDomain map[string]limitForm `json:"per_domain"`
	}

	limitForm struct {
		// Mails in any 24 hours.
		PerDay int `json:"per_day" jsonschema:"minimum=1,maximum=1000000"`
		// Mails in any 60 minutes.
		PerHour int `json:"per_hour" jsonschema:"minimum=1,maximum=1000000"`
	}

	smtpForm struct {
		// The mail server.
		Host plainText `json:"host" jsonschema:"required"`
		// 587, 465 or 25 by tls.
		Port int `json:"port" jsonschema:"minimum=1,maximum=65535"`
		// How the connection is protected.
		TLS tlsChoice `json:"tls" jsonschema:"default=starttls"`
		// Log in as this user. The password comes from the environment variable NURTURE_SMTP_PASSWORD, never from this file.
		Username plainText `json:"username"`
		// Connections kept open at most, by each worker process.
		Connections int `json:"connections" jsonschema:"minimum=1,maximum=256,default=4"`
		// PEM file of the authority to trust; the system's when it is left out.
		CACert plainText `json:"ca_cert"`
		// The key that signs every mail (RFC 6376).
		DKIM dkimForm `json:"dkim"`
	}

	dkimForm struct {
		// The domain of the senders.
		Domain hostName `json:"domain" jsonschema:"required"`
		// A name for the key, such as nurture1.
		Selector hostName `json:"selector" jsonschema:"required"`
		// PEM file of the private key, absolute or from this folder. Keep it out of version control.
		KeyFile plainText `json:"key_file" jsonschema:"required"`
	}

	inboxForm struct {
		// The IMAP server.
		Host plainText `json:"host" jsonschema:"required"`
		// 993 or 143 by tls.
		Port int `json:"port" jsonschema:"minimum=1,maximum=65535"`
		// How the connection is protected.
		TLS tlsChoice `json:"tls" jsonschema:"default=implicit"`
		// Log in as this user. The password comes from the environment variable NURTURE_IMAP_PASSWORD, never from this file.
		Username plainText `json:"username" jsonschema:"required"`
		// The folder to read.
		Folder plainText `json:"folder" jsonschema:"default=INBOX"`
		// PEM file of the authority to trust; the system's when it is left out.
		CACert plainText `json:"ca_cert"`
	}

	twilioForm struct {
		// From the Twilio console. The token comes from the environment variable NURTURE_TWILIO_AUTH_TOKEN, never from this file.
		AccountSID accountNo `json:"account_sid" jsonschema:"required"`
		// Another address than Twilio's own.
		BaseURL webAddress `json:"base_url"`
	}

	databaseForm struct {
		// A Postgres URL without a password: use PGPASSWORD or a .pgpass file.
		URL postgres `json:"url" jsonschema:"required"`
	}

	complianceForm struct {
		// Legal hours for calls and voicemail in the lead's zone; no window widens them.
		CallHours hoursOf `json:"call_hours"`
		// Days on which calls are legal.
		CallDays weekdays `json:"call_days"`
		// How many calls and voicemail drops one number may get in any 24 hours.
		MaxPerDay int `json:"max_per_day" jsonschema:"minimum=1,maximum=100"`
		// What is different in a country (US) or region (US-FL).
		ByCountry map[string]placeForm `json:"by_country"`
		// Do-not-call lists that must stay fresh.
		DoNotCall doNotCallForm `json:"do_not_call"`
	}

	placeForm struct {
		// Legal hours for calls and voicemail there.
		CallHours hoursOf `json:"call_hours"`
		// Days on which calls are legal there.
		CallDays weekdays `json:"call_days"`
		// How many calls and voicemail drops one number may get there in any 24 hours.
		MaxPerDay int `json:"max_per_day" jsonschema:"minimum=1,maximum=100"`
	}

	doNotCallForm struct {
		// The --reason under which nurture suppressions import brings each list in.
		Lists []plainText `json:"lists" jsonschema:"required,minItems=1"`
		// How old they may be.
		MaxAge wholeDays `json:"max_age" jsonschema:"default=31 days"`
	}

	retentionForm struct {
		// After how many days mail that nobody has assigned to a lead is set aside; without it, it waits until somebody decides.
		UnmatchedMail wholeDays `json:"unmatched_mail"`
	}

	handoffForm struct {
		// Then the manager is told.
		AcceptWithin waitTime `json:"accept_within" jsonschema:"default=2 business days"`
		// What counts as a business day there.
		Window windowForm `json:"window"`
	}

	defaultsForm struct {
		// When touches may leave.
		Window windowForm `json:"window"`
		// Touches on a lead in a cycle, over all cadences and channels.
		Budget int `json:"budget" jsonschema:"minimum=1,maximum=100,default=7"`
		// What a colleague's reply does.
		Account accountForm `json:"account"`
		// At most so many touches in any so many days, over all cadences and channels; the next one waits.
		Frequency frequencyForm `json:"frequency"`
		// What becomes of touches that an outage made late.
		Misfire misfireForm `json:"misfire"`
	}
)

type (
	unknownChoice string
	tlsChoice     string
	topicLabel    map[string]plainText
)

func (unknownChoice) JSONSchema() *jsonschema.Schema { return oneOf(AssumeSent, Resend, Ask) }

func (tlsChoice) JSONSchema() *jsonschema.Schema { return oneOf(TLSStart, TLSImplicit, TLSNone) }

// JSONSchema is a label for all leads, or one by language.
func (topicLabel) JSONSchema() *jsonschema.Schema {
	one := uint64(1)
	return either(plainText("").JSONSchema(), &jsonschema.Schema{
		Type: "object", MinProperties: &one, AdditionalProperties: plainText("").JSONSchema(),
		PropertyNames: &jsonschema.Schema{Pattern: languageTag.String()},
	})
}

// JSONSchemaExtend asks topics to have keys, and keeps passwords out.
func (settingsForm) JSONSchemaExtend(s *jsonschema.Schema) {
	if topics, ok := s.Properties.Get("topics"); ok {
		topics.PropertyNames = &jsonschema.Schema{Pattern: plainKey.String()}
	}
}

// JSONSchemaExtend asks for one limit at least.
func (limitForm) JSONSchemaExtend(s *jsonschema.Schema) {
	one := uint64(1)
	s.MinProperties = &one
}
