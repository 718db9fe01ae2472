package config

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
)

// ofLead is the word for the lead's own zone and for the holidays of the lead's own country.
const ofLead = "lead"

var (
	workdays = [7]bool{false, true, true, true, true, true, false}
	everyDay = [7]bool{true, true, true, true, true, true, true}

	// workingHours is the window of a configuration that names none.
	workingHours = calendar.NewWindow(workdays, calendar.Span{From: 9 * 60, To: 17 * 60}, []string{ofLead})
	// legalCalls is when calls are allowed where the configuration says nothing: 47 CFR 64.1200(c)(1).
	legalCalls = calendar.NewWindow(everyDay, calendar.Span{From: 8 * 60, To: 21 * 60}, nil)
)

// readWindow reads a window; what is not written is as in fallback.
// WorkingHours is the window of what no cadence gives one.
func WorkingHours() calendar.Window { return workingHours }

func readWindow(n node, fallback calendar.Window) calendar.Window {
	if !n.given() {
		return fallback
	}
	o := n.object()
	defer o.close()
	window := readHours(o.get("days"), o.get("hours"), fallback)
	if zone := o.get("zone"); zone.given() {
		if text := zone.text(); text != "" && text != ofLead {
			zone.fail("zone: lead, or remove the line", "a window is always in the lead's own zone, not in %q", text)
		}
	}
	window.Holidays = readHolidays(o.get("holidays"), fallback.Holidays)
	return window
}

// readHours reads days and hours. Hours are either one span for all days, or a span for each group of days.
func readHours(days, hours node, fallback calendar.Window) calendar.Window {
	open := fallback.Days()
	if named, ok := days.days(days.text()); ok {
		open = named
	}
	if _, isGroup := hours.mapping(); isGroup {
		if days.given() {
			days.fail("name the days under the hours only", "the days are named twice")
		}
		return readHoursByDay(hours)
	}
	if span, ok := hours.span(); ok {
		return calendar.NewWindow(open, span, nil)
	}
	usual := calendar.Span{}
	for _, span := range fallback.Hours {
		if span.To > span.From {
			usual = span
		}
	}
	window := calendar.Window{}
	for day := range open {
		if !open[day] {
			continue
		}
		window.Hours[day] = fallback.Hours[day]
		if window.Hours[day] == (calendar.Span{}) {
			window.Hours[day] = usual
		}
	}
	return window
}

// readHoursByDay reads hours such as {mon-fri: "09:00-21:00", sun: "12:00-21:00"}; other days are closed.
func readHoursByDay(n node) calendar.Window {
	o := n.object()
	defer o.close()
	var window calendar.Window
	for _, e := range o.rest() {
		span, _ := e.value.span()
		key := e.value
		key.at = e.at
		days, _ := key.days(e.key)
		for day, open := range days {
			if !open {
				continue
			}
			if window.Hours[day] != (calendar.Span{}) {
				key.fail("name each day once", "%q names a day that has hours already", e.key)
				break
			}
			window.Hours[day] = span
		}
	}
	if len(o.entries) == 0 && !o.partial {
		n.fail(`such as hours: "09:00-17:00"`, "%s allows no hour at all", n.name())
	}
	return window
}

// readHolidays reads "lead", "none", or a list of countries.
func readHolidays(n node, fallback []string) []string {
	if !n.given() {
		return fallback
	}
	if text, ok := textOf(n.yaml); ok {
		switch text {
		case ofLead:
			return []string{ofLead}
		case "none":
			return nil
		}
		n.fail("holidays: lead, holidays: none, or a list such as [DE, US]", "%q cannot be %q", "holidays", text)
		return nil
	}
	var holidays []string
	for _, item := range n.list() {
		code := item.text()
		if code != "" && !calendar.KnownHolidays(code) {
			item.fail("a country such as DE, or a region such as DE-BY", "the holidays of %q are not known", code)
			continue
		}
		holidays = append(holidays, code)
	}
	return holidays
}

// readCompliance reads when calls are legal.
func readCompliance(n node) Compliance {
	o := n.object()
	defer o.close()
	c := Compliance{
		Calls: readCallHours(o, legalCalls), ByCountry: map[string]calendar.Window{},
		MaxPerDay: o.get(keyMaxPerDay).whole(0, 1, 100), MaxByCountry: map[string]int{},
		DoNotCall: readDoNotCall(o.get("do_not_call")),
	}
	places := o.get("by_country").object()
	defer places.close()
	for _, e := range places.rest() {
		key := e.value
		key.at = e.at
		rule := e.value.object()
		if place, ok := key.region(e.key); ok {
			c.ByCountry[place] = readCallHours(rule, c.Calls)
			if most := rule.get(keyMaxPerDay).whole(0, 1, 100); most > 0 {
				c.MaxByCountry[place] = most
			}
		}
		rule.get("call_hours")
		rule.get("call_days")
		rule.get(keyMaxPerDay)
		rule.close()
	}
	return c
}

// keyMaxPerDay caps calls to one number.
const keyMaxPerDay = "max_per_day"

// scrubEvery is how old a do-not-call list may be: 47 CFR 64.1200(c)(2)(i)(D).
const scrubEvery = 31 * 24 * time.Hour

