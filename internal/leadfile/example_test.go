package leadfile_test

import (
	"fmt"
	"os"
	"strings"

	"nurture/internal/leadfile"
)

// A file is read with a mapping; rejections stream to a report.
func Example() {
	mapping, err := leadfile.ParseMapping("fair.yaml", []byte(`
columns: { email: Mail, name: Visitor, country: Land, consent.email: Newsletter }
computed: { key: 'fair-{{ col "No." }}' }
words: { yes: [gerne] }
defaults: { source: Fair }
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	const file = `No.;Mail;Visitor;Land;Newsletter
1;Jane.Doe@example.com;"Doe, Dr. Jane";Schweiz;gerne
"2;joe@example.com;Joe Bloggs;UK;"
3;nobody;Jim;USA;nein
`
	report := leadfile.NewReport(os.Stdout)
	sum, err := leadfile.Read(strings.NewReader(file), leadfile.Options{Mapping: mapping, Reporter: report}, func(batch []leadfile.Row) error {
		for _, row := range batch {
			l := row.Lead
			fmt.Println(l.Key, l.Email, l.FirstName, l.LastName, l.Country, l.Zones, l.Consent.Email.State, l.Source)
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := report.Flush(); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%d read: %d accepted (%d repaired), %d rejected\n", sum.Read, sum.Accepted, sum.Repaired, sum.Rejected)
	// Output:
	// fair-1 jane.doe@example.com Jane Doe CH [Europe/Zurich] granted Fair
	// fair-2 joe@example.com Joe Bloggs GB [Europe/London]  Fair
	// line,kind,column,reason,hint,raw
	// 3,repaired,,the whole line stood in quotes,,
	// 4,rejected,Mail,the address has no @: nobody,"correct the address, or empty the cell if the phone is enough",3;nobody;Jim;USA;nein
	// 3 read: 2 accepted (1 repaired), 1 rejected
}
