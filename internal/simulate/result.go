package simulate

import (
	"time"

	"nurture/cadence"
)

// Result is what came of a run.
type Result struct {
	Leads  int
	Inside int   // of these in a cadence when it began
	Days   []Day // of the operator's zone; the first and the last may be cut off
	// Why touches were left out, enrolments finished, and leads ended.
	Skipped  map[cadence.Reason]int
	Finished map[cadence.Reason]int
	Ends     map[cadence.EndReason]int
	// Responses counts everything that came back, what SDRs say of their tasks included.
	Responses map[cadence.ResponseKind]int
	// Budget counts cycles by how many touches of their budget they have used: index 0 is none.
	Budget    []int
	Unmatched int // leads that no audience takes
	Decisions int // events that the core was asked about
	// Where everybody stands at the end.
	Active, LongTerm, Paused, WithSales, Ended, InLine int

	openTasks int
}

// Day is one day of a run, in the operator's zone.
type Day struct {
	Date                      time.Time // midnight UTC of the day's date
	Emails, Voicemails, Calls int       // touches made; a call counts when its task is filed
	Worked                    int       // tasks that SDRs did, of every kind
	Rung                      int       // of these calls
	Expired                   int       // tasks that nobody did in time
	Skipped                   int       // touches that were left out
	Enrolled, Moved           int
	Promoted                  int // leads offered to sales
	Blocked                   int // handoffs found to lack something
	Accepted, Rejected        int
	Ended                     int
	// What could be done on the day; −1 is no limit.
	EmailRoom, VoicemailRoom, CallRoom int
	// How things stood at the end of the day.
	Waiting   int // due, and waiting for capacity
	OpenTasks int
	InLine    int // waiting for a cadence
}

func (r *Result) today() *Day { return &r.Days[len(r.Days)-1] }

func (r *Result) countBudget(used int) {
	for len(r.Budget) <= used {
		r.Budget = append(r.Budget, 0)
	}
	r.Budget[used]++
}

// beginDay opens the book of another day.
func (r *run) beginDay() {
	if r.out.Skipped == nil {
		r.out.Skipped, r.out.Finished = map[cadence.Reason]int{}, map[cadence.Reason]int{}
		r.out.Ends, r.out.Responses = map[cadence.EndReason]int{}, map[cadence.ResponseKind]int{}
	}
	y, m, d := r.now.In(r.zone).Date()
	day := Day{Date: time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
	for _, s := range r.allowed.Order {
		room := &day.EmailRoom
		switch cadence.Channel(s.Channel) {
		case cadence.ChannelEmail:
		case cadence.ChannelVoicemail:
			room = &day.VoicemailRoom
		case cadence.ChannelCall:
			room = &day.CallRoom
		default:
			continue
		}
		if n := r.allowed.Of[s].Day; n >= cadence.Unlimited || *room < 0 {
			*room = -1
		} else {
			*room += n
		}
	}
	r.out.Days = append(r.out.Days, day)
}

// endOfDay notes how things stand.
func (r *run) endOfDay() {
	day := r.out.today()
	for _, in := range r.rooms {
		for _, q := range in.due {
			for _, w := range q {
				if !r.stale(w) {
					day.Waiting++
				}
			}
		}
	}
	day.OpenTasks, day.InLine = r.out.openTasks, r.inLine
}

// finish closes the books.
func (r *run) finish() {
	r.endOfDay()
	for i := range r.people {
		p := &r.people[i]
		r.endCycle(p)
		switch stage := p.core.Lead.Stage; {
		case p.core.Lead.Ended != "":
			r.out.Ended++
		case stage == cadence.StageHandedOff || stage == cadence.StageAccepted || stage == cadence.StageOpportunity:
			r.out.WithSales++
		case p.run == 0 || p.core.State == cadence.Finished:
			r.out.InLine++
		case p.core.State == cadence.Paused:
			r.out.Paused++
		case p.version.plan.Term == cadence.LongTerm:
			r.out.LongTerm++
		default:
			r.out.Active++
		}
	}
}
