package leadfile

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// slowPhone is what the library says; ok is false for a number that does not exist.
func slowPhone(text, country string) (phone, bool) {
	n, err := phonenumbers.Parse(text, country)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return phone{}, false
	}
	return phone{phonenumbers.Format(n, phonenumbers.E164), int(n.GetCountryCode()), n.GetExtension()}, true
}

// TestQuickPhoneIsTheLibrary: what quickPhone answers is what the library answers, for the numbers of every region, spoilt in every way
// and dialled from everywhere.
func TestQuickPhoneIsTheLibrary(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	regions := slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions()))
	if len(regions) < 200 {
		t.Fatalf("only %d regions", len(regions))
	}
	exist, quick := 0, 0
	check := func(text, country string) {
		got, sure := quickPhone(text, country)
		want, ok := slowPhone(text, country)
		if sure && (!ok || got != want) {
			t.Errorf("%s in %q: %+v, the library says %+v, %v", text, country, got, want, ok)
		}
		if ok {
			exist++
		}
		if sure {
			quick++
		}
	}
	for _, region := range regions {
		for _, example := range examplesOf(region) {
			for _, national := range append(spoilt(random, example), example) {
				data := phoneData()[region]
				code := strconv.Itoa(int(data.GetCountryCode()))
				check(national, region)
				check(data.GetNationalPrefix()+national, region)
				check("+"+code+national, region)
				check("+"+code+data.GetNationalPrefix()+national, "")
				switch random.IntN(6) {
				case 0:
					check(code+national, region)
				case 1:
					check("00"+code+national, region)
				case 2:
					check("011"+code+national, region)
				case 3:
					check(national, regions[random.IntN(len(regions))])
				case 4:
					check("+"+code+national, regions[random.IntN(len(regions))])
				}
			}
		}
	}
	if t.Logf("%d numbers exist, %d are answered quickly", exist, quick); quick*10 < exist*7 {
		t.Errorf("only %d of %d numbers are answered quickly", quick, exist)
	}
}

// TestQuickPhoneKnowsCommonNumbers: where most leads are, the library need not be asked.
func TestQuickPhoneKnowsCommonNumbers(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"DE", "AT", "CH", "GB", "US", "CA", "FR", "ES", "IT", "NL", "SE", "PL", "IN", "AU", "JP"} {
		for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.FIXED_LINE, phonenumbers.MOBILE} {
			e164 := phonenumbers.Format(phonenumbers.GetExampleNumberForType(region, kind), phonenumbers.E164)
			if got, sure := quickPhone(e164, ""); !sure || got.e164 != e164 {
				t.Errorf("%s is read as %+v, %v", e164, got, sure)
			}
		}
	}
}

// examplesOf are the numbers, one of each kind, that the phone data gives for a region.
func examplesOf(region string) (all []string) {
	data := phoneData()[region]
	for _, kind := range []*phonenumbers.PhoneNumberDesc{
		data.GetFixedLine(), data.GetMobile(), data.GetTollFree(), data.GetPremiumRate(), data.GetSharedCost(), data.GetVoip(),
		data.GetPersonalNumber(), data.GetPager(), data.GetUan(), data.GetVoicemail(),
	} {
		if example := kind.GetExampleNumber(); example != "" {
			all = append(all, example)
		}
	}
	return all
}

// spoilt changes a number here and there: most of what comes out does not exist.
func spoilt(random *rand.Rand, number string) (all []string) {
	for range 8 {
		b := []byte(number)
		for range 1 + random.IntN(3) {
			b[random.IntN(len(b))] = '0' + byte(random.IntN(10))
		}
		switch random.IntN(5) {
		case 0:
			b = b[:len(b)-1]
		case 1:
			b = append(b, '0'+byte(random.IntN(10)))
		case 2:
			b = append([]byte{'0' + byte(random.IntN(10))}, b...)
		}
		all = append(all, string(b))
	}
	return all
}

func TestAutomaton(t *testing.T) {
	t.Parallel()
	a, err := newAutomaton(`1(?:2[3-5]|\d{3})|7+`)
	if err != nil {
		t.Fatal(err)
	}
	for digits, want := range map[string][2]bool{
		"": {false, false}, "123": {true, true}, "126": {false, false}, "1999": {true, true}, "1239": {true, true}, "7": {true, true},
		"777": {true, true}, "78": {false, true}, "19": {false, false}, "12345": {false, true},
	} {
		if got := [2]bool{a.matches(digits), a.begins(digits)}; got != want {
			t.Errorf("%q: matches, begins %v, want %v", digits, got, want)
		}
	}
	for _, bad := range []string{`1$2`, `(`, `\b1`} {
		if _, err := newAutomaton(bad); err == nil {
			t.Errorf("%s is compiled", bad)
		}
	}
}
