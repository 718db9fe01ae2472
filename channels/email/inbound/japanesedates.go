package inbound

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// japanese reads 2026年3月16日, 3月16日, 10月 and, of the month named before, 24日.
func (r reader) japanese(i int) (mention, bool) {
	n, err := strconv.Atoi(r.word(i))
	if err != nil || n < 1 {
		return mention{}, false
	}
	year, k := 0, i
	if r.word(k+1) == "年" {
		if year = n; year < 100 {
			year += 2018 // Reiwa
		}
		k += 2
		if n, err = strconv.Atoi(r.word(k)); err != nil {
			return mention{}, false
		}
	}
	switch r.word(k + 1) {
	case "月":
		d, err := strconv.Atoi(r.word(k + 2))
		if err != nil || r.word(k+3) != "日" {
			return r.japaneseMonth(i, k+2, year, n)
		}
		day, ok := r.resolve(year, n, d)
		return mention{start: i, end: k + 4, day: day}, ok
	case "日":
		day, ok := r.resolve(0, int(r.monthBefore(i)), n)
		return mention{start: i, end: k + 2, day: day}, ok && year == 0
	}
	return mention{}, false
}

// monthBefore is the month that is named last before a word, else that of the mail.
func (r reader) monthBefore(i int) time.Month {
	for k := i - 1; k > 0; k-- {
		if m, err := strconv.Atoi(r.word(k - 1)); err == nil && r.word(k) == "月" && m >= 1 && m <= 12 {
			return time.Month(m)
		}
	}
	return r.from.Month()
}

// japaneseMonth reads a month without a day: its begin, and with 中旬 its middle, with 下旬 or 末 its end.
func (r reader) japaneseMonth(i, end, year, month int) (mention, bool) {
	first, ok := r.resolve(year, month, 1)
	if next := r.word(end); !ok || next == "間" || next == "号" { // "for ten months", the issue of a journal
		return mention{}, false
	}
	switch r.word(end) {
	case "中":
		first = first.AddDate(0, 0, 14)
	case "下", "末":
		first = first.AddDate(0, 1, -1)
	}
	return mention{start: i, end: end, day: first, vague: true}, true
}

// japaneseRole decides by what stands behind a date, as it does in Japanese. ok is false for other languages.
func (r reader) japaneseRole(found []mention, i int) (what role, ok bool) {
	at, high := found[i].end, len(r.words)
	if i+1 < len(found) {
		high = found[i+1].start
	}
	if at+1 < high && weekdaySigns[r.word(at)] && r.words[at+1].start-r.words[at].end > 0 { // a day of the week in brackets
		at++
	}
	end := at
	for end < high && r.words[end].sentence == r.words[found[i].start].sentence {
		end++
	}
	behind := r.words[at:end]
	if len(behind) == 0 {
		return roleNone, false
	}
	if first, _ := utf8.DecodeRuneInString(behind[0].text); !sign(first) {
		return roleNone, false
	}
	switch {
	case untilBehind.match(behind, 0) > 0, offBehind.match(behind, 0) > 0:
		return roleLast, true
	case backBehind.in(behind):
		return roleReturn, true
	}
	return roleStart, true
}

var (
	weekdaySigns = wordSet("月 火 水 木 金 土 日")
	untilBehind  = newPhrases("まで\nの間\nの期間")
	offBehind    = newPhrases("は休\nは * 休業\nは * 休暇\nは * お休み\nは * 不在\n終日\nは終日")
	backBehind   = newPhrases("出社\n出勤\n復帰\n復職\n営業\n再開\n対応\n返信\n連絡\n戻\n帰社\n以降")
	// polishWords tell Polish from languages in which "do" means something else.
	polishWords = newPhrases("jestem/bede/przebywam\nprosze/prosimy\nnie ma/bedzie mnie\nna urlopie\nwracam/wroce\nnieobecny/nieobecna\nurlop")
)
