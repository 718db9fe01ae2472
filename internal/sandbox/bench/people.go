package bench

import (
	"fmt"
	"strings"
	"time"

	"nurture/internal/leadfile"
)

var (
	firstNames = []string{"Anna", "Ben", "Carla", "David", "Elif", "Farid", "Grace", "Hanna", "Ivan", "Julia", "Karim"}
	lastNames  = []string{"Abbott", "Berger", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hoffmann", "Jensen", "Keller", "Lopez", "Moreau", "Nowak"}
)

// colleagues is how many leads there are at a company.
const colleagues = 4

// people makes up n leads, numbered from first on, whom email may reach. They belong to nobody: their domains are below example.com.
func people(prefix string, first, n int, now time.Time) []leadfile.Row {
	rows := make([]leadfile.Row, n)
	for i := range rows {
		number := first + i
		given, family := firstNames[number%len(firstNames)], lastNames[number%len(lastNames)]
		domain := fmt.Sprintf("%s-site-%06d.example.com", prefix, number/colleagues)
		l := leadfile.Lead{
			Key: fmt.Sprintf("%s-%07d", prefix, number), FirstName: given, LastName: family,
			Email: strings.ToLower(fmt.Sprintf("%s.%s.%d@%s", given, family, number, domain)),
			Title: "Plant Manager", Country: "DE", Zones: []string{"Europe/Berlin"}, Language: "en", Source: "trade show", Origin: leadfile.OriginInquiry,
			Account:   leadfile.Account{Name: fmt.Sprintf("%s Chemicals %d", family, number/colleagues), Domain: domain, Industry: "chemicals", Employees: 250, Country: "DE"},
			CreatedAt: now,
		}
		l.Consent.Email = leadfile.Permission{State: leadfile.PermissionGranted, At: now}
		rows[i] = leadfile.Row{Line: number + 2, Lead: l}
	}
	return rows
}
