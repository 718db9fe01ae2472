package inbound

import "time"

// The tables of seven languages, and of those of tongues.go, folded (see fold). They are written out because the module for dates in many languages brings a
// WebAssembly engine: a fifth of a second and 35 MB at the start of every process, for words that fit on two pages.

// months are names and the abbreviations that are not common words of another language of the seven.
var months = map[string]time.Month{
	"january": 1, "jan": 1, "stycznia": 1, "styczen": 1, "styczniu": 1, "januar": 1, "janner": 1, "jaenner": 1, "janvier": 1, "janv": 1, "enero": 1, "ene": 1, "gennaio": 1, "gen": 1, "januari": 1, "janeiro": 1,
	"february": 2, "lutego": 2, "luty": 2, "lutym": 2, "feb": 2, "februar": 2, "fevrier": 2, "fevr": 2, "fev": 2, "febrero": 2, "febbraio": 2, "februari": 2, "fevereiro": 2,
	"march": 3, "marts": 3, "marca": 3, "marzec": 3, "marcu": 3, "mar": 3, "marz": 3, "maerz": 3, "mars": 3, "marzo": 3, "maart": 3, "mrt": 3, "marco": 3,
	"april": 4, "kwietnia": 4, "kwiecien": 4, "kwietniu": 4, "apr": 4, "avril": 4, "avr": 4, "abril": 4, "abr": 4, "aprile": 4,
	"may": 5, "maj": 5, "maja": 5, "maju": 5, "mai": 5, "mayo": 5, "maggio": 5, "mag": 5, "mei": 5, "maio": 5,
	"june": 6, "czerwca": 6, "czerwiec": 6, "czerwcu": 6, "jun": 6, "juni": 6, "juin": 6, "junio": 6, "giugno": 6, "giu": 6, "junho": 6,
	"july": 7, "lipca": 7, "lipiec": 7, "lipcu": 7, "jul": 7, "juli": 7, "juillet": 7, "juil": 7, "julio": 7, "luglio": 7, "lug": 7, "julho": 7,
	"august": 8, "augusti": 8, "sierpnia": 8, "sierpien": 8, "sierpniu": 8, "aug": 8, "aout": 8, "agosto": 8, "ago": 8, "augustus": 8,
	"september": 9, "wrzesnia": 9, "wrzesien": 9, "wrzesniu": 9, "sep": 9, "sept": 9, "septembre": 9, "septiembre": 9, "setiembre": 9, "settembre": 9, "setembro": 9, "set": 9,
	"october": 10, "pazdziernika": 10, "pazdziernik": 10, "pazdzierniku": 10, "oct": 10, "oktober": 10, "okt": 10, "octobre": 10, "octubre": 10, "ottobre": 10, "ott": 10, "outubro": 10,
	"november": 11, "listopada": 11, "listopad": 11, "listopadzie": 11, "nov": 11, "novembre": 11, "noviembre": 11, "novembro": 11,
	"december": 12, "grudnia": 12, "grudzien": 12, "grudniu": 12, "desember": 12, "dec": 12, "dezember": 12, "dez": 12, "decembre": 12, "diciembre": 12, "dic": 12, "dicembre": 12, "dezembro": 12,
}

// wordMonths are names that mean something else too, and need a word such as "in" before them when they stand without a day.
var wordMonths = map[string]bool{"may": true, "maj": true, "maja": true, "maju": true, "march": true, "mars": true, "marca": true, "marco": true, "august": true}

