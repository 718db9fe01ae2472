package inbound

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxRequest is how many words a mail that asks to be unsubscribed has at most, its greeting included. A longer one may ask too, but a
// person has to read it.
const maxRequest = 60

// maxUnderSubject is how many words a text has at most below a subject that is a request.
const maxUnderSubject = 25

// tokenTag is a token made for unsubscribing: the letter "u", the touch, and the signature. Whether it is genuine is the engine's
// to check.
var tokenTag = regexp.MustCompile(`^u[0-9a-z]+-[a-z2-7]{16}$`)

// unsubscribes decides whether a person asks for no more mail: by a mail to the address of our List-Unsubscribe header, or in the text
// that this person wrote.
func (l letter) unsubscribes() (subkind, why string, ok bool) {
	if l.denies() {
		return "", "", false
	}
	subject := strings.Trim(fold(l.Subject()), " .!-")
	bySubject := subjectRequests[subject]
	if to := l.unsubscribeAddress(); to != "" && (l.text == "" || bySubject && l.size() <= maxRequest) {
		return "mailto", "sent to " + to + unless(bySubject, `, subject "`+subject+`"`, ", empty text"), true
	}
	if bySubject && l.text == "" {
		return "visible_text", `subject "` + subject + `", empty text`, true
	}
	if own := l.Subject(); !bySubject && trimReply(own) == own { // with "Re:" it is ours
		bySubject = demand(own)
	}
	if bySubject && l.size() <= maxUnderSubject { // "Thank you", "Not interested", a signature
		if means, _ := l.meaning(); means == "" || means == MeansNotInterested {
			return "visible_text", `subject "` + subject + `"`, true
		}
	}
	if len(l.words) == 0 || l.size() > maxRequest {
		return "", "", false
	}
	if i, ok := l.bareLetter(); ok {
		return "visible_text", "line " + quoted(quoteAround(l.text, l.words[i].start)), true
	}
	for i := range l.words {
		if l.requested(i) > 0 {
			return "visible_text", "line " + quoted(quoteAround(l.text, l.words[i].start)), true
		}
	}
	return "", "", false
}

// requested is the end of a demand that begins at word i, 0 when none does.
func (l letter) requested(i int) int {
	if end := requests.match(l.words, i); end > 0 && l.meant(i, end) {
		return end
	}
	if end := openRequests.match(l.words, i); end > 0 && l.begins(i) && !l.goesOn(end) && l.meant(i, end) {
		return end
	}
	return 0
}

// begins reports that nothing but courtesies stands before word i in its sentence, or in the clause behind an "and" or a comma.
func (l letter) begins(i int) bool {
	return i == 0 || l.words[i-1].sentence != l.words[i].sentence || leadIns[l.words[i-1].text] ||
		strings.ContainsAny(l.text[l.words[i-1].end:l.words[i].start], ",:-–—")
}

// goesOn reports that a sentence says more behind a demand than "thanks", "now" or a name.
func (l letter) goesOn(end int) bool {
	names := l.senderWords()
	for k := end; k < len(l.words) && l.words[k].sentence == l.words[end-1].sentence; k++ {
		if w := l.words[k].text; !courtesies[w] && !names[w] {
			return true
		}
	}
	return false
}

// signsAWord is how many signs of Japanese say as much as a word.
const signsAWord = 3

// size is how many words a text has.
func (l letter) size() int {
	words, signs := 0, 0
	for _, w := range l.words {
		if first, _ := utf8.DecodeRuneInString(w.text); sign(first) {
			signs++
		} else {
			words++
		}
	}
	return words + signs/signsAWord
}

// unsubscribeAddress is the recipient that stands in our List-Unsubscribe header, "" when the mail was not sent to one.
func (l letter) unsubscribeAddress() string {
	for _, a := range l.References().Recipients {
		local, _, _ := strings.Cut(a, "@")
		name, tag, _ := strings.Cut(local, "+")
		if name == "unsubscribe" || tokenTag.MatchString(tag) {
			return a
		}
	}
	return ""
}

