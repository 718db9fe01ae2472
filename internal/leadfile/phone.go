package leadfile

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// phoneZonesLimit is how many zones a number may point to and still tell something: toll-free numbers point to some 40.
const phoneZonesLimit = 5

// phone is a number that exists.
type phone struct {
	e164      string // "" is none
	code      int    // the country's calling code
	extension string
}

// parsePhone normalises a number written in country (ISO alpha-2, "" when unknown) to E.164. It gives the zero phone, and reason
// says why, when it is not a valid one.
func parsePhone(text, country string) (number phone, reason, hint string) {
	text = strings.TrimSuffix(strings.TrimSpace(text), ".0") // numbers that a spreadsheet took for decimals
	if i := strings.IndexAny(text, "eE"); i > 0 && strings.IndexAny(text, "+-") > i && digits(text[:i]) != "" {
		return phone{}, "a spreadsheet has rounded the number", "format the column as text before exporting"
	}
	plain := compact(text)
	if number, ok := quickPhone(plain, country); ok {
		return number, "", ""
	}
	n, err := phonenumbers.Parse(plain, country)
	switch {
	case err != nil && country == "" && !strings.HasPrefix(text, "+"):
		return phone{}, "the number has no country code and its country is not known", "write +49 …, or name a default country"
	case err != nil:
		return phone{}, "this is no phone number", ""
	case !phonenumbers.IsValidNumber(n):
		if country != "" && !strings.HasPrefix(text, "+") {
			return phone{}, "no such number exists in " + country, "check the number and the lead's country"
		}
		return phone{}, "no such number exists", "check country code and length"
	}
	return phone{phonenumbers.Format(n, phonenumbers.E164), int(n.GetCountryCode()), n.GetExtension()}, "", ""
}

// compact drops the punctuation of a number without letters or an extension: what Parse drops too, but at the cost of its
// slowest expression, half of all the time that a file takes.
func compact(text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		switch b := text[i]; {
		case b >= '0' && b <= '9', b == '+' && len(out) == 0:
			out = append(out, b)
		case b == ' ' || b == '(' || b == ')' || b == '-' || b == '.' || b == '/':
		default:
			return text
		}
	}
	return string(out)
}

// legacyZones maps the names that the phone data uses to today's, so that they compare with a country's zones
// (the file backward of the IANA time zone database).
var legacyZones = map[string]string{
	"Africa/Asmera":        "Africa/Asmara",
	"America/Buenos_Aires": "America/Argentina/Buenos_Aires",
	"America/Godthab":      "America/Nuuk",
	"Asia/Calcutta":        "Asia/Kolkata",
	"Asia/Choibalsan":      "Asia/Ulaanbaatar",
	"Asia/Katmandu":        "Asia/Kathmandu",
	"Asia/Rangoon":         "Asia/Yangon",
	"Atlantic/Faeroe":      "Atlantic/Faroe",
	"Pacific/Enderbury":    "Pacific/Kanton",
	"Pacific/Ponape":       "Pacific/Pohnpei",
	"Pacific/Truk":         "Pacific/Chuuk",
}

// splitAreas are North American area codes that span two zones. The phone data knows one for each exchange, which does not
// hold for ported and mobile numbers, so both count (North American Numbering Plan, states and time zones).
var splitAreas = map[string][]string{
	"208": {"America/Boise", "America/Los_Angeles"}, "986": {"America/Boise", "America/Los_Angeles"}, // Idaho
	"219": {"America/Chicago", "America/New_York"}, "574": {"America/Chicago", "America/New_York"}, // Indiana
	"812": {"America/Chicago", "America/New_York"}, "930": {"America/Chicago", "America/New_York"}, // Indiana
	"270": {"America/Chicago", "America/New_York"}, "364": {"America/Chicago", "America/New_York"}, // Kentucky
	"606": {"America/Chicago", "America/New_York"},                                                 // Kentucky
	"308": {"America/Chicago", "America/Denver"},                                                   // Nebraska
	"423": {"America/Chicago", "America/New_York"},                                                 // Tennessee
	"448": {"America/Chicago", "America/New_York"}, "850": {"America/Chicago", "America/New_York"}, // Florida
	"458": {"America/Boise", "America/Los_Angeles"}, "541": {"America/Boise", "America/Los_Angeles"}, // Oregon
	"605": {"America/Chicago", "America/Denver"},     // South Dakota
	"620": {"America/Chicago", "America/Denver"},     // Kansas
	"701": {"America/Chicago", "America/Denver"},     // North Dakota
	"775": {"America/Boise", "America/Los_Angeles"},  // Nevada
	"785": {"America/Chicago", "America/Denver"},     // Kansas
	"807": {"America/Toronto", "America/Winnipeg"},   // Ontario
	"906": {"America/Chicago", "America/New_York"},   // Michigan
	"928": {"America/Phoenix", "America/Denver"},     // Arizona and the Navajo Nation
	"250": {"America/Vancouver", "America/Edmonton"}, // British Columbia
	"709": {"America/St_Johns", "America/Halifax"},   // Newfoundland and Labrador
}

// phoneZones gives the zones that a number may be in, sorted, or nil when it does not tell.
func phoneZones(e164 string) []string {
	if e164 == "" {
		return nil
	}
	known, err := phonenumbers.GetTimezonesForPrefix(e164)
	if err != nil || len(known) > phoneZonesLimit {
		return nil
	}
	zones := make([]string, 0, len(known)+2)
	for _, zone := range known {
		if today, ok := legacyZones[zone]; ok {
			zone = today
		}
		if zone != phonenumbers.UNKNOWN_TIMEZONE {
			zones = append(zones, zone)
		}
	}
	if area, ok := strings.CutPrefix(e164, "+1"); ok && len(area) == 10 && len(zones) > 0 {
		zones = append(zones, splitAreas[area[:3]]...)
	}
	slices.Sort(zones)
	if zones = slices.Compact(zones); len(zones) > phoneZonesLimit {
		return nil
	}
	return zones
}
