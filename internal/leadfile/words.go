package leadfile

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
)

var (
	yesWords = []string{
		"yes", "y", "true", "t", "1", "x", "on", "ok", "okay", "checked", "given", "granted", "allowed", "optin", "optedin", "subscribed",
		"ja", "j", "oui", "o", "si", "sí", "sim", "sì", "да", "wahr", "vrai",
	}
	noWords = []string{
		"no", "n", "false", "f", "0", "off", "unchecked", "none", "never", "denied", "refused", "withdrawn", "revoked", "optout",
		"optedout", "unsubscribed", "nein", "non", "não", "nao", "нет", "falsch", "faux",
	}
)

// yesNo tells what a word means; known is false for words that mean neither.
type yesNo map[string]bool

func newYesNo(words Words) yesNo { return yesNoOf(yesWords, noWords, words.Yes, words.No) }

// Words that mean the opposite in a column of opt-outs: there "unsubscribed" says yes.
var (
	optOutYes = []string{"optout", "optedout", "unsubscribed", "denied", "refused", "withdrawn", "revoked", "donotallow"}
	optOutNo  = []string{"optin", "optedin", "subscribed", "allow"}
)

// newOptOutWords tells what a word means in a column of opt-outs.
func newOptOutWords(words Words) yesNo {
	return yesNoOf(append(slices.Clone(yesWords), optOutYes...), append(without(noWords, optOutYes), optOutNo...), words.Yes, words.No)
}

func without(words, some []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool { return slices.Contains(some, word) })
}

// yesNoOf makes a table of words; what is in a later list counts.
func yesNoOf(yes, no, ownYes, ownNo []string) yesNo {
	y := make(yesNo, len(yes)+len(no))
	for _, list := range []struct {
		words []string
		yes   bool
	}{{yes, true}, {no, false}, {ownYes, true}, {ownNo, false}} {
		for _, word := range list.words {
			y[fold(word)] = list.yes
		}
	}
	return y
}

func (y yesNo) parse(text string) (yes, known bool) {
	yes, known = y[fold(text)]
	return yes, known
}

// layouts are the dates that leave no doubt. A date without zone is taken as UTC.
var layouts = []string{
	time.DateOnly, time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 UTC", "2006/01/02", "2006/01/02 15:04:05", "2006/01/02 15:04",
	"2.1.2006", "2.1.2006 15:04", "2.1.2006 15:04:05", "2 Jan 2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006", "2-Jan-2006", "Jan 2 2006",
	"Jan 2, 2006 15:04", "Jan 2, 2006 3:04 PM", time.RFC1123Z, time.RFC1123, time.ANSIC, "20060102",
}

// numericDate is 3/4/2026 or 3-4-2026, with or without a time.
var numericDate = regexp.MustCompile(`^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[ T,]+(\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?))?$`)

// parseDate reads a date or an instant, in UTC and truncated to microseconds; reason is "" when it could.
func parseDate(text string, order DateOrder) (t time.Time, reason, hint string) {
	const unknown = "the date is not understood"
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return saneDate(t)
		}
	}
	if n, err := strconv.Atoi(text); err == nil && n > 20000 && n < 80000 {
		return time.Time{}, "this is a spreadsheet's day number and no date", "format the column as a date before exporting"
	}
	parts := numericDate.FindStringSubmatch(text)
	if parts == nil {
		return time.Time{}, unknown, "write 2026-12-31"
	}
	a, _ := strconv.Atoi(parts[1])
	b, _ := strconv.Atoi(parts[2])
	if order == DatesUnambiguous && a <= 12 && b <= 12 && a != b {
		return time.Time{}, "the date may be day/month or month/day", "say dates: dmy or dates: mdy in the mapping"
	}
	dayFirst := order == DatesDayFirst || order == DatesUnambiguous && a > 12
	if !dayFirst {
		a, b = b, a
	}
	date := parts[3] + "-" + strconv.Itoa(b) + "-" + strconv.Itoa(a) + " " + strings.ToUpper(strings.ReplaceAll(parts[4], " ", ""))
	for _, layout := range []string{"2006-1-2 ", "2006-1-2 15:04", "2006-1-2 15:04:05", "2006-1-2 3:04PM", "2006-1-2 3:04:05PM"} {
		if t, err := time.Parse(layout, date); err == nil {
			return saneDate(t)
		}
	}
	return time.Time{}, unknown, "write 2026-12-31"
}

// saneDate refuses years that no lead was created in.
func saneDate(t time.Time) (time.Time, string, string) {
	if t.Year() < 1970 || t.Year() > 2100 {
		return time.Time{}, "the year is not between 1970 and 2100", ""
	}
	return t.UTC().Truncate(time.Microsecond), "", ""
}

// count is the first number of a text such as "1,000+", "51-200" or "10k".
var count = regexp.MustCompile(`(\d{1,3}(?:[.,'’ ]\d{3})+|\d+)(?:[.,]\d+)?\s*([kK]\b)?`)

// mostCounted is more people than any company has.
const mostCounted = 10_000_000

// scientific is how spreadsheets and programs write large numbers: 1.2E+03.
var scientific = regexp.MustCompile(`^\d+(?:[.,]\d+)?[eE][+-]?\d+$`)

// parseCount reads a number of people, of a range the lower end.
func parseCount(text string) (n int, ok bool) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "-") {
		return 0, false
	}
	if scientific.MatchString(text) {
		f, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
		if err != nil || f > mostCounted {
			return 0, false
		}
		return int(f), true
	}
	found := count.FindStringSubmatch(text)
	if found == nil {
		return 0, false
	}
	n, err := strconv.Atoi(digits(found[1]))
	if err != nil {
		return 0, false
	}
	if found[2] != "" {
		n *= 1000
	}
	return n, n <= mostCounted
}

// languageNames are the languages that exports spell out.
var languageNames = map[string]string{
	"english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr", "spanish": "es", "español": "es", "italian": "it",
	"italiano": "it", "dutch": "nl", "nederlands": "nl", "portuguese": "pt", "português": "pt", "polish": "pl", "polski": "pl",
	"swedish": "sv", "danish": "da", "norwegian": "no", "finnish": "fi", "czech": "cs", "russian": "ru", "japanese": "ja",
	"chinese": "zh", "hindi": "hi", "arabic": "ar", "turkish": "tr",
}

// parseLanguage gives the BCP 47 tag of a tag or a common name.
func parseLanguage(text string) (tag string, ok bool) {
	if tag, ok := languageNames[strings.ToLower(text)]; ok {
		return tag, true
	}
	parsed, err := language.Parse(text)
	if err != nil || parsed == language.Und {
		return "", false
	}
	return parsed.String(), true
}