// subjectRequests are whole subjects, folded. "Re: Unsubscribe …" is a subject of ours.
var subjectRequests = map[string]bool{
	"unsubscribe": true, "unsubscribe me": true, "please unsubscribe": true, "please unsubscribe me": true, "remove": true, "remove me": true, "stop": true, "opt out": true, "opt-out": true,
	"please remove me": true, "abmelden": true, "abmeldung": true, "abbestellen": true, "austragen": true, "bitte abmelden": true, "desabonner": true, "desinscription": true, "desabonnement": true,
	"desinscrire": true, "baja": true, "darme de baja": true, "cancelar suscripcion": true, "desuscribir": true, "cancellami": true, "cancellazione": true, "disiscrizione": true,
	"disiscrivimi": true, "uitschrijven": true, "afmelden": true, "descadastrar": true, "cancelar inscricao": true, "remover": true, "cancelar subscricao": true, "cancelar assinatura": true,
	"wypisz": true, "wypisz mnie": true, "rezygnacja": true, "wypisanie": true, "avregistrera": true, "avregistrera mig": true, "avprenumerera": true, "avsluta prenumeration": true,
	"afmeld": true, "afmeld mig": true, "afmelding": true, "frameld": true, "avmelding": true, "配信停止": true, "配信停止希望": true, "配信停止のお願い": true, "配信解除": true, "退会": true, "退会希望": true,
}

// nameEnd are the signs behind the name in a signature of one line: "Jane Doe | VP Operations".
const nameEnd = "|,•·/–—"

// bareLetter is bare for a whole text: below the word may stand whose it is, with title and firm.
func (l letter) bareLetter() (at int, ok bool) {
	if at, ok = l.bare(); ok {
		return at, true
	}
	first, signature, found := strings.Cut(l.text, "\n")
	signature = strings.TrimLeft(signature, "\n")
	line, _, _ := strings.Cut(signature, "\n")
	if i := strings.IndexAny(line, nameEnd); i > 0 {
		line = line[:i]
	}
	name, names := splitWords(line), l.senderWords()
	if !found || len(name) == 0 || !looksLikeSignature(strings.Split(signature, "\n")) {
		return 0, false
	}
	for _, w := range name {
		if !names[w.text] {
			return 0, false
		}
	}
	return letter{Message: l.Message, text: first, words: splitWords(first)}.bare()
}

// senderWords are those of the sender's name and address.
func (l letter) senderWords() map[string]bool {
	words := map[string]bool{}
	for _, w := range splitWords(l.Header.Text("From")) {
		words[w.text] = true
	}
	return words
}

// bare finds a word such as "unsubscribe" in a text of nothing but it, courtesies, and the name or address of who writes.
func (l letter) bare() (at int, ok bool) {
	if len(l.words) > 12 || strings.Contains(l.text, "?") {
		return 0, false
	}
	names := l.senderWords()
	for i, w := range l.words {
		switch {
		case names[w.text], courtesies[w.text]: // first: a firm may be called so
		case bareWords[w.text]:
			at, ok = i, true
		case i < 3 && i > 0 && l.words[0].sentence == w.sentence && greetings[l.words[0].text]: // a name
		default:
			return 0, false
		}
	}
	return at, ok
}

