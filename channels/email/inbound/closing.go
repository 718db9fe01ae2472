package inbound

import (
	"regexp"
	"slices"
	"strings"
)

// closings are the words before a name, folded, in the languages that the tables know.
var closings = newPhrases(`
best/kind/warm/kindest/warmest/with/many regards/wishes/thanks
with best/kind/warm/kindest regards/wishes
regards
best
cheers
sincerely
yours sincerely/truly/faithfully
all the best
kr
br
rgds
brgds
thanks
thank you
thx
many thanks
mit freundlichen/freundlichem/besten/herzlichen/vielen grussen/gruessen/gruss/gruessen/dank
freundliche/beste/viele/liebe/herzliche/schone/schoene grusse/gruesse/grusse
freundlicher/lieber/bester gruss
freundlichen/besten/lieben/schonen gruss
mfg
vg
lg
gruss
grusse/gruesse
danke
vielen/besten dank
bien cordialement
cordialement
bien a vous
cdlt
cordiales salutations
meilleures salutations
sinceres salutations
salutations distinguees
bonne journee
merci
merci d avance
un saludo
saludos
saludos cordiales
cordiales saludos
atentamente
gracias
muchas gracias
un cordial saludo
cordiali saluti
distinti saluti
saluti
un saluto
cordialmente
grazie
grazie mille
buona giornata
met vriendelijke groet/groeten
vriendelijke groet/groeten
hartelijke groet/groeten
groet/groeten
mvg
bedankt
dank je/u
alvast bedankt
atenciosamente
cumprimentos
com os melhores cumprimentos
melhores cumprimentos
abraco/abracos
um abraco
obrigado/obrigada
muito obrigado/obrigada
att
`, polish.closings, nordic.closings, japanese.closings)

// dropClosing cuts from "Best regards" on, where at most maxSignature short lines without a question follow. A text that would
// be empty without its closing keeps it. A line below that demands to be left alone is no signature's.
func dropClosing(lines []string) []string {
	at := -1
	for i, line := range lines {
		if isClosing(line) && !bareDemand(line) && !demand(line) && looksLikeSignature(lines[i+1:]) {
			at = i
			break
		}
	}
	if at < 0 || strings.TrimSpace(strings.Join(lines[:at], "")) == "" {
		return lines
	}
	kept := slices.Clip(lines[:at])
	for _, line := range lines[at+1:] {
		if demand(line) {
			kept = append(kept, line)
		}
	}
	return kept
}

// dropName cuts a last line that is nothing but the sender's name or a part of it.
func dropName(lines []string, sender string) []string {
	last := len(lines) - 1
	for last > 0 && strings.TrimSpace(lines[last]) == "" {
		last--
	}
	if last < 1 {
		return lines
	}
	name := splitWords(sender)
	words := splitWords(strings.Trim(lines[last], " -–—~/"))
	if len(words) == 0 || len(words) > 4 {
		return lines
	}
	for _, w := range words {
		if !slices.ContainsFunc(name, func(n word) bool { return n.text == w.text }) {
			return lines
		}
	}
	return lines[:last]
}

// isClosing takes a line that says nothing else, "Thanks, Bob" and "Best regards" with a name on the same line included.
func isClosing(line string) bool {
	line = strings.TrimSpace(line)
	if line == "" || len(line) > 70 || strings.ContainsAny(line, "?:") {
		return false
	}
	words := splitWords(line)
	if len(words) == 0 || len(words) > 8 {
		return false
	}
	end := 0
	for _, p := range closings.first[words[0].text] {
		end = max(end, p.match(words, 0))
	}
	for end > 0 && end < len(words) { // "Thanks and best regards", "Danke und viele Grüße"
		next := end
		switch words[end].text {
		case "and", "und", "et", "y", "e", "en":
			next++
		}
		if next == len(words) {
			break
		}
		more := 0
		for _, p := range closings.first[words[next].text] {
			more = max(more, p.match(words, next))
		}
		if more == 0 {
			break
		}
		end = more
	}
	switch {
	case end == 0:
		return false
	case end == len(words):
		return true
	}
	// A name may follow on the same line, behind a comma or as capitals: "Best, Bob", "Viele Grüße Anna Meier", "Best regards from Bonn".
	rest := strings.TrimSpace(line[words[end-1].end:])
	return len(words)-end <= 3 && (strings.HasPrefix(rest, ",") || capitals(rest))
}

