package leadfile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrNoField is returned, wrapped, for the name of a field that a lead or an account does not have, or that nobody may set.
var ErrNoField = errors.New("there is no such field")

// settable are the fields of a person and of an account that somebody may set one at a time. The names of an account's stand without "account.".
var (
	settablePerson = []field{
		fieldEmail, fieldPhone, fieldFirstName, fieldLastName, fieldTitle, fieldRole, fieldCity, fieldRegion, fieldCountry, fieldZone, fieldLanguage,
	}
	settableAccount = []field{fieldAccountName, fieldAccountDomain, fieldAccountIndustry, fieldAccountEmployees, fieldAccountCountry}
)

// accountPrefix stands before the names of an account's fields.
const accountPrefix = "account."

// OwnName is the form of the names of custom fields.
const OwnName = `^[a-z][a-z0-9_]{0,63}$`

// SettablePerson and SettableAccount name the fields that PersonValue and AccountValue take, but for custom ones.
func SettablePerson() []string { return namesOf(settablePerson, "") }

// SettableAccount is told of at SettablePerson.
func SettableAccount() []string { return namesOf(settableAccount, accountPrefix) }

func namesOf(known []field, prefix string) []string {
	names := make([]string, len(known))
	for i, f := range known {
		names[i] = strings.TrimPrefix(f.String(), prefix)
	}
	return names
}

// PersonValue normalises a value of a person's field as an import does. A name of a custom field is "fields." and letters, digits and underscores.
// Country, an ISO code or "", is where a number without country code and a region are. "" is normalised to "". ErrNoField names a field that there is
// not; any other error says what is wrong with the value.
func PersonValue(name, value, country string) (string, error) {
	return oneValue(name, value, country, settablePerson, "")
}

// AccountValue is PersonValue for a field of an account, named without "account.".
func AccountValue(name, value string) (string, error) {
	return oneValue(name, value, "", settableAccount, accountPrefix)
}

func oneValue(name, value, country string, known []field, prefix string) (string, error) {
	if own, ok := strings.CutPrefix(name, prefixFields); ok {
		if !nameOK.MatchString(own) {
			return "", fmt.Errorf("%w: %q; the name of a field of your own is made of a to z, 0 to 9 and _, begins with a letter, and has at most 64", ErrNoField, name)
		}
		return bounded(clean(value, true), extraLimit)
	}
	i := slices.IndexFunc(known, func(f field) bool { return f.String() == prefix+name })
	if i < 0 {
		return "", noField(name, known, prefix)
	}
	value, err := bounded(clean(value, false), textLimit)
	if value == "" || err != nil {
		return "", err
	}
	return normalised(known[i], value, country)
}

func noField(name string, known []field, prefix string) error {
	names := namesOf(known, prefix)
	if near := nearest(name, names); near != "" {
		return fmt.Errorf("%w: %q; did you mean %q?", ErrNoField, clip([]byte(name), 80), near)
	}
	return fmt.Errorf("%w: %q; there are %s, and fields.NAME for your own", ErrNoField, clip([]byte(name), 80), strings.Join(names, ", "))
}

func bounded(value string, limit int) (string, error) {
	if n := utf8.RuneCountInString(value); n > limit {
		return "", fmt.Errorf("it has %d characters, and at most %d are taken", n, limit)
	}
	return value, nil
}

// normalised gives a value that is not empty the form in which it is stored.
func normalised(f field, value, country string) (string, error) {
	places, shown := newGazetteer(), clip([]byte(value), 60)
	fail := func(reason, hint string) (string, error) {
		if hint != "" {
			hint = "; " + hint
		}
		return "", errors.New(reason + ": " + shown + hint)
	}
	switch f {
	case fieldEmail:
		address, reason := parseEmail(value)
		if reason != "" {
			return fail(reason, "")
		}
		return address, nil
	case fieldPhone:
		number, reason, hint := parsePhone(value, country)
		if reason != "" {
			return fail(reason, hint)
		}
		return number.e164, nil
	case fieldCountry, fieldAccountCountry:
		if code := places.country(value); code != "" {
			return code, nil
		}
		return fail("country not known", "write its English name or ISO code")
	case fieldRegion:
		if known := places.region(country, value); country != "" && known.code != "" {
			return known.code, nil
		}
	case fieldZone:
		if !places.zone(value) {
			return fail("time zone not known", "write an IANA name such as Europe/Berlin")
		}
	case fieldLanguage:
		tag, ok := parseLanguage(value)
		if !ok {
			return fail("language not known", "write a tag such as en or de-CH")
		}
		return tag, nil
	case fieldAccountDomain:
		if name := domain(value); name != "" {
			return name, nil
		}
		return fail("this is no domain", "write example.com")
	case fieldAccountEmployees:
		if n, ok := parseCount(value); ok && n > 0 {
			return strconv.Itoa(n), nil
		}
		return fail("this is no number of employees", "")
	default:
	}
	return value, nil
}

// ZonesOf are the time zones that a lead may be in by its number in E.164, country and region, each "" when it is not known.
func ZonesOf(phone, country, region string) []string {
	number, _, _ := parsePhone(phone, "")
	return newGazetteer().zones(number, country, region)
}
