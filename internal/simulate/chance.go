package simulate

import (
	"hash/fnv"
	"time"
)

// Who stands for a lead in every roll: it depends on the lead's key alone, so that the same person does the same whatever it is sent.
type Who uint64

// WhoIs gives the Who of a lead's key.
func WhoIs(key string) Who {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key)) // a hash takes everything
	return Who(mix(h.Sum64()))
}

// mix spreads every bit over all the others (the finaliser of splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// question is what a roll is for: two questions about one person never share their answer.
type question uint64

const (
	askMail question = iota + 1
	askMailWhen
	askMailDay
	askNamesDay
	askVoicemail
	askVoicemailWhen
	askCall
	askAsked
	askMeaning
	askLater
	askReady
	askComplete
	askTold
	askGood
	askMonths
	askAccept
	askSales
	askWritten
)

// chance is a fixed random number in [0, 1) for the n-th time that a question comes up about somebody: the same seed gives the same answer
// whatever else happens, and in whatever order.
type chance struct{ seed uint64 }

func (c chance) roll(who Who, q question, n int) float64 {
	x := mix(c.seed ^ mix(uint64(who)^mix(uint64(q)<<32^uint64(n))))
	return float64(x>>11) / (1 << 53)
}

// between is a fixed random span in whole seconds.
func (c chance) between(from, to time.Duration, who Who, q question, n int) time.Duration {
	return (from + time.Duration(c.roll(who, q, n)*float64(to-from))).Truncate(time.Second)
}
