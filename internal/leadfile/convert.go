package leadfile

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// converter turns rows into leads.
type converter struct {
	plan     *plan
	places   *gazetteer
	words    yesNo
	outWords yesNo // of opt-outs
	dates    DateOrder
	country  string // where numbers without a country code are from, "" unknown
	notices  []Notice
}

// warn remembers that a value could not be used; the row is kept.
func (c *converter) warn(b *binding, reason, hint string) {
	c.notices = append(c.notices, Notice{Kind: KindWarning, Line: c.plan.row.line, Column: b.column, Reason: reason, Hint: hint})
}

// convert makes a lead of a row. Notices on it are in c.notices until the next call.
func (c *converter) convert(r row) (Lead, *Rejection) {
	c.plan.row, c.notices = r, c.notices[:0]
	var values [fieldCount]string
	for f := range fieldCount {
		b := c.plan.core[f]
		if b == nil {
			continue
		}
		value, bad := c.text(b, textLimit, false)
		if bad != nil {
			return Lead{}, bad
		}
		if f != fieldOptedOutEmail && f != fieldOptedOutCall { // there it is in doubt
			value = c.withoutError(b, value)
		}
		values[f] = value
	}
	lead := Lead{
		FirstName: values[fieldFirstName], LastName: values[fieldLastName], Title: values[fieldTitle], Role: values[fieldRole],
		City: values[fieldCity], Source: values[fieldSource], Owner: values[fieldOwner],
	}
	if lead.FirstName == "" && lead.LastName == "" {
		lead.FirstName, lead.LastName = splitName(values[fieldName])
	}
	if bad := c.address(&lead, &values); bad != nil {
		return Lead{}, bad
	}
	c.about(&lead, &values)
	c.permissions(&lead, &values)
	for _, extra := range []struct {
		to   *map[string]string
		from []*binding
	}{{&lead.Facts, c.plan.facts}, {&lead.Fields, c.plan.fields}, {&lead.Account.Fields, c.plan.account}, {&lead.Outcome, c.plan.outcome}} {
		bad := c.extras(extra.to, extra.from)
		if bad != nil {
			return Lead{}, bad
		}
	}
	if a := &lead.Account; len(a.Fields) > 0 && a.Name == "" && a.Domain == "" {
		a.Fields = nil
		c.warn(c.plan.account[0], "the line names no company that this could be said of", "map a column to account.name or account.domain")
	}
	return lead, nil
}

// text gives a value cleaned and within its limit.
func (c *converter) text(b *binding, limit int, multiline bool) (string, *Rejection) {
	value, err := c.plan.value(b)
	if err != nil {
		return "", &Rejection{Column: b.column, Reason: err.Error(), Hint: "correct the mapping"}
	}
	if value = clean(value, multiline); len(value) > limit {
		if n := utf8.RuneCountInString(value); n > limit {
			return "", &Rejection{
				Column: b.column, Reason: fmt.Sprintf("the value has %d characters, at most %d are taken", n, limit),
				Hint: "is a quote missing, or the wrong column mapped?",
			}
		}
	}
	return value, nil
}

// sheetError is what a spreadsheet shows in place of a value that it could not work out, in any of its languages: #N/A, #REF!, #BEZUG!, #NAME?.
var sheetError = regexp.MustCompile(`^#(?:N/A|NV|N/D|N/V|[\p{Lu}\p{N}/_]{2,20}[!?])$`)

// withoutError leaves out what no lead may be greeted by.
func (c *converter) withoutError(b *binding, value string) string {
	if value == "" || value[0] != '#' || !sheetError.MatchString(value) {
		return value
	}
	c.warn(b, "the spreadsheet could not work out the value: "+value, "mend the formula, and export the list again")
	return ""
}

func (c *converter) extras(to *map[string]string, from []*binding) *Rejection {
	for _, b := range from {
		value, bad := c.text(b, extraLimit, true)
		if bad != nil {
			return bad
		}
		if value = c.withoutError(b, value); value == "" {
			continue
		}
		if *to == nil {
			*to = make(map[string]string, len(from))
		}
		(*to)[b.own] = value
	}
	return nil
}

// address fills email, phone, key and place. A lead without a usable email or phone is refused, and one with a broken email
// too: its key would change once the address is corrected, and a second lead would come of it.
func (c *converter) address(lead *Lead, values *[fieldCount]string) *Rejection {
	if text := values[fieldEmail]; text != "" {
		b := c.plan.core[fieldEmail]
		address, reason := parseEmail(text)
		if reason != "" {
			return &Rejection{Column: b.column, Reason: reason + ": " + clip([]byte(text), 80), Hint: "correct the address, or empty the cell if the phone is enough"}
		}
		if local, _, _ := strings.Cut(address, "@"); !ascii(local) {
			c.warn(b, "the address needs a mail server with SMTPUTF8", "")
		}
		lead.Email = address
	}
	lead.Country = c.countryOf(fieldCountry, values[fieldCountry])
	lead.Region = values[fieldRegion]
	if lead.Region != "" && lead.Country != "" {
		if known := c.places.region(lead.Country, lead.Region); known.code != "" {
			lead.Region = known.code
		}
	}
	number := c.phoneOf(values[fieldPhone], lead.Country)
	lead.Phone = number.e164
	if lead.Email == "" && lead.Phone == "" {
		return c.unreachable(values[fieldPhone])
	}
	lead.Zones = c.zonesOf(lead, number, values[fieldZone])
	switch lead.Key = WithoutJoiners(values[fieldKey]); {
	case lead.Key != "" && strings.EqualFold(lead.Key, lead.Email): // an address is one key, however it is written
		lead.Key = lead.Email
	case lead.Key != "":
	case lead.Email != "":
		lead.Key = lead.Email
	default:
		lead.Key = lead.Phone
	}
	return nil
}