// readDoNotCall reads which lists must stay fresh.
func readDoNotCall(n node) DoNotCall {
	o := n.object()
	defer o.close()
	if !n.given() {
		return DoNotCall{}
	}
	lists := o.need("lists", "the --reason under which they are imported, such as lists: [us-registry]")
	d := DoNotCall{Lists: atLeastOneText(lists, "list"), MaxAge: scrubEvery}
	if age := o.get("max_age"); age.given() {
		d.MaxAge = age.span24()
	}
	return d
}

// span24 reads a span of whole days, each of 24 hours; 0 after a problem.
func (n node) span24() time.Duration {
	if !n.given() {
		return 0
	}
	before := len(n.doc.bad)
	delay := n.wait()
	if len(n.doc.bad) > before {
		return 0
	}
	if delay.Days == 0 || delay.BusinessDays > 0 || delay.Hours > 0 {
		n.fail("such as 7 days or 2 weeks", "%s is counted in whole days", n.name())
		return 0
	}
	return time.Duration(delay.Days) * 24 * time.Hour
}

// readFrequency reads how many touches a lead may get in a span: {touches: 3, per: 7 days}, or none.
func readFrequency(n node, fallback cadence.Frequency) cadence.Frequency {
	if !n.given() {
		return fallback
	}
	if text, ok := textOf(n.yaml); ok {
		if text != "none" {
			n.fail("frequency: none, or frequency: {touches: 3, per: 7 days}", "%q cannot be %q", "frequency", text)
		}
		return cadence.Frequency{}
	}
	o := n.object()
	defer o.close()
	return cadence.Frequency{
		Touches: o.need("touches", "how many a lead may get, such as touches: 3").whole(0, 1, 100),
		Per:     o.need("per", "in how many days, such as per: 7 days").span24(),
	}
}

// readCallHours reads call_days and call_hours of o.
func readCallHours(o *object, fallback calendar.Window) calendar.Window {
	days, hours := o.get("call_days"), o.get("call_hours")
	if !days.given() && !hours.given() {
		return fallback
	}
	return readHours(days, hours, fallback)
}

var regionCode = regexp.MustCompile(`^[A-Z0-9]{1,3}$`)

// region takes a country or a country with region, such as US-FL, in the spelling of ISO 3166.
func (n node) region(written string) (string, bool) {
	country, region, regional := strings.Cut(written, "-")
	code, ok := calendar.CountryCode(country)
	if !ok || regional && !regionCode.MatchString(strings.ToUpper(region)) {
		n.fail("a country such as US, or with region such as US-FL", "%q is not a country", written)
		return "", false
	}
	if regional {
		known, ok := calendar.RegionCode(code, region)
		if !ok {
			n.fail("the code of a state or province, such as US-FL", "%q is not a known region of %s", region, code)
			return "", false
		}
		code += "-" + known
	}
	return code, true
}

// country reads a country; names are taken as well as codes. It gives the ISO 3166-1 alpha-2 code, "" after a problem.
func (n node) country() string {
	text := n.text()
	if text == "" {
		return ""
	}
	code, ok := calendar.CountryCode(text)
	if !ok {
		n.fail("a code of two letters, such as DE or US", "%q is not a country", text)
	}
	return code
}

// zone reads an IANA time zone.
func (n node) zone() string {
	text := n.text()
	if text != "" && !calendar.ValidZone(text) {
		n.fail("an IANA name, such as Europe/Berlin or America/New_York", "%q is not a time zone", text)
		return ""
	}
	return text
}

// days parses days of the week; false when there is no text or it names none.
func (n node) days(text string) ([7]bool, bool) {
	if text == "" {
		return [7]bool{}, false
	}
	days, err := calendar.ParseDays(text)
	if err != nil {
		n.fail(`such as mon-fri, "mon,wed,fri" or every day`, "%q are not days of the week", text)
	}
	return days, err == nil
}

// span reads hours of a day; false when they are not written or wrong.
func (n node) span() (calendar.Span, bool) {
	text := n.text()
	if text == "" {
		return calendar.Span{}, false
	}
	span, err := calendar.ParseSpan(text)
	if err != nil {
		n.fail(`from-to on one day, such as "09:00-17:00"`, "%q are not hours of a day", text)
	}
	return span, err == nil
}

// wait reads a wait that must not be nothing.
func (n node) wait() calendar.Delay {
	before := len(n.doc.bad)
	delay := n.delay()
	if n.given() && delay.Zero() && len(n.doc.bad) == before {
		n.fail("such as 1 hour or 2 business days", "%s must be longer than that", n.name())
	}
	return delay
}

// delay reads a wait; none when it is not written.
func (n node) delay() calendar.Delay {
	if !n.given() {
		return calendar.Delay{}
	}
	if n.kind() == predicate.KindNumber {
		n.fail("such as 2 business days, 3 days or 36 hours", "%s needs a unit, not only %s", n.name(), n.yaml.GetToken().Value)
		return calendar.Delay{}
	}
	text := n.text()
	if text == "" {
		return calendar.Delay{}
	}
	delay, err := calendar.ParseDelay(text)
	if err != nil {
		hint := "such as 2 business days, 3 days, 36 hours, 2 weeks or no wait"
		if errors.Is(err, calendar.ErrTooLong) {
			n.fail(hint, "%q is longer than ten years", text)
			return delay
		}
		n.fail(hint, "%q is not a wait", text)
	}
	return delay
}
