package inbound

import (
	"strconv"
	"strings"
	"time"
)

// mention is a date in a text.
type mention struct {
	start, end int // words
	day        time.Time
	span       bool // a range whose last day is day, such as "20-24 December"
	week       bool // "next week": a time of seven days that begins with day
	vague      bool // a month, a quarter, a year: not a day
}

// reader finds dates in words, seen from a day.
type reader struct {
	text  string
	words []word
	from  time.Time // midnight UTC of the day on which the mail was written, in the writer's zone
	// monthFirst reads 1/2 as 2 January: written in English in an American zone.
	monthFirst bool
	polish     bool // "do" is "until"; in Portuguese it is "of the"
}

// newReader looks at a text as it was written at a time. The zone of that time tells where the writer is.
func newReader(text string, words []word, written time.Time) reader {
	_, offset := written.Zone()
	from := time.Date(written.Year(), written.Month(), written.Day(), 0, 0, 0, 0, time.UTC)
	return reader{text: text, words: words, from: from, monthFirst: offset <= -3*3600-1800 && english(words), polish: polishWords.in(words)}
}

// english tells American dates from those of people who write another language in the same zones.
func english(words []word) bool {
	n := 0
	for _, w := range words {
		switch w.text {
		case "the", "i", "will", "be", "am", "of", "and", "is", "my", "you":
			n++
		}
	}
	return n >= 2
}

// mentions finds all dates in their order.
func (r reader) mentions() []mention {
	var found []mention
	for i := 0; i < len(r.words); {
		m, ok := r.at(i)
		if !ok {
			i++
			continue
		}
		found = append(found, m)
		i = m.end
	}
	return found
}

// at reads the date that begins at a word.
func (r reader) at(i int) (mention, bool) {
	for _, read := range []func(int) (mention, bool){r.numeric, r.japanese, r.named, r.weekday, r.quarter, r.relative} {
		if m, ok := read(i); ok {
			return m, true
		}
	}
	return mention{}, false
}

// word gives the folded word at i, "" past the end.
func (r reader) word(i int) string {
	if i < 0 || i >= len(r.words) {
		return ""
	}
	return r.words[i].text
}

// numeric reads 2026-01-15, 15.01.2026, 15.01., 15/1/26.
func (r reader) numeric(i int) (mention, bool) {
	w := r.words[i].text
	if w[0] < '0' || w[0] > '9' || len(w) > 10 {
		return mention{}, false
	}
	for _, separator := range []string{"-", ".", "/"} {
		fields := strings.Split(w, separator)
		n := make([]int, len(fields))
		ok := len(fields) == 2 || len(fields) == 3
		for k, f := range fields {
			v, err := strconv.Atoi(f)
			ok = ok && err == nil
			n[k] = v
		}
		if !ok || separator == "-" && len(n) == 2 {
			continue
		}
		if day, ok := r.ordered(n, len(fields[0]) == 4, separator, i); ok {
			return mention{start: i, end: i + 1, day: day}, true
		}
	}
	return mention{}, false
}

// ordered makes a day of numbers. Two numbers are a date with a slash or with the dot of "15.01." behind them; "2.5" is a number.
func (r reader) ordered(n []int, yearFirst bool, separator string, i int) (time.Time, bool) {
	d, m, y := n[0], n[1], 0
	switch {
	case yearFirst && len(n) == 3:
		y, m, d = n[0], n[1], n[2]
	case yearFirst:
		return time.Time{}, false
	default:
		if len(n) == 3 {
			y = n[2]
		}
		if separator == "/" && (m > 12 && d <= 12 || r.monthFirst && d <= 12) {
			d, m = m, d
		}
	}
	end := r.words[i].end
	if len(n) == 2 && separator == "." && !strings.HasPrefix(r.text[end:], ".") && len(r.words[i].text) < 4 {
		return time.Time{}, false
	}
	if len(n) == 2 && separator == "/" && d == 24 && m == 7 {
		return time.Time{}, false // "24/7"
	}
	if y > 0 && y < 100 {
		y += 2000
	}
	return r.resolve(y, m, d)
}

