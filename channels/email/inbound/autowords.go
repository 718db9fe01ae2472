package inbound

// What automatic replies say, folded, in seven languages; tongues.go has further ones. See newPhrases for the notation.
var (
	absence = newPhrases(`
out of office
out of the office
out of the country
away from * office/desk/email/mail/work
i am/m * away
i will/ll be away
be away
i am/m travelling/traveling
i am/m currently away/out/travelling/traveling/unavailable
on vacation
on annual leave
on * leave
on holiday/holidays
on pto
maternity/paternity/parental/sick leave
limited access to * email/emails/mail/messages
no access to * email/emails/mail
not in the office
unable to * respond/reply/answer until
will/shall return on/to
back in the office
office is/will closed
office will be closed
offices * closed
betriebsferien/betriebsurlaub
when i return
upon my return
on my return
nicht im buro/buero/haus/hause
nicht im office
nicht am arbeitsplatz
ausser haus
im urlaub
in * urlaub
urlaub bis
abwesend
abwesenheit
abwesenheitsnotiz
nicht erreichbar
nicht zu erreichen
im krankenstand
in elternzeit
in mutterschutz
auf dienstreise/geschaftsreise
wieder erreichbar
wieder im buro/buero/haus/hause/dienst
absent/absente
absence
en conge/conges
en vacances
pas au bureau
hors du bureau
de retour le/au
en deplacement
actuellement indisponible
serai de retour
en arret
bureaux/bureau * fermes/ferme
fuera de la/mi oficina
fuera de oficina
de vacaciones
estoy/estare ausente
ausente
ausencia
no estare disponible
de baja por/medica/maternal/maternidad/paternidad
acceso limitado
oficinas/oficina * cerradas/cerrada
fuori ufficio
fuori sede
in ferie
sono/saro assente
assente
assenza
non sono/saro in ufficio
in congedo
in maternita
uffici/ufficio * chiusi/chiuso
niet op kantoor
niet aanwezig
afwezig
afwezigheid
op/met vakantie
met verlof
weer aanwezig
beperkt bereikbaar
niet bereikbaar
kantoor/kantoren * gesloten
fora do escritorio
fora da empresa
de ferias
em ferias
ausente do
ausencia
estarei ausente/fora
licenca maternidade/paternidade
de licenca
sem acesso
escritorio/escritorios * encerrado/encerrados/fechado/fechados
`, polish.absence, nordic.absence, japanese.absence)
	departedSelf = newPhrases(`
i am/m no longer with/at/employed/working
i am/m not longer with/at
i no longer work
i have/ve left
i have/ve retired
i have/ve moved on
i left the/my company
i do not/longer work * any more/longer/anymore
ich bin nicht mehr bei/fur/tatig
ich bin nicht mehr im unternehmen/betrieb
ich habe das unternehmen/die verlassen
ich habe * verlassen
ich arbeite nicht mehr
ich bin im ruhestand
j ai quitte
je ne travaille plus
je ne fais plus partie
ya no trabajo
he dejado la/mi
ya no formo parte
non lavoro piu
ho lasciato l/la
non faccio piu parte
ik werk niet meer
ik ben niet meer werkzaam
ik heb * verlaten
nao trabalho mais
ja nao trabalho/colaboro
nao colaboro mais
deixei a empresa
nao faco mais parte
`, polish.departedSelf, nordic.departedSelf, japanese.departedSelf)
	departedOther = newPhrases(`
my last day at/with/was
no longer with the/us/our
no longer with
no longer works
no longer work
no longer employed
no longer an employee
no longer part of
no longer at
is not with * anymore
has left
has retired
has moved on
left in january/february/march/april/may/june/july/august/september/october/november/december
left last week/month/year
left the company/organization/organisation/firm/business
nicht mehr fur * tatig
nicht mehr bei * tatig/beschaftigt
nicht mehr im unternehmen/hause/haus
nicht mehr fur/bei
nicht mehr tatig
das/unser unternehmen verlassen
unternehmen verlassen
ausgeschieden
im ruhestand
ne travaille plus
n est plus employe
a quitte
ne fait plus partie
n est plus en poste
n est plus dans
ya no trabaja
ya no forma parte
ha dejado la empresa
ha dejado de trabajar
ya no pertenece
non lavora piu
non fa piu parte
ha lasciato l/la azienda
ha lasciato l azienda
non e piu in
niet meer werkzaam
niet langer werkzaam
werkt niet meer
werkt niet langer
niet meer in dienst
uit dienst
nao trabalha mais
ja nao trabalha/colabora
deixou a empresa
nao faz mais parte
ja nao faz parte
nao se encontra mais na empresa
`, polish.departedOther, nordic.departedOther, japanese.departedOther)
	// stillThere are words of departure that are about a room, a day or a number of hours: who left the office comes back to it.
	stillThere = newPhrases(`
left * office/desk/building/workplace/town/country/city/room
left for/on * day/today/night/evening/afternoon/weekend/lunch/vacation/holiday/holidays/christmas/easter/summer/winter/leave/break/trip/conference
left early
left work for
longer/not work/works * monday/tuesday/wednesday/thursday/friday/saturday/sunday
longer/not work/works * mondays/tuesdays/wednesdays/thursdays/fridays/saturdays/sundays
longer/not work/works * mornings/afternoons/evenings/nights/weekends
longer work/works full/part/from/remotely
no longer at my/his/her/their/the desk
no longer at work/home
buro/buero/office/arbeitsplatz * verlassen
nicht mehr im buro/buero/office/homeoffice/dienst
heute * nicht mehr im haus/hause
nicht mehr * montags/dienstags/mittwochs/donnerstags/freitags/samstags/nachmittags/vormittags/abends/vollzeit/ganztags
nicht mehr am montag/dienstag/mittwoch/donnerstag/freitag
quitte * bureau/bureaux
travaille plus le/les lundi/mardi/mercredi/jeudi/vendredi/lundis/mardis/mercredis/jeudis/vendredis
travaille plus a temps
n est plus dans/en * bureau/bureaux
dejado * oficina
trabajo/trabaja los/el lunes/martes/miercoles/jueves/viernes
lasciato * ufficio
lavoro/lavora piu il/di/al/nel lunedi/martedi/mercoledi/giovedi/venerdi
kantoor/bureau * verlaten
niet meer/langer op maandag/dinsdag/woensdag/donderdag/vrijdag/kantoor
deixou/deixei * escritorio
trabalho/trabalha mais as/aos/na/nas/a segunda/segundas/terca/tercas/quarta/quartas/quinta/quintas/sexta/sextas
`, polish.stillThere, nordic.stillThere, japanese.stillThere)
	addressChanged = newPhrases(`
my new email
new email address is
email address has changed
changed my email
address is no longer * use/monitored/active/valid/checked
mailbox is no longer * use/monitored/active
meine neue email
neue email adresse
email adresse hat sich geandert
nouvelle adresse email
nouvelle adresse mail
mon adresse a change
nueva direccion de correo
mi nuevo correo
nuovo indirizzo
nieuw/nieuwe email adres/emailadres
nieuwe emailadres
novo email
novo endereco
`, polish.addressChanged, nordic.addressChanged, japanese.addressChanged)
	challenges = newPhrases(`
prove * human
you are human
you re human
not a robot
confirm your message
confirm that you
confirm your email * deliver~
to deliver your message
verify * sender
verify that you
sender verification
one time verification
approved sender/senders
senders * approved
guest list
click * link * deliver~
please click * confirm
spam arrest
boxbe
waiting list
held until
request * approval
whitelist
challenge response
bestatigen sie * nachricht/absender
bitte bestatigen sie
confirmez votre
confirme su/seu
confermi il/la
bevestig uw
`)
	tickets = newPhrases(`
ticket
ticket id/number/created
case number
case id
case has been
request * received
request id
request number
support request
reference number
your case
vorgangsnummer
fallnummer
ihre anfrage * eingegangen
anfrage * erhalten
ticketnummer
numero de ticket
votre demande a
votre demande * enregistree
numero de dossier
numero de caso
su solicitud
la sua richiesta
numero di ticket
uw aanvraag
ticketnummer
uw verzoek
sua solicitacao
seu chamado
numero do chamado
protocolo
`, polish.tickets, nordic.tickets, japanese.tickets)
	receipts = newPhrases(`
received your email/message/mail/inquiry/enquiry
thank you for * email/message/mail/contacting/inquiry/enquiry/reaching
thanks for * email/message/mail/contacting/reaching
we will get back
will get back to you
will be in touch
we will respond
acknowledge receipt
vielen dank fur ihre nachricht/email/anfrage/mail
danke fur ihre/deine nachricht/email/anfrage/mail
haben ihre nachricht/email erhalten
eingangsbestatigung
merci de/pour votre message/courriel/mail
avons bien recu
accuse de reception
gracias por * mensaje/correo/contactar/contactarnos/escribirnos
hemos recibido
grazie per * contattato/messaggio/email
abbiamo ricevuto
bedankt voor uw/je bericht/email/mail
hebben uw bericht/email ontvangen
ontvangstbevestiging
obrigado/obrigada por/pelo/pela
recebemos
`, polish.receipts, nordic.receipts, japanese.receipts)
	// machineTalk is what only a machine says of itself.
	machineTalk = newPhrases(`
this is an automatic/automated/auto
automatic reply
automatically generated
automated response/reply/message
auto generated
do not reply to this
this mailbox is not monitored
diese email/nachricht wurde automatisch
automatisch generierte/erstellte/erzeugte
automatische antwort
reponse automatique
message automatique
respuesta automatica
mensaje automatico
risposta automatica
messaggio automatico
automatisch bericht/antwoord/gegenereerd
resposta automatica
mensagem automatica
`, polish.machineTalk, nordic.machineTalk, japanese.machineTalk)
)
