package calendar

import (
	"strings"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
)

// ofLead is the entry of Window.Holidays that stands for the holidays of the place.
const ofLead = "lead"

// The library gives holidays as midnights in cal.DefaultLoc, which is the machine's zone: there the answer would depend on
// the machine, and be a day off where that midnight is skipped.
func init() { cal.DefaultLoc = time.UTC }

// KnownHolidays reports whether code is understood in Window.Holidays: the word "lead", a country ("DE") whose holidays
// are known, or a region ("DE-BY") with a list of its own. A country that is not known has no holidays; a region without a
// list has those of its country.
func KnownHolidays(code string) bool {
	code = canonicalHolidays(code)
	country, region, _ := strings.Cut(code, "-")
	_, ok := holidayLists[holidayKey{country, region}]
	return ok || code == ofLead
}

// canonicalHolidays gives the spelling of an entry of Window.Holidays that lookups are quick with; what it does not know
// stays in capitals.
func canonicalHolidays(code string) string {
	code = strings.TrimSpace(code)
	if strings.EqualFold(code, ofLead) {
		return ofLead
	}
	country, region, regional := strings.Cut(strings.ToUpper(code), "-")
	if known, ok := CountryCode(country); ok {
		country = known
	}
	if !regional {
		return country
	}
	return country + "-" + region
}

// isHoliday reports whether a day (counted from 1970-01-01) is a holiday by an entry of Window.Holidays.
func isHoliday(code string, p *Place, day int64) bool {
	country, region := p.Country, p.Region
	if code != ofLead && !strings.EqualFold(code, ofLead) {
		country, region, _ = strings.Cut(code, "-")
	}
	key := holidayKey{strings.ToUpper(country), strings.ToUpper(region)}
	list, ok := holidayLists[key]
	if !ok {
		key.region = ""
		if list, ok = holidayLists[key]; !ok {
			return false
		}
	}
	date := time.Unix(day*secondsPerDay, 0).UTC()
	return list.in(date.Year()).has(date.YearDay())
}

// holidayKey names a list of holidays; the region is "" for the country's own.
type holidayKey struct{ country, region string }

// holidayList is the holidays of a country or region: the days that all of its rule sets have in common.
type holidayList struct {
	sets  [][]*cal.Holiday
	years cache[int, yearDays]
}

func rules(sets ...[]*cal.Holiday) *holidayList { return &holidayList{sets: sets} }

// yearDays is a set of days of one year, by time.Time.YearDay.
type yearDays [6]uint64

func (s *yearDays) add(yday int)     { s[yday/64] |= 1 << (yday % 64) }
func (s yearDays) has(yday int) bool { return s[yday/64]&(1<<(yday%64)) != 0 }

// calculating is held while the library computes: some of its rules write to variables that they share.
var calculating sync.Mutex

// in gives the holidays of a year.
func (l *holidayList) in(year int) yearDays {
	if days, ok := l.years.get(year); ok {
		return days
	}
	calculating.Lock()
	defer calculating.Unlock()
	common := daysOf(l.sets[0], year)
	for _, set := range l.sets[1:] {
		for i, days := range daysOf(set, year) {
			common[i] &= days
		}
	}
	l.years.put(year, common)
	return common
}

// daysOf gives the days of the year that a set of rules closes: the day of each holiday and the one that stands in for it when it
// falls on a weekend. The rules of the years around are asked as well: New Year's Day may be observed on 31 December.
func daysOf(set []*cal.Holiday, year int) yearDays {
	var days yearDays
	for _, rule := range set {
		for y := year - 1; y <= year+1; y++ {
			actual, observed := rule.Calc(y)
			for _, day := range [2]time.Time{actual, observed} {
				if !day.IsZero() && day.Year() == year {
					days.add(day.YearDay())
				}
			}
		}
	}
	return days
}
