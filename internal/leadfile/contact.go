package leadfile

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what is believed of a name that somebody typed into a text; longer ones are no names.
const nameLimit = 80

// Contact makes a lead of what somebody wrote of somebody else: a name, an address and a number, each "" when it is not given. The number
// is read as written in country, an ISO code or "". A name that cannot be one is left out, an address or number that cannot be used too;
// the error says why where neither remains.
func Contact(name, email, phone, country string) (Lead, error) {
	var l Lead
	var reasons []string
	if email = clean(email, false); email != "" {
		address, reason := parseEmail(email)
		if reason != "" {
			reasons = append(reasons, reason+": "+clip([]byte(email), 80))
		}
		l.Email = address
	}
	if phone = clean(phone, false); phone != "" {
		number, reason, _ := parsePhone(phone, country)
		if reason != "" {
			reasons = append(reasons, reason+": "+clip([]byte(phone), 40))
		}
		l.Phone, l.Zones = number.e164, newGazetteer().zones(number, "", "")
	}
	switch {
	case l.Email != "":
		l.Key = l.Email
	case l.Phone != "":
		l.Key = l.Phone
	case len(reasons) > 0:
		return Lead{}, errors.New(strings.Join(reasons, "; "))
	default:
		return Lead{}, errors.New("neither an email address nor a phone number is given")
	}
	if name = clean(name, false); plausibleName(name) {
		l.FirstName, l.LastName = splitName(name)
	}
	return l, nil
}

// plausibleName takes what is made of letters and of what stands between them in names.
func plausibleName(name string) bool {
	if utf8.RuneCountInString(name) > nameLimit || !strings.ContainsFunc(name, unicode.IsLetter) {
		return false
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" .,'’-", r) {
			return false
		}
	}
	return true
}

// SplitContact takes apart what people write of somebody on one line: "Bob Smith <bob@prospects.example> +44 20 7946 0958", each part of
// which may be missing. Contact says whether the parts are good.
func SplitContact(text string) (name, email, phone string) {
	text = strings.NewReplacer("<", " <", ">", "> ", ",", " ", ";", " ").Replace(clean(text, false))
	var names, numbers []string
	for _, word := range strings.Fields(text) {
		bare := strings.Trim(word, "<>()")
		switch {
		case strings.Contains(bare, "@"):
			if email != "" {
				email += " " // two addresses are one too many, which Contact says
			}
			email += bare
		case strings.Trim(bare, "0123456789+-./") == "" && digits(bare) != "":
			numbers = append(numbers, bare)
		case bare != "":
			names = append(names, bare)
		}
	}
	return strings.Join(names, " "), email, strings.Join(numbers, " ")
}
