package simulate

import (
	"cmp"
	"maps"
	"slices"

	"nurture/cadence"
	"nurture/config"
)

// usual are the shares of a business that has no history yet: orders of magnitude for cold and lukewarm business mail and calls. They are a
// beginning, and are soon outweighed by what happens.
var usual = map[group]config.Rates{
	ofMail: {
		cadence.Reply: 0.03, cadence.Click: 0.06, cadence.OutOfOffice: 0.03, cadence.SoftBounce: 0.006, cadence.HardBounce: 0.008,
		cadence.LeftCompany: 0.003, cadence.Unsubscribe: 0.005, cadence.Complaint: 0.0002,
	},
	ofVoicemail: {
		cadence.VoicemailLeft: 0.76, cadence.AnsweredByHuman: 0.08, cadence.NoAnswer: 0.08, cadence.Busy: 0.03, cadence.DetectionFailed: 0.02,
		cadence.AnsweredByFax: 0.01, cadence.CallFailed: 0.02,
	},
	ofCall: {
		cadence.NoAnswer: 0.44, cadence.Busy: 0.04, cadence.LeftVoicemail: 0.2, cadence.LeftLiveMessage: 0.04, cadence.Gatekeeper: 0.09,
		cadence.WrongNumber: 0.02, cadence.Connected: 0.08, cadence.MeetingSet: 0.012, cadence.CallBackLater: 0.018, cadence.Referral: 0.008,
		cadence.NotNow: 0.025, cadence.NotInterested: 0.02, cadence.NoLongerWithCompany: 0.004, cadence.DoNotCall: 0.003,
	},
	ofAsked: {
		cadence.NoAnswer: 0.22, cadence.Busy: 0.03, cadence.LeftVoicemail: 0.12, cadence.Gatekeeper: 0.03, cadence.Connected: 0.36,
		cadence.MeetingSet: 0.12, cadence.CallBackLater: 0.03, cadence.Referral: 0.01, cadence.NotNow: 0.04, cadence.NotInterested: 0.04,
	},
	ofMeaning: {
		cadence.Interested: 0.2, cadence.NotNow: 0.32, cadence.NotInterested: 0.24, cadence.Referral: 0.06, cadence.Question: 0.1,
		cadence.WrongPerson: 0.03, cadence.Unsubscribe: 0.03, cadence.MeetingSet: 0.01, cadence.NoLongerWithCompany: 0.01,
	},
}

// group is a set of shares that add up to one whole: with the mails that nobody answers in any way for ofMail, by themselves for the others.
type group int

const (
	ofMail group = iota
	ofVoicemail
	ofCall
	ofAsked
	ofMeaning
)

// groupOf is the group of a channel's touches.
func groupOf(channel cadence.Channel) group {
	switch channel {
	case cadence.ChannelVoicemail:
		return ofVoicemail
	case cadence.ChannelCall:
		return ofCall
	case cadence.ChannelEmail:
	}
	return ofMail
}

// priorWeight is how many touches of history the shares that one would assume without it weigh as much as.
const priorWeight = 50

// learned blends shares with counts: the share of an outcome is what it would be had priorWeight touches more been made with the old shares.
func learned(prior config.Rates, n int, outcomes map[cadence.ResponseKind]int) config.Rates {
	if n == 0 {
		return prior
	}
	rates := config.Rates{}
	for kind, share := range prior {
		rates[kind] = share * priorWeight / float64(n+priorWeight)
	}
	for kind, count := range outcomes {
		rates[kind] += float64(count) / float64(n+priorWeight)
	}
	return rates
}

// overlaid lays written shares over others: what is written holds, and the others keep their proportions in what is left. Of mails, of which
// most are not answered, they shrink only when they must.
func overlaid(rates, written config.Rates, whole bool) config.Rates {
	if len(written) == 0 {
		return rates
	}
	all := maps.Clone(written)
	rest := config.Rates{}
	for kind, share := range rates {
		if _, is := written[kind]; !is {
			rest[kind] = share
		}
	}
	left, sum := max(1-written.Sum(), 0), rest.Sum()
	scale := 1.0
	if sum > 0 && (whole || sum > left) {
		scale = left / sum
	}
	for kind, share := range rest {
		all[kind] = share * scale
	}
	return all
}

// Shares are what can come of a touch, ready to be drawn from.
type Shares struct {
	kinds []cadence.ResponseKind
	upTo  []float64 // the shares of the kinds up to this one together
}

// sharesOf makes Shares; whole says that something always comes of it.
func sharesOf(rates config.Rates, whole bool) *Shares {
	s := &Shares{kinds: slices.Sorted(maps.Keys(rates))}
	sum := 0.0
	for _, kind := range s.kinds {
		sum += rates[kind]
		s.upTo = append(s.upTo, sum)
	}
	if whole || sum > 1 {
		for i := range s.upTo {
			s.upTo[i] /= sum
		}
	}
	return s
}

// draw gives what comes of a touch for a roll in [0, 1); "" is nothing.
func (s *Shares) draw(roll float64) cadence.ResponseKind {
	for i, upTo := range s.upTo {
		if roll < upTo {
			return s.kinds[i]
		}
	}
	return ""
}

// of is the share of an outcome.
func (s *Shares) of(kind cadence.ResponseKind) float64 {
	i := slices.Index(s.kinds, kind)
	switch {
	case i < 0:
		return 0
	case i == 0:
		return s.upTo[0]
	}
	return s.upTo[i] - s.upTo[i-1]
}

// Assumption is what the people of a run are taken to do with touches of a kind.
type Assumption struct {
	Name   string // "email", "call" …
	Shares []Share
}

// Share is how often an outcome is taken to come about, 0 to 1.
type Share struct {
	Name  string
	Share float64
}

// Assumed lists what everybody is taken to do, the most frequent first. Steps with a history, or shares, of their own may differ.
func (p *People) Assumed() []Assumption {
	of := func(name string, s *Shares) Assumption {
		a := Assumption{Name: name}
		for _, kind := range s.kinds {
			if share := s.of(kind); share > 0 {
				a.Shares = append(a.Shares, Share{string(kind), share})
			}
		}
		slices.SortStableFunc(a.Shares, func(x, y Share) int { return cmp.Compare(y.Share, x.Share) })
		return a
	}
	all := []Assumption{}
	for _, c := range []struct {
		name string
		g    group
	}{{"an email", ofMail}, {"a voicemail", ofVoicemail}, {"a call of a cadence", ofCall}} {
		all = append(all, of(c.name, sharesOf(overlaid(p.channels[c.g], p.written[c.g], c.g != ofMail), c.g != ofMail)))
	}
	all = append(all, of("a call that the lead gave reason for", p.asked), of("what a reply means", p.means))
	for _, kind := range []cadence.ResponseKind{cadence.Connected, cadence.MeetingSet} {
		t := p.talks[kind]
		all = append(all, Assumption{"a conversation (" + string(kind) + ")", []Share{
			{"ready to buy", t.ready}, {"ruled out", t.ruledOut}, {"dossier complete, of those ready", t.complete},
		}})
	}
	return append(all, Assumption{"a handoff", []Share{{"accepted", p.accept}}})
}
