package inbound

// tongue are the phrases of a language that stands in none of the tables of seven, in the notation of newPhrases. Of Japanese each sign is a word.
type tongue struct {
	absence, departedSelf, departedOther, stillThere, addressChanged, tickets, receipts, machineTalk string
	referring, wrongPerson, notNow, notInterested, interested                                        string
	requests, stays, notMine, closings                                                               string
	// Around dates: see returndate.go.
	returns, until, last, starts, ranges, away string
}

// polish are the phrases of Polish, which bends its words: endings are left open where that takes in nothing else.
var polish = tongue{
	absence: `
na urlopie
na * urlopie
urlop/urlopu od/do/wypoczynkowy/macierzynski/rodzicielski/ojcowski
poza biurem
nieobecny/nieobecna/nieobecnosc/nieobecnosci
nie ma mnie
nie bedzie mnie
nie bede dostepny/dostepna
na zwolnieniu
w delegacji
podrozy sluzbowej
ograniczony dostep
biuro * nieczynne/zamkniete`,
	departedSelf: `
nie pracuje juz
juz nie pracuje
zakonczylem/zakonczylam prace/wspolprace
odszedlem/odeszlam z`,
	departedOther: `
nie jest juz pracownikiem/zatrudniony/zatrudniona
juz nie jest pracownikiem
nie pracuje juz
juz nie pracuje
zakonczyl/zakonczyla prace/wspolprace
odszedl/odeszla z firmy
na emeryturze`,
	stillThere: `
nie pracuje juz/w dzis/dzisiaj/poniedzialki/wtorki/srody/czwartki/piatki
juz nie pracuje dzis/dzisiaj`,
	addressChanged: `
adres * zmianie/zmienil
zmiana/zmienilem/zmienilam adresu/adres
nowy adres
nowego adresu`,
	tickets: `
numer zgloszenia/sprawy
zgloszenie * przyjete/zarejestrowane/nr/numer
numerem zgloszenia`,
	receipts: `
dziekuje/dziekujemy za wiadomosc/kontakt/zgloszenie/maila
otrzymalismy panstwa/twoja
potwierdzam/potwierdzamy otrzymanie
odpowiemy/odpowiem najszybciej/wkrotce`,
	machineTalk: `
wiadomosc * automatycznie/automatyczna
automatyczna odpowiedz
odpowiedz automatyczna
prosimy/prosze nie odpowiadac na`,
	referring: `
prosze/prosimy * kontakt z/do
prosze/prosimy * skontaktowac/kontaktowac sie z
prosze/prosimy * pisac na/do
odpowiada/odpowiadaja * kolega/kolezanka
moj/moja/moim kolega/kolezanka/kolezanke/kolegi
przekazalem/przekazalam
przekazuje * do
osoba odpowiedzialna
osobe odpowiedzialna
wlasciwa osoba
zajmuje sie tym pan/pani/kolega/kolezanka`,
	wrongPerson: `
nie zajmuje sie
nie jestem * osoba/odpowiedzialny/odpowiedzialna
niewlasciwa osoba
zly adresat
nie do mnie
to nie moj/moja`,
	notNow: `
nie teraz
teraz nie
nie w tej chwili
w tej chwili/obecnie/aktualnie/narazie/zaraz nie
obecnie/aktualnie nie
na razie nie
jeszcze nie
za wczesnie
pozniej
prosze * odezwac/wrocic/przypomniec/zadzwonic * we/w/po/za/na/do/pod
prosze * odezwac sie
prosze wrocic
wrocmy do
nie mamy/ma * budzetu
w przyszlym/nastepnym/kolejnym roku/kwartale/miesiacu
w nowym roku
dopiero w/we/po/od
nie przed`,
	notInterested: `
nie jestesmy/jestem zainteresowani/zainteresowany/zainteresowana
nie interesuje mnie/nas
nie skorzystam/skorzystamy
nie dziekuje
nie potrzebujemy/potrzebuje
nie mamy * potrzeby
brak zainteresowania
mamy juz
juz mamy
nie dotyczy nas`,
	interested: `
jestem/jestesmy zainteresowany/zainteresowana/zainteresowani
brzmi ciekawie/interesujaco/dobrze/swietnie
wyglada ciekawie/interesujaco
wiecej informacji/szczegolow
prosze/prosimy o telefon/oferte/kontakt/prezentacje/wycene/szczegoly/propozycje
chetnie
prosze zadzwonic/dzwonic
interesuje mnie/nas
umowmy sie
umowic spotkanie/rozmowe
porozmawiajmy`,
	requests: `
wypisz/wypiszcie/wypisac/wypisanie/wypisuje/wyrejestruj/wyrejestrowac/wyrejestrowanie mnie/sie/nas
mnie/nas wypisac/wypisanie/wyrejestrowac/usunac
prosze/prosimy o wypisanie/wyrejestrowanie
chce/chcialbym/chcialabym * wypisac
usun/usuncie/usunac/usuniecie mnie/nas/moj/moje/mojego/moich/nasz/nasze/naszego
prosze/prosimy usunac * adres/dane/mnie/nas/email
prosze/prosimy o usuniecie * adresu/danych/mnie/nas/z
nie zycze/zyczymy sobie * otrzymywac/otrzymywania/kontaktu/wiadomosci/maili/email/emaili/takich/wiecej/korespondencji
nie chce/chcemy * otrzymywac/dostawac
nie chce/chcemy wiecej wiadomosci/maili/emaili/newslettera
prosze/prosimy nie pisac/kontaktowac
prosze/prosimy * nie wysylac/przysylac/kierowac * mi/mnie/nam/wiecej/takich/maili/emaili/wiadomosci/ofert/reklam/newslettera/newsletterow
prosze/prosimy wiecej * nie wysylac/przysylac/pisac/kontaktowac
nie wysylaj/wysylajcie/przysylaj/przysylajcie/pisz/piszcie * mi/mnie/do/nam/wiecej
przestan/przestancie/przestac * wysylac/pisac/przysylac/spamowac/mailowac
rezygnuje/rezygnujemy z * subskrypcji/newslettera/otrzymywania/mailingu/wiadomosci/wysylki
zrezygnowac z * subskrypcji/newslettera/otrzymywania/mailingu/wiadomosci
anuluj/anulowac/anulowanie subskrypcje/subskrypcji
cofam/wycofuje/odwoluje * zgode
wnosze/zglaszam/wyrazam * sprzeciw
sprzeciwiam sie`,
	stays: `
nie wypisuj/wypisujcie/wypisywac/usuwac/usuwaj/usuwajcie
ale * nadal
nie chce * wypisac/wypisywac/rezygnowac
przez pomylke/przypadek * wypisal~/kliknal~
wypisal~ * przez pomylke/przypadek`,
	notMine: `
kliknij/kliknac/link/linku/linka/stopce/klient~/pracownik~/kolezank~
do momentu/konca/czasu
telefonicznie/telefonu/dzwonic`,
	closings: `
pozdrawiam/pozdrowienia
pozdrawiam serdecznie
serdecznie/cieplo pozdrawiam
serdeczne/cieple pozdrowienia
z powazaniem
z wyrazami szacunku
lacze wyrazy/pozdrowienia
milego dnia
dziekuje
dziekuje i pozdrawiam
dzieki
pzdr`,
	returns: `
wracam/wroce/wraca/wroci/powrot/powrotu/powroce/powracam
z powrotem
bede/bedzie/jestem ponownie/znow/znowu/dostepny/dostepna
ponownie
w biurze od/bede`,
	last:   "ostatni dzien\nostatnim dniem\ndo konca dnia",
	starts: "od\nod dnia\npocwszy od",
	ranges: "do\ndo dnia\na\ni",
	away:   "urlopie/urlop\nnieobecny/nieobecna/nieobecnosc\npoza biurem\nnie ma mnie\nnie bedzie mnie",
}

