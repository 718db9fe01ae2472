package cadence

import (
	"fmt"
	"strings"
	"time"
)

// TaskSignals is what orders an SDR's due tasks. Behaviour counts here, and only here: it never changes a verdict.
type TaskSignals struct {
	Kind      TaskKind
	DueAt     time.Time
	ExpiresAt time.Time // zero: it waits for ever
	RepliedAt time.Time // the lead's last own words; zero: none
	Visits    int       // links of our mails that the lead opened lately
	NearTerm  bool      // the lead said that it decides soon
	Asleep    bool      // the law forbids calls where the lead is at this hour
}

// Weights of what makes a task urgent. Above all come promises and people who wait for us, then what would lapse, then interest.
const (
	urgencyPromised   = 100
	urgencyReply      = 90
	urgencyQualified  = 80
	urgencyConfirm    = 60
	urgencyReferral   = 50
	urgencyLapsing    = 40
	urgencyNear       = 30
	urgencyReplied    = 25
	urgencyVisit      = 5
	urgencyVisitsMost = 20
	urgencyDay        = 2
	urgencyDaysMost   = 20
	urgencyAsleep     = -1000 // below all that can be done now

	lapsingSoon   = 4 * time.Hour
	repliedLately = 7 * 24 * time.Hour
)

// Urgency ranks a task: the higher the sooner. why names what counts most, at most two things, "" when it is only due.
func Urgency(s TaskSignals, now time.Time) (rank int, why string) {
	var reasons []string
	add := func(points int, reason string) {
		rank += points
		if reason != "" && len(reasons) < 2 {
			reasons = append(reasons, reason)
		}
	}
	if s.Asleep {
		add(urgencyAsleep, "no hour to call there")
	}
	switch s.Kind {
	case TaskCallback:
		add(urgencyPromised, "expects your call")
	case TaskTriage:
		add(urgencyReply, "replied, and nobody has read it")
	case TaskDossier:
		add(urgencyQualified, "qualified: sales waits for the rest")
	case TaskVerify:
		add(urgencyConfirm, "answers to confirm")
	case TaskReferral:
		add(urgencyReferral, "named somebody else")
	case TaskReview:
		add(0, "rests until somebody resumes it")
	case TaskCall, TaskManualEmail:
	}
	if left := s.ExpiresAt.Sub(now); !s.ExpiresAt.IsZero() && left <= lapsingSoon {
		add(urgencyLapsing, "lapses soon")
	}
	if s.NearTerm {
		add(urgencyNear, "decides soon")
	}
	if !s.RepliedAt.IsZero() && now.Sub(s.RepliedAt) <= repliedLately && s.Kind != TaskTriage {
		add(urgencyReplied, "wrote within the week")
	}
	if s.Visits > 0 {
		add(min(s.Visits*urgencyVisit, urgencyVisitsMost), "opened "+visitsOf(s.Visits))
	}
	if days := int(now.Sub(s.DueAt).Hours() / 24); days > 0 {
		add(min(days*urgencyDay, urgencyDaysMost), "waits for "+daysOf(days))
	}
	return rank, strings.Join(reasons, ", ")
}

func visitsOf(n int) string {
	if n == 1 {
		return "a link"
	}
	return fmt.Sprintf("%d links", n)
}

func daysOf(n int) string {
	if n == 1 {
		return "a day"
	}
	return fmt.Sprintf("%d days", n)
}
