package templates

import (
	"regexp"
	"strings"
)

// spamPhrases are the words that filters weigh and readers turn away from, by primary language subtag: those of the layouts. They are
// phrases that a person would not write to a person; single words such as "free" are left alone.
var spamPhrases = map[string][]string{
	"en": {
		"act now", "buy now", "order now", "call now", "limited time", "offer expires", "while supplies last", "100% free", "risk[- ]free", "no obligation",
		"no strings attached", "money[- ]back", "earn money", "make money", "extra income", "extra cash", "cash bonus", "you have won", "you'?re a winner",
		"you have been selected", "once in a lifetime", "lowest price", "best price", "special promotion", "exclusive deal", "double your", "satisfaction guaranteed",
		"this is not spam", "not a scam", "click here", "click below", "dear friend", "don'?t miss out", "last chance", "urgent response",
	},
	"de": {
		"jetzt kaufen", "jetzt bestellen", "jetzt zugreifen", "nur für kurze zeit", "nur heute", "100 ?% kostenlos", "völlig kostenlos", "ohne risiko", "risikofrei",
		"geld[- ]zurück", "geld verdienen", "schnelles geld", "sie haben gewonnen", "herzlichen glückwunsch", "einmalige gelegenheit", "letzte chance", "bester preis",
		"zum tiefstpreis", "kein spam", "hier klicken", "klicken sie hier", "exklusives angebot",
	},
	"fr": {
		"achetez maintenant", "commandez maintenant", "agissez maintenant", "durée limitée", "offre limitée", "100 ?% gratuit", "sans engagement", "sans risque",
		"satisfait ou remboursé", "gagnez de l'argent", "argent facile", "vous avez gagné", "félicitations", "dernière chance", "meilleur prix", "ceci n'est pas un spam",
		"cliquez ici", "offre exclusive", "cher ami",
	},
	"es": {
		"compre ahora", "compra ya", "actúe ahora", "tiempo limitado", "oferta limitada", "100 ?% gratis", "sin compromiso", "sin riesgo", "devolución del dinero",
		"gane dinero", "dinero fácil", "ha ganado", "felicidades", "última oportunidad", "mejor precio", "esto no es spam", "haga clic aquí", "haz clic aquí", "oferta exclusiva",
		"querido amigo",
	},
	"it": {
		"acquista ora", "compra ora", "agisci ora", "tempo limitato", "offerta limitata", "100 ?% gratis", "senza impegno", "senza rischi", "soddisfatti o rimborsati",
		"guadagna denaro", "soldi facili", "hai vinto", "congratulazioni", "ultima occasione", "miglior prezzo", "questo non è spam", "clicca qui", "offerta esclusiva",
		"caro amico",
	},
	"nl": {
		"koop nu", "bestel nu", "handel nu", "beperkte tijd", "alleen vandaag", "100 ?% gratis", "zonder verplichting", "zonder risico", "geld terug", "geld verdienen",
		"snel geld", "u hebt gewonnen", "je hebt gewonnen", "gefeliciteerd", "laatste kans", "beste prijs", "dit is geen spam", "klik hier", "exclusieve aanbieding",
	},
	"pt": {
		"compre agora", "compre já", "aja agora", "tempo limitado", "oferta limitada", "100 ?% grátis", "sem compromisso", "sem risco", "dinheiro de volta",
		"ganhe dinheiro", "dinheiro fácil", "você ganhou", "ganhou um prémio", "parabéns", "última chance", "última oportunidade", "melhor preço", "isto não é spam",
		"clique aqui", "oferta exclusiva", "caro amigo",
	},
}

// spamForms are the phrases as one pattern a language. Words may be parted by any white space; neither end is inside of a word.
var spamForms = func() map[string]*regexp.Regexp {
	forms := map[string]*regexp.Regexp{}
	for language, phrases := range spamPhrases {
		joined := strings.NewReplacer(" ?%", `\s?%`, " ", `\s+`, "'", `['’]`).Replace(strings.Join(phrases, "|"))
		forms[language] = regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(` + joined + `)(?:$|[^\pL\pN])`)
	}
	return forms
}()

// spamPhrase gives the first and last offset of a phrase in a text of a language, "" being English; nil when there is none, or the
// language is not known.
func spamPhrase(language, s string) []int {
	primary, _, _ := strings.Cut(strings.ToLower(language), "-")
	if primary == "" {
		primary = "en"
	}
	form := spamForms[primary]
	if form == nil {
		return nil
	}
	at := form.FindStringSubmatchIndex(s)
	if at == nil {
		return nil
	}
	return at[2:4]
}
