package sandbox

import (
	"fmt"
	"strings"
	"time"

	"nurture/internal/leadfile"
)

var (
	firstNames = []string{
		"Anna", "Ben", "Carla", "David", "Elif", "Farid", "Grace", "Hanna", "Ivan", "Julia", "Karim", "Laura", "Marco", "Nadia", "Omar",
		"Paula", "Quentin", "Rosa", "Sven", "Tara", "Ulla", "Victor", "Wanda", "Yusuf", "Zoe",
	}
	lastNames = []string{
		"Abbott", "Berger", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hoffmann", "Ivanov", "Jensen", "Keller", "Lopez", "Moreau",
		"Nowak", "Okafor", "Petrov", "Quinn", "Rossi", "Schmidt", "Taylor", "Ueda", "Visser", "Weber", "Young", "Zeller",
	}
	titles     = []string{"Head of Process Safety", "Plant Manager", "HSE Manager", "Operations Director", "Training Coordinator", "Process Engineer"}
	industries = []string{"chemicals", "refining", "food", "pharma", "energy"}
	sources    = []string{"webinar", "trade show", "website", "referral", "content download"}
	places     = []struct{ country, region, zone, prefix string }{
		{"DE", "", "Europe/Berlin", "+493012"},
		{"GB", "", "Europe/London", "+442079"},
		{"US", "TX", "America/Chicago", "+15125"},
		{"US", "CA", "America/Los_Angeles", "+14155"},
		{"NL", "", "Europe/Amsterdam", "+312012"},
		{"IN", "", "Asia/Kolkata", "+911123"},
		{"AU", "NSW", "Australia/Sydney", "+61291"},
	}
)

// People makes up n leads that exist from start on, by chance that the seed fixes: the same as a run of the sandbox with that seed has.
func People(seed int64, n int, start time.Time) []leadfile.Row { return people(chance{seed}, n, start) }

// people makes up n leads at about n/3 companies. Their names, addresses and numbers belong to nobody: domains under example.com, numbers
// that only the phone stand-in ever gets to see.
func people(c chance, n int, start time.Time) []leadfile.Row {
	rows := make([]leadfile.Row, n)
	for i := range rows {
		key := fmt.Sprintf("lead-%05d", i+1)
		company := int(c.roll(key, "company") * float64(max(n/3, 1)))
		site := fmt.Sprintf("site-%04d", company)
		place := places[int(c.roll(site, "place")*float64(len(places)))]
		first, last := one(c, firstNames, key, "first"), one(c, lastNames, key, "last")
		l := leadfile.Lead{
			Key: key, FirstName: first, LastName: last,
			Email: strings.ToLower(fmt.Sprintf("%s.%s.%d@%s.example.com", first, last, i+1, site)),
			Phone: fmt.Sprintf("%s%06d", place.prefix, i), Title: one(c, titles, key, "title"), Country: place.country, Region: place.region,
			Zones: []string{place.zone}, Language: "en", Source: one(c, sources, key, "source"), Origin: leadfile.OriginInquiry,
			Account: leadfile.Account{
				Name:   one(c, lastNames, site, "founder") + " " + one(c, []string{"Chemicals", "Works", "Industries", "Energy"}, site, "kind"),
				Domain: site + ".example.com", Industry: one(c, industries, site, "industry"),
				Employees: 50 + int(c.roll(site, "size")*2000), Country: place.country,
			},
			CreatedAt: start,
		}
		l.Consent.Email.State = leadfile.PermissionGranted
		if c.roll(key, "voicemail consent") < 0.6 {
			l.Consent.Voicemail.State = leadfile.PermissionGranted
		}
		rows[i] = leadfile.Row{Line: i + 2, Lead: l}
	}
	return rows
}

func one(c chance, from []string, parts ...any) string {
	return from[int(c.roll(parts...)*float64(len(from)))]
}
