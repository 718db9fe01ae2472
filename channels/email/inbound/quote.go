package inbound

import (
	"regexp"
	"strings"
)

// attributionEnd and attributionStart recognise the line above a quote: "On 6 Jan 2026, Bob wrote:" in the languages of the
// mail programs. It may be broken over three lines.
var (
	attributionEnd   = regexp.MustCompile(`(?i)(\bwrote|\bwrites|\bschrieb\b.*|\ba [ée]crit|\bescribi[óo]|\bha scritto|\bscrive|\bschreef\b.*|\bescreveu|\bgeschreven|\bskrev\b.*|\bpisze|\bnapisała?|\bnapisał\(a\)|\bkirjoitti|\bnapsala?|>|>\)?) ?: ?$`)
	attributionVerb  = regexp.MustCompile(`(?i)(?:^|\PL)(wrote|writes|schrieb|[ée]crit|escribi[óo]|scritto|schreef|escreveu|geschreven|skrev|pisze|napisał|kirjoitti|napsal)`)
	attributionStart = regexp.MustCompile(`(?i)^\W{0,2}(on|am|le|el|il|op|em|a|den|no dia|w dniu|dnia|vào|at)\b`)
	attributionMid   = regexp.MustCompile(`(?i)^\W{0,2}(on|am|le|el|il|op|em)\b.{5,160}<[^<>\s]+@[^<>\s]+>\)?,?\s*(wrote|schrieb|a [ée]crit|escribi[óo]|ha scritto|schreef|escreveu) ?:\s+\S`) // Yahoo on phones
	// timedAddress is the same in any language: a time of day, somebody's address, perhaps a verb, and a colon; Tuta's has the bare address behind a
	// preposition, Zoho's and Notes' have dashes instead.
	timedAddress = regexp.MustCompile(`(?:^|\PL)\d{1,2}[:.]\d{2}(?:\D.*)?[<(][^<>()\s]+@[^<>()\s]+[>)],?(?: \pL[\pL()]{0,14}){0,2} ?[:：]$|\d{4}, \d{1,2}[:.]\d{2} \pL{1,4} [^\s<>()]+@[^\s<>()]+:$|^-{2,} ?.*\d{1,2}[:.]\d{2}.*<[^<>\s]+@[^<>\s]+>.{0,20}-{2,}$|^-{4,} ?.*<[^<>\s]+@[^<>\s]+> .{0,20}-{4,}$`)
	// namedAddress is Horde's, which tells no time.
	namedAddress = regexp.MustCompile(`(?i)^(zitat von|quoting|citando( a)?|citation de|citat från|citerar) .{0,100}<[^<>\s]+@[^<>\s]+> ?:$`)
	// timed is the same without an address, and is one where quoted lines follow.
	timed        = regexp.MustCompile(`\d.*\d.*\d{1,2}[:.]\d{2}(?:\D.*)?[:：]$`)
	datedAddress = regexp.MustCompile(`^\d{4}-\d{2}-\d{2} .*<[^<>]+@[^<>]+> ?:$`)
)

// rulePattern is a line that begins the earlier mail.
var rulePattern = regexp.MustCompile(`(?i)^\W*-{2,} ?(original( (message|appointment))?|原始邮件|原始郵件|urspr(ü|ue)ngliche (nachricht|e-?mail|termin.*)|original-?nachricht|message d'origine|message original|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original|forwarded (message|by .*)|weitergeleitete (nachricht|e-?mail)|message transf[ée]r[ée]|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht|mensagem encaminhada|original message follows) ?-*\W*$|^(begin forwarded message|anfang der weitergeleiteten (nachricht|e-?mail)|début du message (transféré|réexpédié)|inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht|início da mensagem encaminhada|inicio da mensagem reencaminhada)\s*:\s*$`)

// ruled is such a line in any language, where the headers of an earlier mail follow.
var ruled = regexp.MustCompile(`^\W{0,3}-{3,} ?[^-].{2,50}?[^-] ?-{3,}$`)

