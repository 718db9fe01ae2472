package inbound

import (
	"strings"
	"time"
)

// role is what a date in a notice of absence means.
type role int

const (
	roleNone   role = iota
	roleStart       // the absence begins
	roleUntil       // "until the 15th"
	roleLast        // the last day away
	roleReturn      // "back on the 15th"
)

// reach is how many words before and behind a date are looked at.
const (
	reachBefore = 9
	reachAfter  = 6
)

// returnDate finds when somebody is back, as YYYY-MM-DD; "" when the text does not say so, or when that day lies before the mail: see pastReturn.
//
// It is the first day on which the person can be expected to read mail. A day given as the return ("back on", "wieder da ab", "de
// retour le") is that day, and so is a plain "until the 15th": languages and people differ on whether the 15th belongs to
// the absence, and a day too early only meets the notice once more. Where the text names the last day away, it is the day after: a range
// ("from 20 December to 2 January"), "until and including", "through", "last day". A stated return outweighs all others.
func (r reader) returnDate() string {
	ahead, _ := r.returns()
	return ahead
}

// pastReturn is returnDate of a notice that was left on beyond the day that it names: the last such day, "" for none.
func (r reader) pastReturn() string {
	_, past := r.returns()
	return past
}

// returns finds the return that lies ahead and the last one that has passed, as YYYY-MM-DD, "" for none.
func (r reader) returns() (ahead, past string) {
	found := r.mentions()
	best, bestRole := time.Time{}, roleNone
	for i, m := range found {
		role := r.roleOf(found, i)
		day := m.day
		switch {
		case role == roleLast:
			day = day.AddDate(0, 0, 1)
		case role == roleStart && m.week: // away next week: back the week after
			day, role = day.AddDate(0, 0, 7), roleUntil
		}
		if role > roleStart && day.Before(r.from) {
			past = max(past, day.Format(time.DateOnly))
			continue
		}
		if role == roleReturn && bestRole != roleReturn || role > roleStart && bestRole == roleNone {
			best, bestRole = day, role
		}
	}
	if bestRole != roleNone {
		ahead = best.Format(time.DateOnly)
	}
	return ahead, past
}

// roleOf decides by the words around a date, up to the dates beside it and within its sentence. The nearest word before it
// decides; German and Dutch put theirs behind.
func (r reader) roleOf(found []mention, i int) role {
	m := found[i]
	sentence := r.words[m.start].sentence
	if role, ok := r.japaneseRole(found, i); ok {
		return role
	}
	low := max(0, m.start-reachBefore)
	if i > 0 {
		low = max(low, found[i-1].end)
	}
	high := min(len(r.words), m.end+reachAfter)
	if i+1 < len(found) {
		high = min(high, found[i+1].start)
	}
	behind := r.behind(m.end, high, sentence)
	if behind == roleReturn && i+1 < len(found) && r.words[found[i+1].start].sentence == sentence && !verbLast.in(r.words[m.end:found[i+1].start]) {
		behind = roleNone // "today and tomorrow, back on Monday": the word belongs to the date behind it
	}
	if m.span {
		return roleLast
	}
	if r.endsRange(found, i) {
		return roleLast
	}
	starts := false
	for k := m.start - 1; k >= low && r.words[k].sentence == sentence; k-- {
		before := r.words[:m.start]
		switch {
		case lastWords.match(before, k) > 0:
			return roleLast
		case untilWords.match(before, k) > 0, r.polish && before[k].text == "do":
			if lastWords.match(before, max(k-1, 0)) > 0 || behind == roleLast {
				return roleLast
			}
			return roleUntil
		case r.isReturn(before, k):
			return roleReturn
		case m.week && behind != roleReturn && awayWords.match(before, k) > 0:
			return roleStart
		}
		if end := startWords.match(before, k); end > 0 && m.start-end <= 2 {
			starts = true
		}
	}
	if behind == roleReturn {
		return roleReturn
	}
	if starts || behind == roleStart {
		return roleStart
	}
	return roleNone
}

// verbLast are words of returning in languages that put them behind the date.
var verbLast = newPhrases("wieder\nzuruck\nzurueck\nweer\nterug")

// behind looks at the words after a date.
func (r reader) behind(from, to, sentence int) role {
	for k := from; k < to && r.words[k].sentence == sentence; k++ {
		switch {
		case inclusiveWords.match(r.words[:to], k) > 0 && k < from+2:
			return roleLast
		case r.isReturn(r.words[:to], k):
			return roleReturn
		case untilWords.match(r.words[:to], k) > 0:
			return roleStart
		}
	}
	return roleNone
}

// isReturn matches a word of returning; "back up" is somebody else, "get back to you" is what happens then.
func (r reader) isReturn(words []word, k int) bool {
	if returnWords.match(words, k) == 0 {
		return false
	}
	return words[k].text != "back" || k+1 >= len(words) || words[k+1].text != "up"
}

// endsRange reports that a date ends a range: another date or a bare day stands before it with "to", "bis" or a dash between.
func (r reader) endsRange(found []mention, i int) bool {
	m := found[i]
	if i > 0 {
		before := found[i-1]
		if r.words[before.start].sentence == r.words[m.start].sentence && !before.vague && r.connects(before.end, m.start) {
			return r.startsRange(before) // whose year may have been taken for the next one: 22 December to 15 January
		}
	}
	for gap := 0; gap <= 4; gap++ {
		k := m.start - 1 - gap
		if k < 0 || r.words[k].sentence != r.words[m.start].sentence {
			return false
		}
		if _, _, ok := dayNumber(r.word(k)); ok && !strings.ContainsAny(r.word(k), "./") {
			return r.connects(k+1, m.start)
		}
	}
	return false
}

// startsRange refuses a date that is itself a return or an end: "until 5 January and 7 January".
func (r reader) startsRange(m mention) bool {
	for k := max(0, m.start-3); k < m.start; k++ {
		if untilWords.match(r.words[:m.start], k) > 0 || r.isReturn(r.words[:m.start], k) {
			return false
		}
	}
	return true
}

// connects reports that only a connecting word, a filler or a dash stands between two words.
func (r reader) connects(from, to int) bool {
	if from == to {
		gap := r.text[r.words[from-1].end:r.words[to].start]
		return strings.ContainsAny(gap, "-–—") && len(gap) < 8
	}
	k := from
	longest := 0
	for _, p := range rangeWords.first[r.word(k)] {
		longest = max(longest, p.match(r.words[:to], k))
	}
	if longest == 0 {
		return false
	}
	for k = longest; k < to; k++ {
		if _, day := weekdays[r.word(k)]; !day && fillerWords.match(r.words[:to], k) == 0 {
			return false
		}
	}
	return true
}

// statedDate is the day that a person names for another try: the first date that is not past, "" without one. Who is away in a week is
// asked the week after.
func (r reader) statedDate() string {
	found := r.mentions()
	if day := r.returnDate(); day != "" {
		return day
	}
	for _, m := range found {
		day := m.day
		if m.week && awayWords.in(sentenceOf(r.words, r.words[m.start].sentence)) {
			day = day.AddDate(0, 0, 7)
		}
		if !day.Before(r.from) {
			return day.Format(time.DateOnly)
		}
	}
	return ""
}