// capitals reports that each word begins with a capital.
func capitals(s string) bool {
	for _, w := range strings.Fields(s) {
		if lower := strings.ToLower(w[:1]); lower == w[:1] && w[0] < 0x80 {
			return false
		}
	}
	return true
}

// maxSignature is how many lines a signature has at most.
const maxSignature = 14

func looksLikeSignature(lines []string) bool {
	count := 0
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		count++
		if count > maxSignature || strings.HasSuffix(line, "?") || afterthought.MatchString(line) || len(strings.Fields(line)) > 14 {
			return false
		}
	}
	return true
}

// afterthought is text below a signature.
var afterthought = regexp.MustCompile(`(?i)^p\.? ?s\b|^nb\b`)

// disclaimerStart and disclaimerWord tell a disclaimer's paragraph from what a person says about a message.
var (
	disclaimerStart = regexp.MustCompile(`(?i)^\W{0,3}(this (e-?mail|message|communication|transmission)|the (information|content|contents) (contained )?(in|of) th|confidentiality|disclaimer|important notice|notice:|please consider the environment|think (before|green)|(diese|der inhalt dieser) (e-?mail|nachricht)|haftungsausschluss|vertraulichkeitshinweis|bitte (denken|prüfen) sie (an die umwelt|vor)|ce (message|courriel|mail)|cet? (e-?mail|message)|les informations contenues|avis de confidentialité|este (mensaje|correo|e-?mail)|la información contenida|aviso (legal|de confidencial)|antes de imprimir|(questo|il presente) (messaggio|e-?mail)|questa e-?mail|le informazioni contenute|ai sensi del|(dit|deze) (bericht|e-?mail)|de informatie in|denk aan het milieu|esta mensagem|este e-?mail|as informações contidas|if you (are not|received|have received)|privileged)`)
	disclaimerWord  = regexp.MustCompile(`(?i)confiden|privileg|intended (solely|only|for|recipient)|vertraul|bestimmt|destinat|riservat|vertrouwelijk|bestemd|confidenc|environment|umwelt|medio ambiente|printing|imprimir|milieu|unauthori|virus|liable|haftung`)
	bannerStart     = regexp.MustCompile(`(?i)^\W{0,4}(caution|warning|external|achtung|attention|extern|you don't often get email|\[external)\b.{0,80}(e-?mail|sender|organi[sz]ation|extern|absender|expéditeur|link)`)
)

// dropDisclaimers cuts from the first disclaimer on, and drops the banners that gateways put above a text. What demands to be left alone is
// neither: a banner never does, and a disclaimer ("do not send us confidential data") only seems to where it is all of the text.
func dropDisclaimers(lines []string) []string {
	var kept []string
	for i := 0; i < len(lines); i++ {
		begins := i == 0 || strings.TrimSpace(lines[i-1]) == "" || strings.Trim(lines[i-1], "-_=* ") == ""
		if !begins || strings.TrimSpace(lines[i]) == "" {
			kept = append(kept, lines[i])
			continue
		}
		end := i
		for end < len(lines) && strings.TrimSpace(lines[end]) != "" {
			end++
		}
		block := strings.Join(lines[i:end], " ")
		if len(kept) < 3 && bannerStart.MatchString(block) && len(block) < 400 && !demand(block) {
			i = end - 1
			continue
		}
		only := strings.TrimSpace(strings.Join(kept, "")) == ""
		if disclaimerStart.MatchString(block) && disclaimerWord.MatchString(block) && len(block) > 60 && !(only && demand(block)) {
			return kept
		}
		kept = append(kept, lines[i])
	}
	return kept
}
