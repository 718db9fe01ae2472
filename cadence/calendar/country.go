package calendar

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// gazetteer is countryTable and regionTable, ready to look things up in.
type gazetteer struct {
	countries map[string]string              // folded code or name → alpha-2 code
	regions   map[string]map[string]string   // alpha-2 code → folded code or name → region code without the country
	zones     map[string]map[string][]string // alpha-2 code → region code, "" for the whole country → IANA names
}

var places = sync.OnceValue(func() gazetteer {
	g := gazetteer{
		countries: make(map[string]string, 1024),
		regions:   make(map[string]map[string]string, 8),
		zones:     make(map[string]map[string][]string, 256),
	}
	for line := range strings.Lines(countryTable) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		code := cells[0]
		g.countries[fold(code)] = code
		g.countries[fold(cells[1])] = code
		for _, name := range cells[3:] {
			g.countries[fold(name)] = code
		}
		g.zones[code] = map[string][]string{"": strings.Fields(cells[2])}
	}
	for line := range strings.Lines(regionTable) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		country, code, _ := strings.Cut(cells[0], "-")
		if g.regions[country] == nil {
			g.regions[country] = make(map[string]string, 64)
		}
		g.regions[country][fold(code)] = code
		g.regions[country][fold(cells[0])] = code
		for _, name := range cells[2:] {
			g.regions[country][fold(name)] = code
		}
		if zones := strings.Fields(cells[1]); len(zones) > 0 {
			g.zones[country][code] = zones
		}
	}
	return g
})

// CountryCode gives the ISO 3166-1 alpha-2 code of a country, written as a code of two or three letters ("us", "USA",
// "UK"), by its English name ("Germany", "United States of America") or by some other common one ("Deutschland").
// Case, accents and punctuation do not count. The answer is "", false when the name is not known; Kosovo is XK.
func CountryCode(name string) (string, bool) {
	code, ok := places().countries[fold(name)]
	return code, ok
}

// RegionCode gives the code of a state or province without its country ("CA", "BY", "NSW"), written as "CA", "US-CA" or
// "California". Known are those of the US, Canada, Australia, Brazil, Germany and Switzerland; country is an alpha-2 code.
func RegionCode(country, name string) (string, bool) {
	code, ok := places().regions[strings.ToUpper(country)][fold(name)]
	return code, ok
}

// RegionMeant gives the code of the state or province of any country that text names without being that code itself: "CA" for "California" and
// for "US-CA"; false when it names none. Of several the first code in the alphabet counts.
func RegionMeant(text string) (string, bool) {
	meant, name := "", fold(text)
	for _, regions := range places().regions {
		code, ok := regions[name]
		if ok && strings.EqualFold(code, text) {
			return "", false
		}
		if ok && (meant == "" || code < meant) {
			meant = code
		}
	}
	return meant, meant != ""
}

// ZonesOf lists the IANA zones in which a business of the country may be, the most populous first as a rule; region
// narrows them when it is a known state or province, written as RegionCode takes it. country is an alpha-2 code. The answer
// is nil when nothing is known, and the caller's to change.
func ZonesOf(country, region string) []string {
	zones := places().zones[strings.ToUpper(country)]
	if code, ok := RegionCode(country, region); ok && len(zones[code]) > 0 {
		return slices.Clone(zones[code])
	}
	if len(zones[""]) == 0 {
		return nil
	}
	return slices.Clone(zones[""])
}

// fold makes the spellings of a name equal: lower case, no accents, words of letters only, "and" for "&", "saint" for
// "St.", no leading "the". Dots and apostrophes join ("U.S." is "us"), other punctuation parts words.
func fold(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		switch {
		case unicode.IsLetter(r):
			b.WriteRune(unicode.ToLower(r))
		case r == '&':
			b.WriteString(" and ")
		case r == '.' && strings.EqualFold(lastWord(b.String()), "st"):
			b.WriteByte(' ') // "St.Lucia"
		case unicode.Is(unicode.Mn, r), r == '.', r == '\'', r == '’', r == 'ʻ':
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	for i, w := range words {
		if w == "st" && len(words) > 1 {
			words[i] = "saint"
		}
	}
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// lastWord gives what follows the last blank of s.
func lastWord(s string) string {
	return s[strings.LastIndexByte(s, ' ')+1:]
}