// labelPattern are the first lines of an earlier mail's headers, as Outlook and others show them.
var (
	fromLabel  = regexp.MustCompile(`(?i)^[^\pL\d]{0,3}(from|von|de|da|van|fra|från|od|lähettäjä|от|expéditeur|mittente|absender|发件人|發件人|寄件者|差出人|보낸 사람|보낸사람)[^\pL\d]{0,2}[:：]\s*\S`)
	otherLabel = regexp.MustCompile(`(?i)^[^\pL\d]{0,3}(sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado( el| em)?|fecha|para|asunto|assunto|data|inviato|a|oggetto|verzonden|aan|onderwerp|date d'envoi|reply-to|sendt|til|emne|skickat|till|ämne|kopia|wysłano|do|temat|lähetetty|vastaanottaja|aihe|отправлено|кому|тема|дата|发送时间|收件人|主题|日期|寄件日期|主旨|送信日時|宛先|件名|日時|날짜|받는 사람|받는사람|제목)[^\pL\d]{0,2}[:：]`)
)

// sentLabel are those of otherLabel that stand above the From line in some programs.
var sentLabel = regexp.MustCompile(`(?i)^(sent|date|subject|gesendet|datum|betreff|envoyé|objet|enviado|fecha|asunto|inviato|oggetto)[^\pL\d]{0,2}:\s*\S`)

// underscores is Outlook's rule above the headers.
var underscores = regexp.MustCompile(`^_{10,}$`)

// delimiter begins a signature (RFC 3676, section 4.3); the space at its end is often lost.
var delimiter = regexp.MustCompile(`^(--|—|__{1,2}|–)$`)

// mobilePattern is what mail programs on phones add.
var mobilePattern = regexp.MustCompile(`(?i)^\W{0,3}(sent (from|with|via) (my|mail|outlook|yahoo|proton|samsung|gmail|the|a|type|spark|superhuman)|get outlook for|von meine[mr] .{2,40}(gesendet|geschickt)|gesendet (von|mit) |(von|mit) (outlook|samsung|yahoo|gmx|web\.de|mail).{0,40} (gesendet|verschickt)|diese nachricht wurde von meinem|envoyé (de|depuis|avec|à partir) |obtenez outlook|télécharge[rz] outlook|enviado (desde|do|de|a partir|con|com|pelo) (mi|meu|outlook|yahoo|o meu|mail|samsung|gmail|iphone|android)|obtener outlook|obter o outlook|obtenha o outlook|inviato (da|dal|con) |scarica outlook|ottieni outlook|verzonden (vanaf|met|van|via) |verstuurd (vanaf|met|via) |outlook voor .{2,10} downloaden|download outlook|outlook für .{2,10} (beziehen|herunterladen)|holen sie sich outlook|yahoo mail: |skickat från |sendt fra |wysłan[eo] z |lähetetty |(hämta|hent|hanki|pobierz( aplikację)?) outlook|outlook for (ios|android) を入手|.{2,20}から送信$)`)

// dropQuotes keeps what was written here: see VisibleText.
func dropQuotes(lines []string) []string {
	var kept []string
	for i := 0; i < len(lines); {
		line := strings.TrimSpace(lines[i])
		switch n := attribution(lines, i); {
		case line == cutMark || rulePattern.MatchString(line) || attributionMid.MatchString(line) || headerBlock(lines, i):
			return kept
		case strings.HasPrefix(line, ">"):
			i++
		case n > 0:
			if !quoteFollows(lines, i+n) {
				return kept
			}
			i += n
		case delimiter.MatchString(line):
			if i = signatureEnd(lines, i+1); i == len(lines) {
				return kept
			}
		case mobilePattern.MatchString(line) && len(line) < 120:
			i++
		default:
			kept = append(kept, lines[i])
			i++
		}
	}
	return kept
}

// dated and clocked tell how much a line looks like the first of an attribution.
var (
	dated   = regexp.MustCompile(`\b\d{4}\b|\d{1,2}[./-]\d{1,2}[./-]`)
	clocked = regexp.MustCompile(`\b\d{1,2}[:.]\d{2}\b`)
)

