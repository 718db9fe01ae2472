package inbound

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
remove me/us from
remove me/us please/immediately/now/permanently
remove me/us
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
stop emailing/mailing/contacting/spamming/writing/bothering/messaging me/us
stop sending me/us
stop sending * email/emails/mails/messages/these/this
stop these/the/all/your emails/mails/messages/mailings
stop with * emails/mails
do not email/contact/mail/write/message me/us
don t email/contact/mail/write/message me/us
dont email/contact/mail me/us
do not send me/us any/more/further/these/such/this/emails/mails/messages/email/mail/newsletters
don t send me/us any/more/further/these/such/this/emails/mails/messages/email/mail/newsletters
dont send me/us any/more/further/these/such/this/emails/mails/messages/email/mail/newsletters
never email/contact/write/mail me/us
do not want * more/further emails/mails/messages/mailings
don t want * more/further emails/mails/messages/mailings
do not want to receive/get
don t want to receive/get/hear
do not wish to receive/be
no longer want/wish to receive
no longer wish to be contacted
cease * contact/emails/communication/communications
no more/further emails/mails/messages/mailings please
no more/further emails/mails/messages/mailings
discontinue sending/emailing/mailing/contacting
leave me/us alone
delete all my/our data/details/information/records
please no more/further
object to * processing/marketing
withdraw my consent
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
nehmen sie mich * aus/von
nehmt mich * aus/von
streichen sie mich
entfernen sie mich
entfernen sie meine
loschen sie mich/meine/bitte
bitte loschen sie
bitte * meine * loschen/entfernen
aus * verteiler/liste/mailingliste/verteilerliste streichen/nehmen/entfernen/loschen
keine weiteren email/emails/mails/nachrichten/newsletter/werbung/zusendungen
keine emails/mails/newsletter/werbung mehr
keine * emails/mails/newsletter/nachrichten mehr
nicht mehr anschreiben/kontaktieren/zu kontaktieren
schreiben sie mir nicht mehr
kontaktieren sie mich nicht
schicken/senden sie mir * keine
von der/ihrer/eurer * liste/verteilerliste nehmen/streichen/loschen/entfernen
horen sie auf mir/uns
hort auf mir/uns
unterlassen sie
ich widerspreche/widerrufe
widerspreche/widerrufe ich
widerspruch gegen
bitte um * loschung/streichung/entfernung/austragung/abmeldung aus/von/vom/meiner/meines
loschung meiner daten/adresse/kontaktdaten
mochte * abbestellen/abmelden
desabonnez/desinscrivez/retirez/supprimez/enlevez/rayez moi
me desabonner/desinscrire
de me desabonner/desinscrire
me retirer/supprimer/enlever de
nous desabonner/desinscrire
retirez/supprimez/enlevez mon/mes/notre
retirer/supprimer mon/mes adresse/email/mail/coordonnees/donnees
retirer mon adresse
ne m envoyez plus
ne plus m envoyer
ne plus recevoir
plus recevoir * mails/emails/messages/courriels
ne souhaite plus recevoir/etre
ne veux plus recevoir
ne me contactez plus
ne plus me/nous contacter/solliciter/ecrire
ne me/nous sollicitez plus
ne m ecrivez plus
arretez/cessez de m
arretez vos
stop aux mails
desabonnement svp
je m oppose
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
me opongo
solicito la baja
quiero * baja
desuscribirme/desuscribanme/desuscribame/desuscribeme
cancelar mi/la suscripcion
quitenme/quiteme/quitame/quitadme/borradme/eliminadme/sacadme/dadme/eliminenme/elimineme/eliminame/borrenme/borreme/borrame/saquenme/saqueme/retirenme
eliminar/borrar/eliminen/borren mi/mis correo/direccion/datos/email
eliminen mis datos
no me envien/envie/envies/envieis/manden/mande/mandes/mandeis/escriban/escriba/escribais/contacten/contacte/contacteis
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
mi oppongo
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
niet meer mailen/benaderen/contacteren/te mailen/te benaderen
niet langer * ontvangen
mail mij/me niet meer
stop met mailen
maak bezwaar
verzoek * verwijdering/uitschrijving
me descadastrar/descadastrem/descadastre/remover/remova/removam/retirar/retire/retirem/excluir/exclua/excluam
remova/removam/retire/retirem/exclua/excluam/apague/apaguem me/meu/o/os
descadastrar/descadastre/descadastrem meu/o/este/esse
retirem/removam/retire/remova me
remover/excluir/retirar meu/o/nosso
cancelar a/minha minha/inscricao/subscricao/assinatura
cancelar a minha
cancelem a minha
nao quero mais receber
nao quero receber
nao desejo mais receber
nao desejo receber
nao pretendo receber
nao me enviem/envie/mandem/mande/escrevam/contactem/contatem
deixar de receber
solicito/peco/solicitamos a/o * remocao/exclusao/eliminacao/cancelamento * lista/dados/contato/contacto/email/nome/endereco/cadastro/subscricao/inscricao/assinatura
oponho me
parem/pare/pararem de me/enviar/mandar
`, polish.requests, nordic.requests, japanese.requests)