// resolve makes a day; without a year the next one from the day of the mail. ok is false for what no calendar has.
func (r reader) resolve(y, m, d int) (time.Time, bool) {
	if m < 1 || m > 12 || d < 1 || d > 31 || y != 0 && (y < 2000 || y > 2100) {
		return time.Time{}, false
	}
	year := y
	if y == 0 {
		year = r.from.Year()
	}
	day := time.Date(year, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if y == 0 && day.Before(r.from.AddDate(0, 0, -staleDays)) {
		day = time.Date(year+1, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	}
	return day, day.Day() == d
}

// staleDays is how long a date without a year is taken for past rather than for next year's: people forget to switch their
// vacation notice off.
const staleDays = 45

// named reads dates with a month's name: "15 January 2026", "15. Januar", "le 1er février", "January 15th", "20-24 December", "in March".
func (r reader) named(i int) (mention, bool) {
	if d, isSpan, ok := dayNumber(r.word(i)); ok {
		k := i + 1
		for r.word(k) == "de" || r.word(k) == "of" || r.word(k) == "th" {
			k++
		}
		if m, found := months[r.word(k)]; found && r.near(k-1, k) {
			return r.finish(i, k+1, m, d, isSpan)
		}
		return mention{}, false
	}
	m, found := months[r.word(i)]
	if !found {
		return mention{}, false
	}
	next := i + 1
	if r.word(next) == "the" {
		next++
	}
	if d, isSpan, ok := dayNumber(r.word(next)); ok && r.near(next-1, next) && !r.dayOfNext(next) {
		return r.finish(i, next+1, m, d, isSpan)
	}
	return r.monthAlone(i, m)
}

// dayOfNext reports that a number belongs to the month behind it: "from March 3 April"  is no date, "in March 3 days" is none either.
func (r reader) dayOfNext(i int) bool {
	_, month := months[r.word(i+1)]
	_, unit := units[r.word(i+1)]
	return month || unit
}

// near reports that two words follow each other without a sentence between them.
func (r reader) near(i, k int) bool {
	return k < len(r.words) && r.words[k].sentence == r.words[i].sentence && r.words[k].start-r.words[i].end < 6
}

// finish adds the year, where one follows.
func (r reader) finish(start, end int, m time.Month, d int, isSpan bool) (mention, bool) {
	k := end
	if r.word(k) == "de" || r.word(k) == "del" {
		k++
	}
	y := yearNumber(r.word(k))
	if y > 0 {
		end = k + 1
	}
	day, ok := r.resolve(y, int(m), d)
	return mention{start: start, end: end, day: day, span: isSpan}, ok
}

// dayNumber reads 15, 15th, 1er and the last of 20-24.
func dayNumber(w string) (d int, isSpan, ok bool) {
	if w == "" || w[0] < '0' || w[0] > '9' || len(w) > 5 {
		return 0, false, false
	}
	if _, last, found := strings.Cut(w, "-"); found {
		w, isSpan = last, true
	}
	for _, suffix := range []string{"st", "nd", "rd", "th", "er", "e", "o", "a"} {
		w = strings.TrimSuffix(w, suffix)
	}
	d, err := strconv.Atoi(w)
	return d, isSpan, err == nil && d >= 1 && d <= 31
}

func yearNumber(w string) int {
	if y, err := strconv.Atoi(w); err == nil && len(w) == 4 && y >= 2000 && y <= 2100 {
		return y
	}
	return 0
}

// monthAlone reads "in March", "Anfang März", "fin mars". Of the current month its last day is meant.
func (r reader) monthAlone(i int, m time.Month) (mention, bool) {
	start := i
	part := 1
	if start > 0 && r.word(start-1) == "de" {
		start--
	}
	for _, s := range []struct {
		set phrases
		day int
	}{{earlyWords, 1}, {midWords, 15}, {lateWords, 31}} {
		for _, back := range []int{1, 2} {
			if i >= back && s.set.match(r.words[:i], i-back) == i {
				part, start = s.day, i-back
			}
		}
	}
	if len(r.word(i)) <= 4 && !fullShort[r.word(i)] || wordMonths[r.word(i)] && start == i && !monthWords[r.word(i-1)] {
		return mention{}, false
	}
	y, end := yearNumber(r.word(i+1)), i+1
	if y > 0 {
		end++
	}
	year := y
	if y == 0 {
		year = r.from.Year()
		if m < r.from.Month() {
			year++
		}
	}
	if m == r.from.Month() && year == r.from.Year() && part == 1 {
		part = 31
	}
	day := time.Date(year, m, part, 0, 0, 0, 0, time.UTC)
	if part == 31 {
		day = time.Date(year, m+1, 0, 0, 0, 0, 0, time.UTC)
	}
	return mention{start: start, end: end, day: day, vague: true}, true
}

// fullShort are whole names of four letters and less.
var fullShort = map[string]bool{
	"june": true, "july": true, "may": true, "mai": true, "juni": true, "juli": true, "juin": true, "marz": true, "mars": true,
	"aout": true, "maj": true, "maja": true, "maju": true, "mayo": true, "mei": true, "maio": true,
}

// monthWords make a month of a word that means something else too.
var monthWords = map[string]bool{
	"in": true, "until": true, "till": true, "by": true, "since": true, "of": true, "next": true, "im": true, "en": true, "em": true, "a": true, "nel": true, "from": true,
	"around": true, "w": true, "i": true, "od": true, "do": true, "po": true, "fran": true, "fra": true, "til": true, "efter": true, "after": true, "bis": true, "ab": true, "this": true,
}

// weekday reads a day of the week: the next one after the mail's day.
func (r reader) weekday(i int) (mention, bool) {
	day, ok := weekdays[r.word(i)]
	end := i + 1
	if !ok {
		if day, ok = feiras[r.word(i)]; !ok || r.word(i+1) != "feira" {
			return mention{}, false
		}
		end++
	}
	// "Monday 15 January", "Montag, den 15.01.": the date says it better.
	k := end
	for k < end+2 && k < len(r.words) && fillerWords.match(r.words, k) == k+1 {
		k++
	}
	if k < len(r.words) && r.words[k].sentence == r.words[i].sentence {
		for _, read := range []func(int) (mention, bool){r.numeric, r.named} {
			if m, ok := read(k); ok && !m.vague {
				m.start = i
				return m, true
			}
		}
	}
	if d, isSpan, ok := dayNumber(r.word(k)); ok && !isSpan && r.near(end-1, k) {
		if m, ok := r.numbered(day, d); ok {
			m.start, m.end = i, k+1
			return m, true
		}
	}
	ahead := (int(day) - int(r.from.Weekday()) + 7) % 7
	if ahead == 0 {
		ahead = 7
	}
	return mention{start: i, end: end, day: r.from.AddDate(0, 0, ahead)}, true
}

// numbered reads "Monday 23rd": the next such day of a month, within three of them, that is that day of the week. "Monday 9" may be an hour.
func (r reader) numbered(day time.Weekday, d int) (mention, bool) {
	for ahead := range 3 {
		first := time.Date(r.from.Year(), r.from.Month()+time.Month(ahead), 1, 0, 0, 0, 0, time.UTC)
		if found := first.AddDate(0, 0, d-1); found.Month() == first.Month() && found.Weekday() == day && !found.Before(r.from) {
			return mention{day: found}, true
		}
	}
	return mention{}, false
}

// quarter reads "Q3", "second quarter", "2. Quartal 2026", "KW 12" and "week 12".
func (r reader) quarter(i int) (mention, bool) {
	q, ok := quarters[r.word(i)]
	end := i + 1
	named := len(r.word(i)) == 2 && (r.word(i)[0] == 'q' || r.word(i)[0] == 't') && ok
	if !named {
		if !ok || !quarterNouns[r.word(i+1)] || !r.near(i, i+1) {
			return r.calendarWeek(i)
		}
		end++
	}
	if r.word(end) == "of" || r.word(end) == "de" {
		if yearNumber(r.word(end+1)) > 0 {
			end++
		}
	}
	year := yearNumber(r.word(end))
	if year > 0 {
		end++
	}
	first := time.Month(3*q - 2)
	day := time.Date(max(year, r.from.Year()), first, 1, 0, 0, 0, 0, time.UTC)
	if year == 0 && !day.After(r.from) {
		day = day.AddDate(1, 0, 0)
	}
	return mention{start: i, end: end, day: day, vague: true}, true
}

// calendarWeek reads the ISO week that Germans and Dutch plan by: its Monday.
func (r reader) calendarWeek(i int) (mention, bool) {
	w := r.word(i)
	n, err := strconv.Atoi(strings.TrimPrefix(w, "kw"))
	end := i + 1
	if w == "kw" || w == "week" || w == "kalenderwoche" {
		n, err = strconv.Atoi(r.word(i + 1))
		end++
	} else if !strings.HasPrefix(w, "kw") {
		return mention{}, false
	}
	if err != nil || n < 1 || n > 53 {
		return mention{}, false
	}
	year := r.from.Year()
	day := isoMonday(year, n)
	if day.Before(r.from) {
		day = isoMonday(year+1, n)
	}
	return mention{start: i, end: end, day: day, week: true}, true
}

// isoMonday is the first day of a week by ISO 8601: 4 January is always in week 1.
func isoMonday(year, week int) time.Time {
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
	return fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7+7*(week-1))
}

// relative reads "tomorrow", "next week", "in two months", "next quarter", "after the summer".
func (r reader) relative(i int) (mention, bool) {
	y, m, _ := r.from.Date()
	first := func(y int, m time.Month) time.Time { return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC) }
	if end := tomorrow.match(r.words, i); end > 0 {
		return mention{start: i, end: end, day: r.from.AddDate(0, 0, 1)}, true
	}
	if end := nextWeek.match(r.words, i); end > 0 {
		return mention{start: i, end: end, day: r.from.AddDate(0, 0, (8-int(r.from.Weekday())-1)%7+1), week: true}, true
	}
	for _, s := range []struct {
		set phrases
		day time.Time
	}{
		{nextMonth, first(y, m+1)},
		{nextQuart, first(y, (m-1)/3*3+4)},
		{nextYear, first(y+1, 1)},
		{afterHeat, first(unlessInt(m >= 9, y+1, y), 9)},
		{halfYear, r.from.AddDate(0, 6, 0)},
		{inSpring, first(unlessInt(m >= 3, y+1, y), 3)},
		{inSummer, first(unlessInt(m >= 6, y+1, y), 6)},
		{inAutumn, first(unlessInt(m >= 9, y+1, y), 9)},
	} {
		if end := s.set.match(r.words, i); end > 0 {
			return mention{start: i, end: end, day: s.day, vague: true}, true
		}
	}
	return r.ahead(i)
}

func unlessInt(condition bool, then, otherwise int) int {
	if condition {
		return then
	}
	return otherwise
}

// ahead reads "in 2 weeks".
func (r reader) ahead(i int) (mention, bool) {
	k := inWords.match(r.words, i)
	if k == 0 {
		return mention{}, false
	}
	n, err := strconv.Atoi(r.word(k))
	if err != nil {
		n = numbers[r.word(k)]
	}
	if r.word(k+1) == "of" || r.word(k+1) == "couple" {
		k++
		n = max(n, 2)
		if r.word(k+1) == "of" {
			k++
		}
	}
	unit, ok := units[r.word(k+1)]
	if !ok || n < 1 || n > 60 {
		return mention{}, false
	}
	return mention{start: i, end: k + 2, day: r.from.AddDate(0, n*unit[1], n*unit[0]), vague: unit[1] > 0}, true
}
