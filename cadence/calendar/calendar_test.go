package calendar_test

import (
	"archive/zip"
	"go/build"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence/calendar"
)

// allZones lists every IANA name that Go ships.
var allZones = sync.OnceValue(func() []string {
	archive, err := zip.OpenReader(filepath.Join(build.Default.GOROOT, "lib", "time", "zoneinfo.zip"))
	if err != nil {
		panic(err)
	}
	defer archive.Close()
	var names []string
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, "/") {
			names = append(names, f.Name)
		}
	}
	return names
})

// window builds a Window from days and hours as they are written.
func window(t testing.TB, days, hours string, holidays ...string) calendar.Window {
	t.Helper()
	d, err := calendar.ParseDays(days)
	if err != nil {
		t.Fatal(err)
	}
	h, err := calendar.ParseSpan(hours)
	if err != nil {
		t.Fatal(err)
	}
	return calendar.NewWindow(d, h, holidays)
}

// instant reads "2025-03-30T09:00:00+02:00".
func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func in(zones ...string) calendar.Place { return calendar.Place{Zones: zones} }

var loaded sync.Map // name → *time.Location

// load gives a zone's rules as the time package has them, reading each zone's file once.
func load(zone string) *time.Location {
	if loc, ok := loaded.Load(zone); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	loaded.Store(zone, loc)
	return loc
}

// oracle says by the time package alone, slowly, whether w allows at in one zone; windows with holidays are not for it.
func oracle(w calendar.Window, zone string, at time.Time) bool {
	local := at.In(load(zone))
	hours := w.Hours[local.Weekday()]
	minute := calendar.Minute(local.Hour()*60 + local.Minute())
	return hours.From <= minute && minute < hours.To
}

// changes lists the instants between two years at which the zone's clock changes.
func changes(zone string, first, last int) []time.Time {
	var all []time.Time
	for at := time.Date(first, 1, 1, 0, 0, 0, 0, load(zone)); ; {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.Year() >= last {
			return all
		}
		_, before := at.Zone()
		if _, after := end.Zone(); after != before { // else only the zone's abbreviation changes
			all = append(all, end.UTC())
		}
		at = end
	}
}

// drawZone draws any zone.
func drawZone(t *rapid.T, label string) string {
	return rapid.SampledFrom(allZones()).Draw(t, label)
}

// drawTime draws an instant between 1900 and 2100, every other time within a day of a clock change of the zone.
func drawTime(t *rapid.T, zone string) time.Time {
	at := time.UnixMicro(rapid.Int64Range(-2_208_988_800_000_000, 4_102_444_800_000_000).Draw(t, "micros"))
	if !rapid.Bool().Draw(t, "near change") {
		return at.UTC()
	}
	change, _ := at.In(load(zone)).ZoneBounds()
	if change.IsZero() {
		change = at
	}
	day := int64(24 * time.Hour / time.Microsecond)
	return change.Add(time.Duration(rapid.Int64Range(-day, day).Draw(t, "off")) * time.Microsecond).UTC()
}

// drawWindow draws a window of any hours, different on each day, often in the small hours where clocks change.
func drawWindow(t *rapid.T) calendar.Window {
	var w calendar.Window
	for d := range w.Hours {
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0: // closed
		case 1:
			w.Hours[d] = calendar.Span{From: 0, To: 1440}
		case 2:
			from := rapid.IntRange(0, 200).Draw(t, "from")
			w.Hours[d] = calendar.Span{From: calendar.Minute(from), To: calendar.Minute(rapid.IntRange(from+1, 240).Draw(t, "to"))}
		default:
			from := rapid.IntRange(0, 1439).Draw(t, "from")
			w.Hours[d] = calendar.Span{From: calendar.Minute(from), To: calendar.Minute(rapid.IntRange(from+1, 1440).Draw(t, "to"))}
		}
	}
	return w
}
