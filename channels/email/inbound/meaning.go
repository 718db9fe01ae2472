package inbound

import "strings"

// maxMeaning is how many words are searched for a meaning.
const maxMeaning = 400

// meaning suggests what a person's text means, with the line that says so; both "" when it says nothing that is known.
//
// The order is from what says most about the future to what says least: who left or is the wrong person, then "not now", which outweighs
// "not interested" ("not interested at the moment"), then yes, then a question.
func (l letter) meaning() (means, line string) {
	words := l.words[:min(len(l.words), maxMeaning)]
	found := func(set phrases) (string, bool) {
		start, _, ok := set.find(words)
		if !ok {
			return "", false
		}
		return quoteAround(l.text, words[start].start), true
	}
	contacts := l.contacts()
	for _, set := range [2]phrases{departedSelf, departedOther} {
		if start, ok := departure(set, words); ok {
			return MeansLeftCompany, quoteAround(l.text, words[start].start)
		}
	}
	if line, ok := found(referring); ok && (len(contacts) > 0 || !l.isQuestion()) {
		return MeansReferral, line
	}
	if line, ok := found(wrongPerson); ok {
		if len(contacts) > 0 {
			return MeansReferral, line
		}
		return MeansWrongPerson, line
	}
	if line, ok := found(notNow); ok {
		return MeansNotNow, line
	}
	if line, ok := found(notInterested); ok {
		return MeansNotInterested, line
	}
	for i := range words { // a request that is not clear enough to be acted on
		if requests.match(words, i) > 0 && !l.denies() && l.meant(i, requests.match(words, i)) {
			return MeansNotInterested, quoteAround(l.text, words[i].start)
		}
	}
	if line, ok := found(interested); ok {
		return MeansInterested, line
	}
	if l.isQuestion() {
		return MeansQuestion, quoteAround(l.text, strings.IndexByte(l.text, '?'))
	}
	return "", ""
}

func (l letter) isQuestion() bool {
	return strings.ContainsAny(l.text, "?？") || strings.Contains(l.text, "か。") || strings.HasSuffix(l.text, "か") // which Japanese ends questions with
}
