package leadfile

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"nurture/cadence/calendar"
)

// cacheLimit bounds each of a gazetteer's caches; a file of nonsense must not fill the memory.
const cacheLimit = 10_000

// gazetteer answers the questions on places that every row asks again.
type gazetteer struct {
	countries map[string]string    // as written → code, "" unknown
	regions   map[[2]string]region // country and region as written
	validZone map[string]bool
}

// region is a state or province, and the zones that it or else its country has.
type region struct {
	code  string // "" when it is not known
	zones []string
}

func newGazetteer() *gazetteer {
	return &gazetteer{
		countries: make(map[string]string),
		regions:   make(map[[2]string]region),
		validZone: make(map[string]bool),
	}
}

// country gives the ISO code of a country as written, "" when it is not known.
func (g *gazetteer) country(name string) string {
	return cached(g.countries, name, func() string {
		code, _ := calendar.CountryCode(name)
		return code
	})
}

func (g *gazetteer) region(country, name string) region {
	return cached(g.regions, [2]string{country, name}, func() region {
		code, _ := calendar.RegionCode(country, name)
		return region{code: code, zones: calendar.ZonesOf(country, name)}
	})
}

// zone tells whether name is an IANA zone.
func (g *gazetteer) zone(name string) bool {
	return cached(g.validZone, name, func() bool { return calendar.ValidZone(name) })
}

func cached[K comparable, V any](cache map[K]V, key K, find func() V) V {
	value, ok := cache[key]
	if !ok {
		if len(cache) >= cacheLimit {
			clear(cache)
		}
		value = find()
		cache[key] = value
	}
	return value
}

// zones gives the zones that a lead may be in, sorted: the phone's, narrowed by a known state of the same country; else the
// country's. Where phone and state of one country contradict each other both count, since an instant must then be allowed
// in all of them; a phone of another country overrides the country, for calling hours are those of the called party.
func (g *gazetteer) zones(number phone, country, regionName string) []string {
	var place region
	if country != "" {
		place = g.region(country, regionName)
	}
	home := slices.Sorted(slices.Values(place.zones))
	phone := phoneZones(number.e164)
	if len(phone) == 0 || len(home) == 0 {
		if len(phone) == 0 {
			return home
		}
		return phone
	}
	if number.code != phonenumbers.GetCountryCodeForRegion(country) {
		return phone
	}
	both := slices.DeleteFunc(slices.Clone(phone), func(zone string) bool { return !slices.Contains(home, zone) })
	switch {
	case len(both) > 0:
		return both
	case place.code == "":
		return phone
	}
	all := append(phone, home...)
	slices.Sort(all)
	return slices.Compact(all)
}

// domain normalises a company's domain from an address of the web or of mail; "" when it is none.
func domain(text string) string {
	name := domainOf(text)
	if strings.ContainsAny(name, " @") || badDomain(name) != "" {
		return ""
	}
	return name
}