// beginning is 2 for a line with a date, 1 for one with a time of day, and 0 for all others and for the end of a sentence.
func beginning(line string) int {
	switch line = strings.TrimSpace(line); {
	case line == "" || strings.ContainsAny(line[len(line)-1:], ".!?"):
		return 0
	case dated.MatchString(line):
		return 2
	case clocked.MatchString(line):
		return 1
	}
	return 0
}

// attribution is how many lines the one above a quote takes, 0 when there is none at i. It must begin there: what somebody wrote right above it, without an
// empty line between, is no part of it.
func attribution(lines []string, i int) int {
	n := attributed(lines, i)
	if n <= 1 {
		return n
	}
	begin := beginning(lines[i])
	if begin == 0 {
		return 0
	}
	for k := 1; k < n; k++ {
		if beginning(lines[i+k]) >= begin && attributed(lines, i+k) == n-k {
			return 0
		}
	}
	return n
}

// attributed is how many lines from i on hold an attribution, be it in the first or in a later one.
func attributed(lines []string, i int) int {
	joined := ""
	for n := 1; n <= 4 && i+n <= len(lines); n++ {
		line := strings.TrimSpace(lines[i+n-1])
		if line == "" || strings.HasPrefix(line, ">") || len(joined)+len(line) > 400 {
			return 0
		}
		joined = strings.TrimSpace(joined + " " + line)
		if strings.Contains(joined, "@") && (timedAddress.MatchString(joined) || n == 1 && namedAddress.MatchString(joined)) { // the cheap question first
			return n
		}
		if !strings.HasSuffix(line, ":") && !strings.HasSuffix(line, "：") {
			continue
		}
		if n == 1 && timed.MatchString(joined) && quoteFollows(lines, i+n) {
			return n
		}
		if datedAddress.MatchString(joined) {
			return n
		}
		if !attributionEnd.MatchString(joined) || !attributionVerb.MatchString(joined) {
			return 0
		}
		// A person who writes "as Bob wrote:" gives neither address nor time. With a start word and something to quote below it is
		// one all the same.
		marked := strings.Contains(joined, "@") || strings.ContainsAny(joined, "0123456789")
		if marked && (attributionStart.MatchString(joined) || n == 1 || strings.Contains(joined, "@")) || quoteFollows(lines, i+n) {
			return n
		}
		return 0
	}
	return 0
}

// quoteFollows reports whether the next line that is not empty is quoted.
func quoteFollows(lines []string, i int) bool {
	for ; i < len(lines); i++ {
		if line := strings.TrimSpace(lines[i]); line != "" {
			return strings.HasPrefix(line, ">")
		}
	}
	return false
}

// bareRule is BlackBerry's.
var bareRule = regexp.MustCompile(`(?i)^(original message|ursprüngliche nachricht|message d'origine|mensaje original)$`)

// headerBlock recognises "From: … Sent: … To: … Subject: …" of an earlier mail: a From line with two others close to it, which may begin the block
// (GMX, Orange), or the rule above one.
func headerBlock(lines []string, i int) bool {
	line := strings.TrimSpace(lines[i])
	if underscores.MatchString(line) || ruled.MatchString(line) || bareRule.MatchString(line) {
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) == ""; i++ {
		}
		return i < len(lines) && fromLabel.MatchString(unstar(lines[i]))
	}
	others := 0
	for ; others < 3 && i+1 < len(lines) && sentLabel.MatchString(unstar(lines[i])); i++ {
		others++
	}
	if !fromLabel.MatchString(unstar(lines[i])) {
		return false
	}
	for _, line := range lines[i+1 : min(i+8, len(lines))] {
		if otherLabel.MatchString(unstar(line)) {
			others++
		}
	}
	return others >= 2
}

// unstar drops the asterisks that stand for bold in a plain part.
func unstar(line string) string { return strings.TrimSpace(strings.ReplaceAll(line, "*", "")) }

// signatureEnd is where a signature ends that begins at i: at the next quote, else at the end.
func signatureEnd(lines []string, i int) int {
	for ; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if strings.HasPrefix(line, ">") || attribution(lines, i) > 0 || line == cutMark || rulePattern.MatchString(line) || headerBlock(lines, i) {
			break
		}
	}
	return i
}
