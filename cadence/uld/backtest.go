package uld

import "time"

// PastLead is a lead whose fate is known, for a backtest.
type PastLead struct {
	Key           string
	Facts         []Fact
	SelfQualified bool
	// At is when the lead is judged: later facts are not looked at, for nobody could have known them. The zero time judges
	// on all facts, at the time of the latest.
	At     time.Time
	Bought bool // from us or from somebody else: it was ready
}

// BacktestResult says how a definition would have sorted past leads (A11).
type BacktestResult struct {
	Volume        int `json:"volume"` // leads judged
	Bought        int `json:"bought"` // of these
	Promoted      int `json:"promoted"`
	Nurtured      int `json:"nurtured"`
	Closed        int `json:"closed"`
	TruePositives int `json:"true_positives"` // promoted, and bought
	// Precision is the share of promoted leads that bought, Recall the share of buyers that would have been promoted.
	Precision Share `json:"precision"`
	Recall    Share `json:"recall"`
	// WronglyPromoted and Missed are the keys of leads that were promoted and did not buy, and that bought without being
	// promoted, in the order of the input: what a review reads.
	WronglyPromoted []string `json:"wrongly_promoted,omitempty"`
	Missed          []string `json:"missed,omitempty"`
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

// Backtest evaluates each past lead as of its time and counts how the verdicts compare with what became of it.
func Backtest(def Definition, past []PastLead) BacktestResult {
	r := BacktestResult{Volume: len(past)}
	for _, lead := range past {
		facts, at := lead.known()
		outcome := Evaluate(def, facts, lead.SelfQualified, at).Outcome
		switch outcome {
		case Promote:
			r.Promoted++
		case Close:
			r.Closed++
		case Nurture:
			r.Nurtured++
		}
		switch {
		case lead.Bought && outcome == Promote:
			r.TruePositives++
		case lead.Bought:
			r.Missed = append(r.Missed, lead.Key)
		case outcome == Promote:
			r.WronglyPromoted = append(r.WronglyPromoted, lead.Key)
		}
		if lead.Bought {
			r.Bought++
		}
	}
	r.Precision = Share{Count: r.TruePositives, Of: r.Promoted}
	r.Recall = Share{Count: r.TruePositives, Of: r.Bought}
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
