package inbound

// germanUses is what Germans object to, or take back, when they want no more mail.
const germanUses = `nutzung/verwendung/verarbeitung/speicherung/zusendung/werbung/datenverarbeitung/kontaktaufnahme/einwilligung/zustimmung/datennutzung/weiterverarbeitung/emails/mails/direktwerbung/werbezwecken`

// openRequests are demands that say nothing of whom they are for: only a sentence that begins with them, courtesies aside, and ends with them is one.
var openRequests = newPhrases(`
stop/quit emailing/mailing/contacting/spamming/messaging
stop/quit writing
stop/quit reaching out
stop it/this/that
please/pls stop
do not email/contact/mail
don t email/contact/mail
dont email/contact/mail
unsubscribe now/immediately
no me envien/envie/manden/mande mas
lassen sie uns * in ruhe
`)

// requests are demands for no more mail, folded; each names the person who asks or the list, so that talk about others does not
// match. See newPhrases for the notation.
var requests = newPhrases(`
unsubscribe me/us
unsubscribe my/this/our email/address/name/mailbox/account
unsubscribe from this/your/the/these/all/any
unsubscribe * from your/this/the/all list/lists/emails/mailings/newsletter/database
unsubscribe immediately/please/now
please unsubscribe
i/we * want/like/wish to unsubscribe
i/we * want/like/wish to be unsubscribed/removed
i/we * want/like/wish to opt out
opt me/us out
opting out of
i opt out
want off * list/lists
remove me/us from
remove me/us please/immediately/now/permanently
remove me/us
remove from list/lists
remove from your/this/the/all mailing/email/mail/contact/distribution/marketing list/lists
not interested unsubscribe/remove
please remove me/us
remove my/our/this * from * list/lists/database/mailing/mailings/records/system/crm
remove my/our email/name/address/data/details
take me/us off
to be taken off
removed from your/this/the * list/lists/database/mailing
take my/our name/email/address off your/this/the * list/lists/database/mailing/mailings
delete me/us from
delete my/our email/address/data/details/contact/information/record/records
erase my data
stop/quit emailing/mailing/contacting/spamming/writing/bothering/messaging me/us
stop/quit writing to me/us
stop/quit reaching out to me/us
stop sending me/us
stop sending * email/emails/mails/messages/these/this
stop these/the/all/your emails/mails/messages/mailings
stop with * emails/mails
do not email/contact/mail/write/message me/us
refrain from contacting/emailing/mailing/messaging/spamming/writing me/us
refrain from sending * emails/mails/messages/newsletters
don t email/contact/mail/write/message me/us
dont email/contact/mail me/us
do not send me/us any/more/further/these/such/this/emails/mails/messages/email/mail/newsletters/marketing/promotional/unsolicited/spam
do not send any/more/further * emails/mails/messages
don t send me/us any/more/further/these/such/this/emails/mails/messages/email/mail/newsletters/marketing/promotional/unsolicited/spam
don t send any/more/further * emails/mails/messages
dont send me/us any/more/further/these/such/this/emails/mails/messages/email/mail/newsletters
never email/contact/write/mail me/us
do not want * more/further emails/mails/messages/mailings
don t want * more/further emails/mails/messages/mailings
do not want to receive/get any/anything/these/this/such/more/further/your/it/emails/mails/messages/newsletters/marketing/promotional/spam
do not want to hear from/anything you/your/this/any/about/more
don t want to receive/get any/anything/these/this/such/more/further/your/it/emails/mails/messages/newsletters/marketing/promotional/spam
don t want to hear from/anything you/your/this/any/about/more
do not want these/this/your/any/such emails/mails/messages/newsletters/spam
don t want these/this/your/any/such emails/mails/messages/newsletters/spam
do not wish to receive any/anything/these/this/such/more/further/your/it/emails/mails/messages/newsletters/marketing/promotional/spam
do not wish to be contacted/emailed/mailed/spammed/bothered/subscribed/on
no longer want/wish to receive
no longer wish/want to be contacted/emailed/on
cease * contact/emails/communication/communications
cease and desist
no more/further emails/mails/messages/mailings please
no more/further emails/mails/messages/mailings
discontinue sending/emailing/mailing/contacting
discontinue these/all/your/the emails/mails/messages/mailings
unenroll/unenrol me/us
add/put me/us to/on * do not contact/email/mail
add/put me/us to/on your/the suppression/opt/unsubscribe
block my/our address/email
leave me/us alone
delete/erase all my/our data/details/information/records
delete/erase all * personal data/details/information
delete/erase all data/details/information
please no more/further
object to * processing/marketing
withdraw/revoke my/our consent/permission
i am not interested remove
lose my email/address
abmelden bitte
bitte * abmelden
bitte * abbestellen
bitte * austragen
bitte * abzumelden
melden sie mich * ab
tragen sie mich * aus
tragt mich * aus
mich vom/von/aus/aus/von * abmelden/austragen/loschen/entfernen/streichen/nehmen
mich * austragen/abmelden
nehmen sie mich/uns * aus/von
nehmen sie meine/unsere adresse/emailadresse/mailadresse/email * aus/von
nehmt mich * aus/von
streichen sie mich
entfernen sie mich
entfernen sie meine
loschen sie mich/uns
loschen sie bitte mich/uns
loschen sie bitte diese/die/meine/unsere * daten/adresse/emailadresse/mailadresse/kontaktdaten
loschen sie alle/samtliche daten/adressen/kontaktdaten
loschen sie alle/samtliche meine/unsere * daten/adressen/kontaktdaten
loschen sie diese/die/meine/unsere * daten/adresse/emailadresse/mailadresse/kontaktdaten
loscht mich/uns
loscht meine/unsere * daten/adresse/emailadresse/mailadresse/kontaktdaten
bitte * meine/unsere * daten/adresse/emailadresse/mailadresse/kontaktdaten * loschen/entfernen
aus * verteiler/liste/mailingliste/verteilerliste streichen/nehmen/entfernen/loschen
keine weiteren email/emails/mails/nachrichten/newsletter/werbung/zusendungen/kontaktaufnahmen
keine weitere kontaktaufnahme/werbung/zusendung
kein interesse/bedarf an weiteren emails/mails/nachrichten/informationen/zusendungen
von weiteren/weiterer/kunftigen * abzusehen
sehen sie von weiteren/weiterer/kunftigen * ab
keine emails/mails/newsletter/werbung mehr
keine * emails/mails/newsletter/nachrichten mehr
nicht mehr anschreiben/kontaktieren/anmailen
nicht mehr anzuschreiben/anzumailen
nicht mehr zu kontaktieren
schreiben sie mir/uns nicht mehr
schreibt mir/uns nicht mehr
kontaktieren sie mich/uns nicht
belastigen sie mich/uns
lassen sie mich * in ruhe
lasst/lass mich/uns * in ruhe
schicken/senden sie mir * keine
von der/ihrer/eurer * liste/verteilerliste nehmen/streichen/loschen/entfernen
horen sie * auf mir/uns zu
hor/hort auf mit * spam/mails/emails
melde ich mich * newsletter/verteiler/liste ab
melde mich * newsletter/verteiler/liste ab
kundige ich den newsletter
hort auf mir/uns
unterlassen sie
widerspreche/widerrufe * `+germanUses+`
widerspreche/widerrufe * der/dem/jeder/jeglicher/meine/meiner/den * `+germanUses+`
widerspruch/widerspreche * art/artikel/dsgvo
widerspruch gegen * `+germanUses+`
bitte um * loschung/streichung/entfernung/austragung/abmeldung aus/von/vom/meiner/meines
loschung meiner daten/adresse/kontaktdaten
mochte * abbestellen/abmelden
desabonnez/desinscrivez/retirez/supprimez/enlevez/rayez moi
me desabonner/desinscrire
de me desabonner/desinscrire
me retirer/supprimer/enlever de
nous desabonner/desinscrire
retirez/supprimez/enlevez mon/mes/notre/nos * adresse/adresses/email/mail/coordonnees/donnees/nom/contact
retirer/supprimer mon/mes adresse/email/mail/coordonnees/donnees
retirer mon adresse
ne m envoyez plus
ne plus m envoyer/ecrire/adresser
laissez/foutez/fichez moi tranquille
laissez/foutez/fichez moi la paix
ne plus recevoir
plus recevoir * mails/emails/messages/courriels
ne souhaite plus recevoir/etre
ne veux plus recevoir
ne me contactez plus
ne plus me/nous contacter/solliciter/ecrire
ne me/nous sollicitez plus
ne m ecrivez plus
arretez/cessez de m/nous
arretez/cessez de me contacter/solliciter/ecrire/spammer/harceler/mailer/relancer
arreter/cesser de me/m/nous contacter/solliciter/ecrire/spammer/envoyer/mailer/relancer
arreter/cesser/arretez/cessez vos/tout/toute/tous/toutes/ces/cet envois/envoi/mails/emails/sollicitations/sollicitation/messages/relances/spam/spams
ne veux/voulons/souhaite/souhaitons plus de/vos/aucun * mails/emails/messages/sollicitations/courriels
stop aux mails
desabonnement svp
m oppose a/au * traitement/utilisation/reception/prospection/envoi/demarchage/conservation/sollicitations
m oppose a/au * ces/cet/tout/toute/vos/cette * mails/emails/sollicitations/prospection
demande * desinscription/desabonnement
plus de mails/emails/courriels/messages/newsletter svp/merci/s
plus aucun mail/message/courriel
suppression/retrait de mon/mes
ma desinscription
mon desabonnement
darme/dame/darnos/denme/deme/dadme de baja
dar de baja mi/este/esta
me den/de/deis de baja
solicito/pido/ruego/solicitamos la * eliminacion/supresion/cancelacion/baja * datos/correo/direccion/suscripcion/lista/email
no mas correos/emails/mails/mensajes/publicidad
me opongo a/al * tratamiento/uso/recibir/envio/publicidad/recepcion
solicito la baja
quiero * baja
desuscribirme/desuscribanme/desuscribame/desuscribeme
cancelar mi/la suscripcion
quitenme/quiteme/quitame/quitadme/borradme/eliminadme/sacadme/dadme/eliminenme/elimineme/eliminame/borrenme/borreme/borrame/saquenme/saqueme/retirenme
eliminar/borrar/eliminen/borren mi/mis correo/direccion/datos/email
eliminen mis datos
no me escriban/escriba/escribais/contacten/contacte/contacteis
no me envien/envie/envies/envieis/manden/mande/mandes/mandeis * correos/correo/emails/email/mails/mail/mensajes/publicidad/nada/informacion/newsletter/newsletters/spam
no enviar/enviarme/mandar/mandarme mas correos/emails/mails/mensajes/publicidad
me elimine/eliminen/quite/quiten/borre/borren/saque/saquen de
removerme/remuevanme/remuevame de
dejenme/dejeme/dejadme/dejame en paz
no quiero recibir
no deseo recibir
no quiero/deseo * mas correos/emails/mensajes
dejen/deje/deja de enviar/mandar/enviarnos correos/emails/mensajes/publicidad
dejen/deje/deja de enviarme/escribirme/mandarme/contactarme/molestarme
dejar de recibir
cancellatemi/cancellami/disiscrivetemi/disiscrivimi/rimuovetemi/rimuovimi/toglietemi/toglimi/eliminatemi
cancellarmi/disiscrivermi/rimuovermi/togliermi/eliminarmi
mi cancelli/rimuova/tolga/disiscriva
cancellare/rimuovere/cancellate/rimuovete/eliminate il mio/la mia
cancellare/rimuovere/cancellate/rimuovete/eliminate i miei
rimuovere/cancellare il mio
essere cancellato/cancellata/rimosso/rimossa/disiscritto/disiscritta/eliminato/eliminata
non voglio/desidero piu ricevere
non desidero ricevere
non voglio ricevere
non inviatemi/mandatemi/scrivetemi/contattatemi piu/altre
non mi inviate/mandate/scrivete/contattate piu
smettete/smettetela di
annullare l iscrizione
chiedo/richiedo/chiediamo/richiediamo la * cancellazione/rimozione * dati/dato/nominativo/indirizzo/email/mailing/lista/newsletter/contatto/contatti
basta email/emails/mail/mails/spam/messaggi/newsletter/pubblicita
mi oppongo al/alla/all/a * trattamento/invio/uso/utilizzo/ricezione
revoco il * consenso
schrijf/schrijft mij/me uit
schrijf/schrijft mij/me * uit
haal/haalt mij/me * van/uit
mij/me uitschrijven/afmelden
mij/me * uit te schrijven
mij/me van/uit * lijst/mailinglijst/mailinglist/verzendlijst halen/verwijderen
verwijder mij/me/mijn
verwijdert u mij/mijn
mij/me te verwijderen
mijn * te verwijderen
verwijderen uit/van jullie/uw/je/het/de * bestand/lijst/database/mailinglijst/mailinglist/verzendlijst
wil/graag * uitschrijven/afmelden
geen emails/mails/mailings/berichten/nieuwsbrieven meer
geen * mails/emails/berichten meer
stuur mij/me geen
stuur me * niet meer
niet meer mailen/benaderen/contacteren
niet meer te mailen/benaderen/contacteren
laat me/mij/ons met rust
niet langer * ontvangen
mail mij/me niet meer
stop met mailen
maak bezwaar
verzoek * verwijdering/uitschrijving
me descadastrar/descadastrem/descadastre/remover/remova/removam/retirar/retire/retirem/excluir/exclua/excluam
remova/removam/retire/retirem/exclua/excluam/apague/apaguem me
remova/removam/retire/retirem/exclua/excluam/apague/apaguem meu/meus/nosso email/emails/endereco/dados/contato/contacto/nome/cadastro
remova/removam/retire/retirem/exclua/excluam/apague/apaguem o/os/a meu/meus/nosso/nossos/minha email/emails/endereco/dados/contato/contacto/nome/cadastro/inscricao
sair da/desta/dessa lista/mailing
sair de * lista/mailing
descadastrar/descadastre/descadastrem meu/o/este/esse
retirem/removam/retire/remova me
remover/excluir/retirar meu/o/nosso
cancelar/cancelem * inscricao/subscricao/assinatura/newsletter
nao quero mais receber
nao quero receber
nao desejo mais receber
nao desejo receber
nao pretendo receber
nao me enviem/envie/mandem/mande/escrevam/contactem/contatem
deixar de receber
solicito/peco/solicitamos a/o * remocao/exclusao/eliminacao/cancelamento * lista/dados/contato/contacto/email/nome/endereco/cadastro/subscricao/inscricao/assinatura
oponho me ao/a * tratamento/envio/uso/recebimento/utilizacao
parem/pare/pararem de me/enviar/mandar
`, polish.requests, nordic.requests, japanese.requests)
