package inbound

// What people answer to an offer, folded, in seven languages; tongues.go has further ones. See newPhrases for the notation.
var (
	referring = newPhrases(`
please contact/email/write/reach my/our colleague
please contact/email
contact my/our colleague
reach out to my/our/mr/ms/mrs
speak/talk to/with my/our colleague
better/right/best person/contact is/would/to
should/could/can talk/speak/write/reach to/with/out
ask/try our/my
forwarded * to my/our/the colleague
forwarding * to my/our colleague
i have/ve forwarded/passed
i am copying/cc
copying in
looping in
adding my colleague
cc d
responsible * is
bitte kontaktieren sie
bitte wenden sie sich an
wenden sie sich * an
ansprechpartner/ansprechpartnerin ist
meine/meinem/meinen/meiner kollegin/kollege/kollegen
habe * weitergeleitet
contactez/contacter ma/mon/notre collegue
veuillez contacter
merci de contacter
adressez vous a
ma/mon collegue
transmis/transfere * a ma/mon
contacte/contacten a/con
pongase en contacto con
mi companero/companera/colega
la persona indicada/adecuada/correcta es
he reenviado
contatti/contattate/contattare il/la/pure
si rivolga a
il mio/la mia collega
ho inoltrato
neem contact op met
mijn collega
doorgestuurd naar
neemt u contact op
entre em contato/contacto com
entrem em contato/contacto com
contacte o/a meu/minha
meu/minha colega
fale com
encaminhei
`, polish.referring, nordic.referring, japanese.referring)
	wrongPerson = newPhrases(`
wrong person/address/contact/department/guy/number
not the right person/contact
not the correct person/contact
i am/m not * responsible/charge
not my area/department/responsibility
do not handle
don t handle
don t deal with
not involved in
not the one who/dealing/responsible/handling/looking
falsche/falscher/falschen ansprechpartner/person/adresse
nicht der/die richtige/richtiger ansprechpartner/ansprechpartnerin/person
nicht zustandig
nicht mein bereich
bin dafur nicht
pas la bonne personne
pas le bon interlocuteur/contact
pas en charge
pas responsable
no soy la persona
persona equivocada
no soy el/la responsable
no llevo
non sono la persona
persona sbagliata
non me ne occupo
non sono io
non sono il/la responsabile
niet de juiste persoon
verkeerde persoon
niet verantwoordelijk
ga hier niet over
nao sou a pessoa
pessoa errada
nao sou o/a responsavel
nao e comigo
`, polish.wrongPerson, nordic.wrongPerson, japanese.wrongPerson)
	notNow = newPhrases(`
not now
not right now
not at the moment
not at this time/moment/point
not for now
not yet
not this year/quarter/month
not currently
not interested at the moment/present
not interested right now
no budget/plans until/before/this
currently no budget/plans/need
too early
bad time/timing
timing is not/n
not the right time
not a good time
maybe later
later this/in
get/come back to me/us in/next/after/later
come/get back in/next/after
check back
check in again/in
reach out again/in/after/next
contact me/us again/in/after/next/later
try/write/ping/call/email me again/in/after/next/later
try again in/after/next
circle back
reconnect/regroup/reconvene in/after/next/later
follow up in/after/next/later
reach/get/come/check/circle back in/out/after/next/later
in the fall/autumn/spring/summer/winter
im herbst/fruhjahr/fruhling/sommer/winter
touch base in/next/after
revisit this/in/next/it
talk/speak/discuss after/later
talk/speak/discuss/meet again in/next
talk/speak/discuss/meet next quarter/year/month
talk/speak/discuss/meet in * months/weeks/january/february/march/april/may/june/july/august/september/october/november/december/q1/q2/q3/q4
next quarter/year
will be ready in
when i m back
when i am back
busy until/till/right/at
derzeit/aktuell/momentan nicht/kein/keine/keinen
im moment nicht/kein/keine/keinen
zur zeit nicht/kein/keine/keinen
zurzeit nicht/kein/keine/keinen
noch nicht
erst im/in/ab/nach/wieder
spater noch/noch/wieder
zu einem spateren
zu fruh
nochmal/nochmals/noch/wieder im/in/nach/ab/anfang/mitte/ende
melden sie sich * im/in/nach/ab/anfang/mitte/ende/wieder/nochmal/nochmals/erneut/spater
melden sie sich
nochmal/nochmals/erneut/einmal * melden/anrufen/kontaktieren
kommen sie * auf mich
nicht vor
pas maintenant
pas pour le moment/l
pas pour l instant
pas en ce moment
pas actuellement
pas cette annee
trop tot
plus tard
recontactez/rappelez/relancez moi/nous
recontacter/rappeler/relancer en/au/dans/apres/debut/fin
revenez vers moi/nous
pas avant
ahora no
no ahora
por ahora no
por el momento no
en este momento no
de momento no
todavia no
aun no
mas adelante
mas tarde
contacteme/contactame/escribame/escribeme/llameme/llamame/contactenos * en/despues/a
vuelva a contactar/contactarme/escribirme
no antes de
este ano no
non ora
non adesso
per ora no/non
al momento no/non
in questo momento no/non
non ancora
piu avanti
piu tardi
ricontattatemi/ricontattami/mi/ci ricontatti/ricontattate/risentiamo
ricontattatemi
ricontattami
mi ricontatti
ci risentiamo
risentiamoci
sentiamoci/sentirci tra/fra/a/ad/in/dopo/piu
non prima di
nu niet
niet nu
nog niet
momenteel niet/geen
op dit moment niet/geen
op het moment niet/geen
voorlopig niet
te vroeg
later dit/in/terug/nog
neem * contact op in/na/begin/eind
kom * terug in/na/begin/eind
mail/bel me * in/na/begin/eind/volgend/volgende
pas in/na
niet voor
agora nao
nao agora
por agora nao
no momento nao
neste momento nao
de momento nao
ainda nao
mais tarde
mais para a/o frente
mais a frente
volte a/me contactar/contatar/falar/procurar
entre em contato/contacto * em/no/na/depois
entre em contato/contacto novamente
nao antes de
me procure * em/no/na/depois
falamos em/no/na/depois
`, polish.notNow, nordic.notNow, japanese.notNow)
	notInterested = newPhrases(`
not interested
no interest
no longer interested
not * interested
no thanks
no thank you
we ll pass
i ll pass
going to pass
not for us/me
not a fit
not a good fit
not a priority
not relevant
not something we
are/re all set
happy/satisfied with our/the/what/my
happy/satisfied with * current/existing/present
no need
do not need
don t need
already have a/an/another
went with another
gone with another
decided against
kein interesse
keinen bedarf
kein bedarf
nicht interessiert
nein danke
haben uns * anders entschieden
haben bereits
kommt fur uns nicht
nicht relevant
kein thema
sind zufrieden
pas interesse/interesses/interessee/interessees
pas interessant
non merci
aucun interet
pas besoin
avons deja
pas d actualite
pas pertinent
ne nous interesse pas
no me/nos interesa
no estoy/estamos interesado/interesada/interesados/interesadas
no gracias
sin interes
no necesitamos
ya tenemos
no es de nuestro/mi interes
non mi/ci interessa
non siamo/sono interessati/interessato/interessata
no grazie
nessun interesse
non rientra
non ne abbiamo
abbiamo gia
geen interesse
geen belangstelling
niet geinteresseerd
nee bedankt
nee dank
geen behoefte
hebben al
hebben we al
niet interessant
niet relevant
nao tenho/temos interesse
sem interesse
nao estou/estamos interessado/interessada/interessados
nao obrigado/obrigada
nao precisamos
ja temos
nao me/nos interessa
`, polish.notInterested, nordic.notInterested, japanese.notInterested)
	interested = newPhrases(`
interested
sounds interesting/good/great
looks interesting/good/great
tell me more
send me more/details/information/info/the/a
would like/love to know/learn/see/hear/talk/discuss
like to know/learn/see/hear more
like a demo/call/quote
happy to talk/chat/discuss/meet/have
be happy/glad to
jump/hop on a call
send over
let s do it
when are you free/available
let s talk/schedule/set/chat/meet/discuss/do
call me
give me a call
ring me
schedule a call/demo/meeting
set up a call/demo/meeting
book a call/demo/meeting
works for me/us
yes please
count me in
interessiert
klingt gut/interessant/spannend
hort sich gut/interessant/spannend
rufen sie mich
gerne mehr
mehr erfahren
mehr informationen
weitere informationen
ja gerne
termin vereinbaren/ausmachen
gerne telefonieren
passt ihnen
passt es ihnen
lassen sie uns
gerne sprechen
schicken sie mir * informationen/unterlagen/angebot/infos
interesse/interessee/interesses/interessees par/et
suis/sommes interesse/interessee/interesses/interessees
ca m interesse
cela m interesse
m interesse
nous interesse
en savoir plus
appelez moi
envoyez moi
avec plaisir
oui volontiers
prendre rendez
me/nos interesa
estoy/estamos interesado/interesada/interesados/interesadas
me gustaria saber/conocer/ver/hablar
nos gustaria saber/conocer/ver/hablar
mas informacion
llameme/llamame/llamenme
suena bien/interesante
podemos hablar
hablemos
agendar/agendamos una
mi/ci interessa
sono/siamo interessato/interessata/interessati
vorrei sapere/saperne/vedere/avere
vorremmo saperne
maggiori informazioni
mi chiami
chiamami
chiamatemi
volentieri
sembra interessante
fissare una
sentiamoci
parliamone
possiamo sentirci
geinteresseerd
klinkt goed/interessant
meer weten/informatie
bel me/mij
graag meer
afspraak maken/inplannen
laten we
lijkt me/mij leuk/goed/interessant
stuur me/mij * informatie/info/offerte
tenho/temos interesse
estou/estamos interessado/interessada/interessados
me/nos interessa
interessa me
gostaria/gostava/gostariamos de saber/conhecer/ver/falar/receber
mais informacoes/detalhes
me ligue
ligue me
parece interessante/bom
vamos conversar/falar/marcar
podemos conversar/falar
agendar/marcar uma
`, polish.interested, nordic.interested, japanese.interested)
)