// weekdays are full names only: abbreviations are words of other languages.
var weekdays = map[string]time.Weekday{
	"monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6, "sunday": 0,
	"montag": 1, "dienstag": 2, "mittwoch": 3, "donnerstag": 4, "freitag": 5, "samstag": 6, "sonnabend": 6, "sonntag": 0,
	"lundi": 1, "mardi": 2, "mercredi": 3, "jeudi": 4, "vendredi": 5, "samedi": 6, "dimanche": 0,
	"lunes": 1, "martes": 2, "miercoles": 3, "jueves": 4, "viernes": 5, "sabado": 6, "domingo": 0,
	"lunedi": 1, "martedi": 2, "mercoledi": 3, "giovedi": 4, "venerdi": 5, "sabato": 6, "domenica": 0,
	"mandag": 1, "tisdag": 2, "tirsdag": 2, "onsdag": 3, "torsdag": 4, "fredag": 5, "lordag": 6, "sondag": 0,
	"mandagen": 1, "tisdagen": 2, "onsdagen": 3, "torsdagen": 4, "fredagen": 5, "lordagen": 6, "sondagen": 0,
	"poniedzialek": 1, "poniedzialku": 1, "wtorek": 2, "wtorku": 2, "sroda": 3, "srode": 3, "srody": 3, "czwartek": 4, "czwartku": 4,
	"piatek": 5, "piatku": 5, "sobota": 6, "sobote": 6, "soboty": 6, "niedziela": 0, "niedziele": 0, "niedzieli": 0,
	"maandag": 1, "dinsdag": 2, "woensdag": 3, "donderdag": 4, "vrijdag": 5, "zaterdag": 6, "zondag": 0,
}

// feiras are Portuguese weekdays, which are ordinals unless "feira" follows.
var feiras = map[string]time.Weekday{"segunda": 1, "terca": 2, "quarta": 3, "quinta": 4, "sexta": 5}

// numbers are small counts in words.
var numbers = map[string]int{
	"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "couple": 2,
	"einer": 1, "einem": 1, "ein": 1, "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6,
	"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
	"una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sei": 6,
	"dwa": 2, "dwie": 2, "trzy": 3, "cztery": 4, "piec": 5, "szesc": 6, "ett": 1, "et": 1, "tva": 2, "to": 2, "fyra": 4, "fire": 4, "fem": 5, "sex": 6, "seks": 6,
	"een": 1, "twee": 2, "drie": 3, "vijf": 5, "zes": 6, "uma": 1, "um": 1, "dois": 2, "duas": 2, "quatro": 4,
}

// units of "in two weeks": days and months of each.
var units = map[string][2]int{
	"day": {1, 0}, "days": {1, 0}, "tag": {1, 0}, "tagen": {1, 0}, "jour": {1, 0}, "jours": {1, 0}, "dia": {1, 0}, "dias": {1, 0}, "giorno": {1, 0}, "giorni": {1, 0}, "dag": {1, 0}, "dagen": {1, 0},
	"dni": {1, 0}, "dage": {1, 0}, "dagar": {1, 0}, "dager": {1, 0}, "tydzien": {7, 0}, "tygodnie": {7, 0}, "tygodni": {7, 0}, "vecka": {7, 0}, "veckor": {7, 0}, "uge": {7, 0}, "uger": {7, 0}, "uke": {7, 0}, "uker": {7, 0},
	"miesiac": {0, 1}, "miesiace": {0, 1}, "miesiecy": {0, 1}, "manad": {0, 1}, "manader": {0, 1}, "maned": {0, 1}, "maneder": {0, 1}, "kwartal": {0, 3}, "kvartal": {0, 3}, "rok": {0, 12}, "ar": {0, 12},
	"week": {7, 0}, "weeks": {7, 0}, "woche": {7, 0}, "wochen": {7, 0}, "semaine": {7, 0}, "semaines": {7, 0}, "semana": {7, 0}, "semanas": {7, 0}, "settimana": {7, 0}, "settimane": {7, 0}, "weken": {7, 0},
	"month": {0, 1}, "months": {0, 1}, "monat": {0, 1}, "monaten": {0, 1}, "mois": {0, 1}, "mes": {0, 1}, "meses": {0, 1}, "mese": {0, 1}, "mesi": {0, 1}, "maand": {0, 1}, "maanden": {0, 1},
	"quarter": {0, 3}, "quarters": {0, 3}, "quartal": {0, 3}, "quartalen": {0, 3},
	"year": {0, 12}, "jahr": {0, 12}, "an": {0, 12}, "ano": {0, 12}, "anno": {0, 12}, "jaar": {0, 12},
}