var (
	bareWords = wordSet(`unsubscribe opt optout stop stopp remove abmelden abbestellen austragen abmeldung loschen desabonner desinscrire desabonnement desinscription baja desuscribir basta remover
		cancellatemi cancellami disiscrivetemi disiscrivimi disiscrizione uitschrijven afmelden uitschrijving descadastrar descadastre descadastrem cancelar
		wypisz wypisac wypisanie rezygnuje avregistrera avprenumerera afmeld afmelde afmelding frameld avmelding`)
	courtesies = wordSet(`again anymore please se darse pub suscripcion out me thanks thank you hi hello dear all now immediately from this your the list mailing emails email newsletter asap kindly pls plz
		bitte danke hallo mich sofort vom von newsletter ihrem guten tag vielen dank
		merci bonjour me moi svp s il vous plait de votre liste por favor gracias hola darme dar de la lista per favore grazie buongiorno dalla
		graag alstublieft aub bedankt dank hoi mij van uit lijst obrigado obrigada ola da
		prosze dziekuje dzien dobry mnie z listy tack hej mig tak venligst vanligen fra fran`)
	greetings = wordSet("hi hello dear hallo hey bonjour hola ciao buongiorno beste geachte ola lieber liebe guten hej dzien czesc witam")
)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// demand reports a line in which somebody asks for no more mail to themselves, whatever stands around it. "Unsubscribe" by itself may be the
// link in a signature.
func demand(line string) bool {
	l := letter{text: line, words: splitWords(line)}
	for i, w := range l.words {
		if end := l.requested(i); end > 0 && (w.text != "unsubscribe" || ownObjects[l.words[min(i+1, end-1)].text]) {
			return !l.denies()
		}
	}
	return false
}

var ownObjects = wordSet("me us my our")

// bareDemand reports a line such as "Thanks, please stop".
func bareDemand(line string) bool {
	_, ok := letter{text: line, words: splitWords(line)}.bare()
	return ok
}

// meant tells a request from talk about one: it is for nobody else, not denied, not conditional, not told of the past, and no question save a polite one.
func (l letter) meant(start, end int) bool {
	sentence := l.words[start].sentence
	noMore := end-start == 3 && l.words[start].text == "no" && (l.words[start+1].text == "more" || l.words[start+1].text == "further")
	open := noMore || l.words[end-1].text == "unsubscribe" || end-start == 2 && l.words[start].text == "remove"
	if open && l.goesOn(end) || notMine.in(sentenceOf(l.words, sentence)) || !l.addressed(start) {
		return false
	}
	polite, clause := false, true // clause: still in the same one as the demand
	for k := start - 1; k >= 0 && l.words[k].sentence == sentence; k-- {
		w := l.words[k].text
		clause = clause && !strings.ContainsAny(l.text[l.words[k].end:l.words[k+1].start], ",:-–—")
		if conditions[w] || clause && start-k <= 7 && negations[w] && disinterest.match(l.words, k) == 0 || start-k <= 3 && askers[w] {
			return false
		}
		polite = polite || politeWords[w]
		clause = clause && !pleas[w]
	}
	last := end - 1
	for last+1 < len(l.words) && l.words[last+1].sentence == sentence {
		last++
		if conditions[l.words[last].text] {
			return false
		}
	}
	tail := strings.TrimLeft(l.text[l.words[last].end:], ` )"'»”`)
	return polite || !strings.HasPrefix(tail, "?")
}

var (
	negations  = wordSet("not don never without no nicht nie niemals kein keine pas jamais no nunca non mai niet nooit nao jamais didn doesn won")
	conditions = wordSet("if unless before otherwise jesli jezeli gdyby hvis wenn falls ob bevor sonst si sinon avant se altrimenti prima als indien tenzij anders caso senao")
	askers     = wordSet("how why what wie warum comment pourquoi come perche hoe waarom who wer quien chi quem did were was")
	// disinterest is no negation of what is asked for next: "not interested and do not want further mails".
	disinterest = newPhrases(`
not interested
no interest/need/thanks
kein/keinen/keinerlei interesse/bedarf
nicht interessiert
nein danke
non merci/grazie
pas interesse/interessee/interesses/interessees/besoin
no gracias
no * interesa/interesado/interesada/interesados
non * interessa/interessato/interessata/interessati
geen interesse/behoefte
niet geinteresseerd
nao obrigado/obrigada
nao tenho/temos interesse
`)
	pleas       = wordSet("please pls kindly bitte favor merci graag gelieve prosze prosimy vanligen venligst snalla")
	politeWords = wordSet("can could would will please wilt willen bitte konnen konnten konnte wurden pouvez pourriez peux puede podria pueden podrian puo potrebbe potete potreste kunt kan kunnen zou pode poderia podem poderiam")
)