// unreachable says why a lead has neither email nor phone.
func (c *converter) unreachable(phone string) *Rejection {
	bad := &Rejection{Reason: "neither email nor phone is given", Hint: "a lead needs one of them"}
	if b := c.plan.core[fieldEmail]; b != nil {
		bad.Column = b.column
	}
	if b := c.plan.core[fieldPhone]; b != nil && phone != "" {
		bad.Column, bad.Reason = b.column, "no email is given and the phone cannot be used: "+clip([]byte(phone), 40)
		for _, n := range c.notices {
			if n.Column == b.column {
				bad.Reason, bad.Hint = "no email is given and the phone cannot be used: "+n.Reason, n.Hint
			}
		}
	}
	return bad
}

func (c *converter) countryOf(f field, text string) string {
	if text == "" {
		return ""
	}
	code := c.places.country(text)
	if code == "" {
		c.warn(c.plan.core[f], "country not known: "+clip([]byte(text), 60), "write its English name or ISO code, or translate it in values:")
	}
	return code
}

// phoneOf reads the first usable number of a cell; several are written with ";", "/" or "," between them.
func (c *converter) phoneOf(text, country string) phone {
	if text == "" {
		return phone{}
	}
	if country == "" {
		country = c.country
	}
	b := c.plan.core[fieldPhone]
	number, reason, hint := parsePhone(text, country)
	if number.e164 == "" && strings.ContainsAny(text, ";,/|") {
		parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";,/|", r) })
		for _, part := range parts[:min(len(parts), 5)] {
			if number, _, _ = parsePhone(part, country); number.e164 != "" {
				c.warn(b, "there are several numbers in the cell: taken is "+number.e164, "")
				return number
			}
		}
	}
	if number.e164 == "" {
		c.warn(b, reason+": "+clip([]byte(text), 40), hint)
		return phone{}
	}
	if number.extension != "" {
		c.warn(b, "the extension is left out: "+number.extension, "keep it in a custom field")
	}
	return number
}

func (c *converter) zonesOf(lead *Lead, number phone, zone string) []string {
	if zone != "" {
		if c.places.zone(zone) {
			return []string{zone}
		}
		c.warn(c.plan.core[fieldZone], "time zone not known: "+clip([]byte(zone), 60), "write an IANA name such as Europe/Berlin")
	}
	return c.places.zones(number, lead.Country, lead.Region)
}

// about fills what else is known of person and company. What cannot be read is left out with a warning.
func (c *converter) about(lead *Lead, values *[fieldCount]string) {
	core := &c.plan.core
	if text := values[fieldLanguage]; text != "" {
		tag, ok := parseLanguage(text)
		if !ok {
			c.warn(core[fieldLanguage], "language not known: "+clip([]byte(text), 60), "write a tag such as en or de-CH")
		}
		lead.Language = tag
	}
	switch text := fold(values[fieldOrigin]); text {
	case "":
	case "inquiry", "enquiry":
		lead.Origin = OriginInquiry
	case "selfqualified":
		lead.Origin = OriginSelfQualified
	default:
		c.warn(core[fieldOrigin], "origin not known: "+clip([]byte(values[fieldOrigin]), 60), "write inquiry or self_qualified")
	}
	lead.Account = Account{
		Name: values[fieldAccountName], Industry: values[fieldAccountIndustry],
		Country: c.countryOf(fieldAccountCountry, values[fieldAccountCountry]),
	}
	if text := values[fieldAccountDomain]; text != "" {
		if lead.Account.Domain = domain(text); lead.Account.Domain == "" {
			c.warn(core[fieldAccountDomain], "this is no domain: "+clip([]byte(text), 60), "write example.com")
		}
	}
	if text := values[fieldAccountEmployees]; text != "" {
		n, ok := parseCount(text)
		if !ok {
			n = 0
			c.warn(core[fieldAccountEmployees], "this is no number of employees: "+clip([]byte(text), 60), "")
		}
		lead.Account.Employees = n
	}
	if text := values[fieldCreatedAt]; text != "" {
		at, reason, hint := parseDate(text, c.dates)
		if reason != "" {
			c.warn(core[fieldCreatedAt], reason+": "+clip([]byte(text), 60), hint)
		}
		lead.CreatedAt = at
	}
}

// permissions reads consents and opt-outs. In doubt the lead is left alone: an unclear consent is none, an unclear opt-out is
// one.
func (c *converter) permissions(lead *Lead, values *[fieldCount]string) {
	lead.Consent = Consent{
		Email:     c.permission(fieldConsentEmail, values),
		Voicemail: c.permission(fieldConsentVoicemail, values),
		Call:      c.permission(fieldConsentCall, values),
	}
	lead.OptedOut = OptedOut{Email: c.optedOut(0, values), Call: c.optedOut(1, values)}
}

func (c *converter) permission(f field, values *[fieldCount]string) Permission {
	text := values[f]
	if text == "" {
		return Permission{}
	}
	if yes, known := c.words.parse(text); known {
		if yes {
			return Permission{State: PermissionGranted}
		}
		return Permission{State: PermissionRefused}
	}
	at, reason, hint := parseDate(text, c.dates)
	if reason != "" {
		if hint == "" || !strings.ContainsAny(text, "0123456789") {
			reason, hint = "this is neither yes nor no nor a date", "name your words in the mapping: words: {yes: […], no: […]}"
		}
		c.warn(c.plan.core[f], reason+": "+clip([]byte(text), 60)+"; no consent is recorded", hint)
		return Permission{}
	}
	return Permission{State: PermissionGranted, At: at}
}