// spans are "next week" and the like.
var (
	inWords    = newPhrases("in\nin about\nin ca\ndans\nd ici\ndentro de\nen\ntra\nfra\nover\ndaqui a\nem\nza\nom")
	tomorrow   = newPhrases("tomorrow\nmorgen\ndemain\nmanana\ndomani\namanha\nimorgon\njutro")
	nextWeek   = newPhrases("next week\nnachste/naechste/nachster/nachsten/kommende/kommender woche\nla semaine prochaine\nsemaine prochaine\nproxima semana\nsemana que viene/vem\nprossima settimana\nsettimana prossima\nvolgende/komende week\nprzyszlym/nastepnym/kolejnym tygodniu\nnasta vecka\nnaeste/neste uge/uke")
	nextMonth  = newPhrases("next month\nnachsten/naechsten/kommenden monat\nmois prochain\nproximo mes\nmes que viene/vem\nprossimo mese\nmese prossimo\nvolgende maand\nprzyszlym/nastepnym/kolejnym miesiacu\nnasta manad\nnaeste/neste maned\n来月")
	nextQuart  = newPhrases("next quarter\nnachstes/naechstes/nachsten/kommendes/kommenden quartal\nprochain trimestre\ntrimestre prochain\nproximo trimestre\nprossimo trimestre\nvolgend/komend kwartaal\nprzyszlym/nastepnym/kolejnym kwartale\nnasta/naeste/neste kvartal")
	nextYear   = newPhrases("next year\nnew year\nnachstes/nachsten/naechstes/naechsten/kommendes/kommenden/neues/neuen jahr\nannee prochaine\nl an prochain\nproximo ano\nano que viene/vem\nprossimo anno\nanno prossimo\nvolgend/komend jaar\nprzyszlym/nastepnym/kolejnym/nowym roku\nnasta/naeste/neste/nytt/nye/nya ar/aret\narsskiftet\n来年\n年明け")
	halfYear   = newPhrases("half a year\nhalben/halbes jahr\nhalf jaar\nmedio ano\nmeio ano")
	afterHeat  = newPhrases("after the summer\nafter summer\nnach dem sommer\nnach den sommerferien\napres l ete\ndespues del verano\ndopo l estate\nna de zomer\nna de zomervakantie\ndepois do verao\nefter sommaren/sommeren/semestern/sommerferien\netter sommeren\npo wakacjach/lecie")
	inSpring   = newPhrases("in the spring\nim fruhjahr/fruhling\nau printemps\nen primavera\nin primavera\nin het voorjaar\nin de lente\nna primavera\ntill varen\ntil foraret/varen\nwiosna")
	inSummer   = newPhrases("in the summer\nim sommer\ncet ete\nen verano\nin estate\nin de zomer\nno verao\nlatem")
	inAutumn   = newPhrases("in the fall/autumn\nim herbst\na l automne\nen otono\nin autunno\nin het najaar\nin de herfst\nno outono\ni/till/til host/hosten/efteraret\njesienia")
	earlyWords = newPhrases("early\nbeginning of\nstart of\nanfang\nbeginn\ndebut\nprincipios de\ninicio de\ninizio\ninizi di\nbegin\ninicio de")
	midWords   = newPhrases("mid\nmiddle of\nmitte\nmi\nmediados de\nmeta\nhalf\nmedio\nmeados de")
	lateWords  = newPhrases("end of\nlate\nende\nfin\nfinales de\nfine\neind\neinde\nfim de\nfinal de\nfin de")
)

// quarters are ordinals of "second quarter".
var quarters = map[string]int{
	"q1": 1, "q2": 2, "q3": 3, "q4": 4, "t1": 1, "t2": 2, "t3": 3, "t4": 4,
	"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "1": 1, "2": 2, "3": 3, "4": 4,
	"erstes": 1, "ersten": 1, "zweites": 2, "zweiten": 2, "drittes": 3, "dritten": 3, "viertes": 4, "vierten": 4,
	"premier": 1, "deuxieme": 2, "troisieme": 3, "quatrieme": 4, "1er": 1, "2e": 2, "3e": 3, "4e": 4, "2eme": 2, "3eme": 3, "4eme": 4,
	"primer": 1, "segundo": 2, "tercer": 3, "cuarto": 4, "primo": 1, "secondo": 2, "terzo": 3, "quarto": 4,
	"eerste": 1, "tweede": 2, "derde": 3, "vierde": 4, "primeiro": 1, "terceiro": 3,
}