// addressed tells "unsubscribe me" from "you can unsubscribe from this list" and "to unsubscribe from these mails, reply": the English word is the same
// in a demand and in a footer, so what stands before it must be nothing, a courtesy, or a wish.
func (l letter) addressed(start int) bool {
	if l.words[start].text != "unsubscribe" || start == 0 || l.words[start-1].sentence != l.words[start].sentence {
		return true
	}
	before := l.words[start-1].text
	if before == "to" {
		for k := max(0, start-5); k < start-1; k++ {
			if wishes[l.words[k].text] {
				return true
			}
		}
	}
	return leadIns[before]
}

var (
	wishes  = wordSet("want like wish need ask asking prefer decided request")
	leadIns = wordSet("please pls plz kindly and just also now immediately thanks hi hello you interested so again")
)

// notMine are sentences about somebody or something else: other people, another channel, a footer of the sender's own mails, a time after which
// mail is welcome.
var notMine = newPhrases(`
colleague~/coworker~/kolleg~/collegue~/collega~/colega~/companero~/customer~/client~/kunde~/klant~/clienti/users/people/subscribers/recipients
him/her/them/ihn/hem
meeting/waiting/invite/invitation/calendar/thread/cc/copy
phone/telephone/calls/calling/telefon/telefonisch/telefoon/telefono/telefone/whatsapp/linkedin/sms
click~/klick~/cliqu~/clic/pulse/pulsa/pinche/clicca~/klik/link/lien/enlace/reply/replying/antworten/repondez/repondre/responda/responder/rispondere/rispondi/antwoord~/beantwoord~
this/next week/month/quarter/year
a/any/your call
una telefonata/chiamata/llamada
un appel
anruf/anrufe
mehr auf
mas el/la/los/las/un/una
me/us the/a/an
write me off
off hold/guard/mute
until/till/during/while/today/tomorrow
vor/bis/jusqu/hasta/fino/tot/ate
`, polish.notMine, nordic.notMine, japanese.notMine)

// denies reports words by which the person wants to stay, or wants only some of it.
func (l letter) denies() bool {
	return stays.in(l.words)
}

var stays = newPhrases(`
do not unsubscribe/remove
don t unsubscribe/remove
dont unsubscribe/remove
not unsubscribe
never unsubscribe
rather not unsubscribe
did not unsubscribe
didn t unsubscribe
not/t want to unsubscribe
not/t want to be unsubscribed/removed
keep me on/subscribed/posted/informed
stay/remain on * list
stay/remain subscribed
but/and * keep sending/me/on
but * still * want/like/wish
but * still * to receive/get
but * continue
unsubscribe/unsubscribed/unsubscribing/removed/clicked/pressed/click * by mistake/accident
by mistake * unsubscribed/removed/clicked/pressed
nicht abmelden/abbestellen/austragen
nicht vom/von/aus * abmelden/austragen/entfernen/loschen/streichen
aber * weiterhin
aber * weiter
ne me desabonnez/desinscrivez/retirez pas
pas me desabonner/desinscrire
pas * desabonner/desinscrire
mais * continuer
mais * continuez
no me de baja/den/borre/elimine
no * darme de baja
no * dar de baja
pero * seguir
pero * sigan
non cancellatemi/cancellarmi/disiscrivetemi/rimuovermi/rimuovetemi
non * cancellarmi
ma * continuare
ma * continuate
niet uitschrijven/afmelden
niet * uitschrijven
maar * blijven
nao me descadastrem/removam/remova/retirem
nao * descadastrar
mas * continuar
mas * continuem
`, polish.stays, nordic.stays, japanese.stays)
