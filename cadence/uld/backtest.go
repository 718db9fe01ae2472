package uld

import "time"

// Fate is what became of a past lead.
type Fate string

// The fates. FateUnknown, the zero Fate, is that of a lead of which nobody can tell yet, or whose end says nothing of whether it was
// ready: it is judged, and counted apart.
const (
	FateUnknown  Fate = ""
	FateReady    Fate = "ready"     // sales was right to talk to it: it bought, from us or from somebody else, or sales took it on
	FateNotReady Fate = "not_ready" // sales sent it back, or it said no
)

// PastLead is a lead whose time has come, for Compare.
type PastLead struct {
	Key           string
	Facts         []Fact
	SelfQualified bool
	// At is when the lead is judged: later facts are not looked at, for nobody could have known them. The zero time judges
	// on all facts, at the time of the latest.
	At   time.Time
	Fate Fate
}

// BacktestResult says how a definition would have sorted past leads (A11).
type BacktestResult struct {
	Volume   int `json:"volume"`   // leads judged, whatever their fate
	Promoted int `json:"promoted"` // of these; so are Nurtured and Closed
	Nurtured int `json:"nurtured"`
	Closed   int `json:"closed"`
	// Ready, NotReady and Unknown are the confusion table: the verdicts on the leads of each fate.
	Ready    Sorted `json:"ready"`
	NotReady Sorted `json:"not_ready"`
	Unknown  Sorted `json:"unknown"`
	// Precision is the share of promoted leads that were ready, Recall the share of ready leads that would have been promoted. Leads of
	// unknown fate are in neither.
	Precision Share `json:"precision"`
	Recall    Share `json:"recall"`
	// WronglyPromoted and Missed are the keys of leads that were promoted and not ready, and that were ready without being
	// promoted, in the order of the input: what a review reads.
	WronglyPromoted []string `json:"wrongly_promoted,omitempty"`
	Missed          []string `json:"missed,omitempty"`
}

// Sorted counts verdicts.
type Sorted struct {
	Promoted int `json:"promoted"`
	Nurtured int `json:"nurtured"`
	Closed   int `json:"closed"`
}

// Total is how many leads were sorted.
func (s Sorted) Total() int { return s.Promoted + s.Nurtured + s.Closed }

func (s *Sorted) count(o Outcome) {
	switch o {
	case Promote:
		s.Promoted++
	case Close:
		s.Closed++
	case Nurture:
		s.Nurtured++
	}
}

// Share is Count of Of.
type Share struct {
	Count int `json:"count"`
	Of    int `json:"of"`
}

// Value gives the share between 0 and 1; false when it is undefined, because it is a share of nothing.
func (s Share) Value() (float64, bool) {
	if s.Of == 0 {
		return 0, false
	}
	return float64(s.Count) / float64(s.Of), true
}

// count sorts one lead.
func (r *BacktestResult) count(lead PastLead, o Outcome) {
	r.Volume++
	switch lead.Fate {
	case FateReady:
		r.Ready.count(o)
		if o != Promote {
			r.Missed = append(r.Missed, lead.Key)
		}
	case FateNotReady:
		r.NotReady.count(o)
		if o == Promote {
			r.WronglyPromoted = append(r.WronglyPromoted, lead.Key)
		}
	default:
		r.Unknown.count(o)
	}
}

// shared is the result with its sums and shares.
func (r BacktestResult) shared() BacktestResult {
	r.Promoted = r.Ready.Promoted + r.NotReady.Promoted + r.Unknown.Promoted
	r.Nurtured = r.Ready.Nurtured + r.NotReady.Nurtured + r.Unknown.Nurtured
	r.Closed = r.Ready.Closed + r.NotReady.Closed + r.Unknown.Closed
	r.Precision = Share{Count: r.Ready.Promoted, Of: r.Ready.Promoted + r.NotReady.Promoted}
	r.Recall = Share{Count: r.Ready.Promoted, Of: r.Ready.Total()}
	return r
}

// known gives the facts that were there when the lead is judged, and that time.
func (p PastLead) known() ([]Fact, time.Time) {
	at := p.At
	if at.IsZero() {
		for _, f := range p.Facts {
			if f.At.After(at) {
				at = f.At
			}
		}
		return p.Facts, at
	}
	var facts []Fact
	for _, f := range p.Facts {
		if !f.At.After(at) {
			facts = append(facts, f)
		}
	}
	return facts, at
}