var quarterNouns = map[string]bool{"quarter": true, "quartal": true, "trimestre": true, "kwartaal": true, "quartals": true}

// Words around a date. All are looked for in the same sentence.
var (
	returnWords = newPhrases(`
back
return/returns/returning/returned
resume/resumes/resumed/resuming
reopen/reopens/reopening/reopened
rouvrira/rouvrirons/rouvriront/reouverture
reabriremos/reabre/reabrira/reabriran/reapertura
riapre/riaprira/riapriremo/riapriranno/riapertura
reabrimos/reabriremos/reabertura
available/reachable again
again
zuruck/zurueck/zuruckkehren
wieder
de retour
retour
reviens/reviendrai/rentre/rentrerai/reprends/reprendrai/reprise/joignable/rentree
regreso/regresare/regresa/vuelvo/volvere/vuelta/reincorporo/reincorporare/reincorporacion/reincorporarme/incorporo
disponible de nuevo
rientro/rientrero/rientra/torno/tornero/ritorno/ritornero/rientrare
nuovamente/di nuovo
terug
weer
volto/voltarei/volta/regressarei/retorno/retornarei/retornando/regressando/estarei/regresso
a disposizione
`, polish.returns, nordic.returns, japanese.returns)
	untilWords = newPhrases("until\ntill\ntil\nbis\njusqu au\njusqu a\njusqu\nhasta\nfino al\nfino a\nsino al\ntot\nate\nup to", polish.until, nordic.until, japanese.until)
	// lastWords name the last day away: the return is the day after.
	lastWords = newPhrases(`
until and including
through
thru
up to and including
last day
bis einschliesslich
bis inklusive
bis einschl
bis inkl
letzter tag
letzter urlaubstag
dernier jour
ultimo dia
ultimo giorno
laatste dag
tot en met
t m
`, polish.last, nordic.last, japanese.last)
	// inclusiveWords follow a date and say that it still belongs to the absence.
	inclusiveWords = newPhrases("inclusive\nincluded\nincl\ninkl\ninklusive\neinschliesslich\neinschl\ninclus\ncompris\nincluido\nincluso\ncompreso\ninbegrepen\nincluida\ninclusief")
	// startWords stand right before the day on which an absence begins.
	startWords  = newPhrases("from\nstarting\nas of\nsince\nab\nvom\nvon\nseit\ndu\ndepuis\na partir du\ndes le\ndesde\ndel\na partir del\ndal\nvanaf\nvan\nsinds\nde\nda\na partir de\nbetween\nzwischen\nentre\ntra\ntussen", polish.starts, nordic.starts, japanese.starts)
	rangeWords  = newPhrases("to\nuntil\ntill\ntil\nthrough\nthru\nand including\nbis\nbis zum\nbis einschliesslich\nau\njusqu au\nal\nhasta el\nhasta\nfino al\ne il\ntot\ntot en met\nt m\nate\na\nao\nund\nand\net\ny\ne\nen\ny el\net le\nund dem", polish.ranges, nordic.ranges, japanese.ranges)
	fillerWords = newPhrases("the\nden\ndem\nle\nel\nil\nde\no\ndia\nzum\nam\non\nop\nat\nno")
	awayWords   = newPhrases(`
out of office/the
away
on holiday/vacation/leave/pto
ooo
urlaub
abwesend/abwesenheit
nicht im
absent/absente/absence
conges/vacances/conge
vacaciones/ausente/ausencia
fuera de
ferie/assente/assenza
fuori
afwezig/vakantie/verlof
ferias
fora do
travelling/traveling/travel
`, polish.away, nordic.away, japanese.away)
)