// nordic are the phrases of Swedish, Danish and Norwegian.
var nordic = tongue{
	absence: `
pa semester/ferie/kurs/resa/reise
har/holder/haller semester/ferie
har * semester/ferie
semester/ferie fran/fra/till/til/t
bortrest/utrikes/tjanstledig/tjansteresa/tjenestereise/forretningsrejse/barsel/barselsorlov/barselorlov/pappaledig/mammaledig/foraldraledig/foraldraledighet/foreldrepermisjon/foraeldreorlov/sygemeldt/sjukskriven/sykmeldt/orlov
jag ar * ledig
jeg er * fravaerende
ledig fran/i/idag/till
inte/ikke/ej * kontoret/arbejde/jobb/plats/traffbar/tillganglig/tilgjengelig/tilgaengelig
inte nas/nabar
ikke tilgjengelig/tilgaengelig
franvarande/franvaro/fravaer/fravaerende
begransad/begraenset/begrenset * tillgang/adgang/tilgang/mail/mejl/epost
kontoret * stangt/lukket/stengt
fridag/fri * till/til/fran/fra/i`,
	departedSelf: `
jag har slutat/lamnat
jag arbetar/jobbar inte/ej langre/kvar
jeg er fratradt/fratraadt/stoppet
jeg har forladt/opsagt/sluttet
jeg arbejder/jobber/arbeider ikke laengere/lenger/mere
jeg er ikke laengere/lenger
jag ar inte/ej langre anstalld/kvar`,
	departedOther: `
har slutat
har slutet/sluttet * hos/i
har lamnat * foretaget/bolaget/sin
arbetar/jobbar inte/ej langre/kvar
inte/ej langre anstalld/kvar
ikke laengere/laenger/lenger ansat/ansatt
ikke laengere arbejder
arbejder/jobber/arbeider ikke laengere/lenger/mere
er fratradt/stoppet
har forladt * virksomheden/firmaet/selskapet
gatt i pension
gaet pa pension`,
	stillThere: `
inte/ej langre * dag/idag
lamnat/forladt * kontoret
har slutat for dagen`,
	addressChanged: `
ny/nya/nye mailadress/mejladress/emailadress/epostadress/mailadresse/emailadresse/epostadresse
bytt/byter/skiftet/byttet * adress/adresse/mailadress/mejladress/mailadresse/epostadresse
min/mitt nya/nye mail/mejl/email/epost`,
	tickets: `
arendenummer/arende/sagsnummer/saksnummer
ditt arende
din henvendelse/sag
arendet har`,
	receipts: `
tack for ditt/din/att mail/mejl/email/meddelande/du
tak for din/jeres mail/email/henvendelse/besked
takk for din/henvendelsen/eposten
vi har mottagit/modtaget/mottatt
vi aterkommer
vi vender tilbage
jag aterkommer
besvarar * sa/snarast`,
	machineTalk: `
detta/dette/det ar/er ett/et automat~
autosvar
automatiskt/automatisk svar/meddelande/besked`,
	referring: `
kontakta/kontakt/kontakte * min/mina/mine/var/vores/kollega/kollegor/kolleger
vanligen/venligst kontakta/kontakt
kontakt venligst
hor av dig till
min/vores/var kollega
vidarebefordrat/videresendt
skickat vidare
sendt videre
ansvarig ar
ansvarlig er
ratt person ar
rette person er`,
	wrongPerson: `
inte jag som ansvarar/ar/har
fel/forkert/feil person
inte ratt person
ikke den/rett rette/person
ikke rette person
inte ansvarig
ikke ansvarlig
inte mitt/min bord/omrade/ansvar
ikke mit/min/mitt bord/omrade/ansvar`,
	notNow: `
inte/ikke just/lige/akkurat nu/na
inte/ikke for/i tillfallet/narvarande/tiden/ojeblikket/oyeblikket
inte/ikke * just/lige/akkurat nu/na
inte an
ikke endnu/enda
for tidigt/tidligt/tidlig
senare
hor av dig * i/efter/till/nasta/igen/om
hor * av er * i/efter/till/nasta/igen/om
aterkom
kontakta/kontakt/ring/maila/skriv/mejla mig/oss/os * efter/nasta/naeste/neste/igen/igjen
vend tilbage
kom tilbage/tillbaka/tilbake
tag kontakt igen
ta kontakt igjen
forst/forst i/till/til/efter/etter
nasta/naeste/neste ar/kvartal/manad/maned/host
inte/ikke forran
ingen/inget budget/budsjett`,
	notInterested: `
inte/ej intresserad/intresserade
ikke interesseret/interesserede/interessert/interesserte
inget/ingen intresse/interesse
nej tack/tak
nei takk
inte/ikke * nagot/noget/noe for os/oss/mig/meg
inte/ikke for oss/os
inte/ikke aktuellt/aktuelt/relevant
vi har redan/allerede
har redan/allerede en/ett/et
inget/intet/ikke behov
behover inte
tackar nej
takker nej`,
	interested: `
jag/vi ar * intresserad/intresserade
jeg/vi er * interesseret/interesserede/interessert/interesserte
later/lyder/hores/verkar intressant/spannande/spaendende/spennende/interessant/bra/godt
ring * mig/meg/gerne/gjerne/endelig
vill garna/veta/hora
vil gerne/gjerne/hore/vide/vite * hore/vide/vite/se/have/ha/mere/mer
mer/mere information/info
skicka/send * information/info/mer/mere
boka/book/booke * mote/mode/demo
ja tack/tak/takk
garna`,
	requests: `
ta/plocka bort mig/oss/min/mina/mitt/var
avregistrera/avregistrer/avprenumerera mig/oss/min/mitt/tack/fran
avsluta/avslutt/opsig/stoppa/stop min/mitt/prenumeration~/abonnement~/utskick~/utsendelse~
sluta/slut maila/mejla/skicka/kontakta/skriva/spamma/mail~/att
vill inte/ej * ha/fa/motta/bli * mail/mejl/mejlen/utskick/kontaktad/reklam/nyhetsbrev
onskar inte/ej * fler/mer/mail/mejl/utskick/bli/fa/kontakt/kontaktas
inga/inte/ingen fler/mer mail/mejl/email/utskick/meddelanden/nyhetsbrev
undanber mig/oss/vi
stryk/radera/slett mig/oss/min/mina/meg/mine
kontakta/maila/mejla/skriv mig/oss inte/aldrig/ej
skicka/maila/mejla inte * mig/oss/mail/mejl/utskick
afmeld/afmelde/frameld/framelde mig/os/mit/min/venligst/fra
meld mig/meg/os/oss fra/af/ud/av/ut
fjern/fjerne/slet/slette mig/meg/os/oss/mit/min/mine/vores/venligst
onsker ikke * modtage/motta/fa * mail/mails/email/emails/nyhedsbrev/nyhedsbreve/nyhetsbrev/flere/mere/mer
onsker ikke * flere/kontaktes
vil ikke * modtage/motta/flere/kontaktes
vil gerne/gjerne * afmeldes/slettes/fjernes/afmelde/framelde
stop/slut/slutt med * sende/skrive/maile/kontakte/spamme
ikke/ingen flere mails/mail/emails/henvendelser/eposter/nyhedsbreve/reklamer
send/skriv/kontakt/mail mig/meg/os ikke/aldrig
send ikke * mig/meg/flere
frabeder mig/os/vi
motsatter/modsaetter mig/meg/os`,
	stays: `
inte ta bort/avregistrera
ta inte bort
inte avregistrera/avsluta/avprenumerera
ikke afmelde/afmeld/fjerne/fjern/slette/slet/framelde
fjern/afmeld/slet ikke
men * fortsatt~/gerne/garna/fortfarande`,
	notMine: `
kunder/kund/kunde/medarbetare/medarbejder
klicka/klikk/klik/lanken/linket/linket/lenken`,
	closings: `
med vanlig/vanliga/venlig/vennlig/basta/bedste/beste halsning/halsningar/hilsen/hilsner
vanlig/vanliga/venlig/vennlig/basta/bedste/beste/mange/manga halsning/halsningar/hilsen/hilsner
halsningar/hilsen/hilsner
mvh
vh
tack
tack pa forhand
tak
tak pa forhand
takk
tusen tack/takk
mange tak`,
	returns: `
ater/tillbaka/tilbage/tilbake/aterkommer/atervander/igen/igjen
kommer/er ater/tillbaka/tilbage/tilbake
pa plats/kontoret/jobb/jobbet igen/ater/den
nas/traffas/traeffes/treffes igen
svarar/svarer * den/efter`,
	until:  "t o m\nindtil\nfrem til\nfram till\nfram til\ninntil\nuntil",
	last:   "till och med\ntil og med\nt o m\ntom\nt om\nsista dag\nsista dagen\nsidste dag\nsiste dag",
	starts: "fran\nfran och med\nfr o m\nfra\nfra og med\nfra den\nfran den",
	ranges: "till\ntil\ntill och med\ntil og med\noch med\nog med\nt o m\ntom\noch\nog",
	away:   "semester/ferie/ledig/bortrest/franvarande/fravaerende\ninte/ikke pa kontoret\npa kontoret",
}
