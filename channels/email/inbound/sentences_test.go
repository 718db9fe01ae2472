package inbound_test

import (
	"strings"
	"testing"

	"nurture/channels/email/inbound"
)

// These sentences were written after the tables of words, to see how far they reach; the corpus has whole mails.

func sentence(head, text string) inbound.Classification {
	return inbound.Classify(inbound.Parse([]byte("From: Jane Doe <jane@prospects.test>\nDate: Wed, 07 Jan 2026 10:12:00 -0500\n"+
		"Content-Type: text/plain; charset=utf-8\n"+head+"\n"+text)), now)
}

const threaded = "Subject: Re: A short idea\nIn-Reply-To: <touch-71@ourco.test>\n"

func TestAskedToUnsubscribe(t *testing.T) {
	t.Parallel()
	for text := range strings.SplitSeq(`Pls remove me
take me off this list!!
I never signed up for this. Remove me.
Unsubscribe please. Regards, John Smith, CEO
Kindly delete my email address from your database
do not send me any more emails
Please stop.
OPT OUT
Opt-out please
No more emails.
Please discontinue sending me emails.
Leave me alone
Please delete all my data.
I must have signed up by mistake. Please unsubscribe me.
unsubscribe - Jane Doe
Please unsubscribe jane@prospects.test
Not interested - unsubscribe
Not interested. Please unsubscribe.
Not interested, please remove me from your list
Stop sending me these emails every week
unsubscribe me now, this is spam
Bitte aus dem Verteiler löschen.
Bitte nehmen Sie mich aus dem Verteiler
Ich möchte keine Mails mehr von Ihnen erhalten
Bitte keine Werbung mehr!
Bitte von der Liste nehmen
Hören Sie auf, mir zu schreiben.
Bitte streichen Sie mich aus Ihrer Liste. Danke.
Bitte senden Sie mir keine weiteren E-Mails
Merci de me retirer de votre liste de diffusion
Je souhaite me désinscrire
Veuillez supprimer mon adresse de vos fichiers
Merci de ne plus m'envoyer de mails
Veuillez ne plus me solliciter.
Por favor borradme de vuestra lista
No me mandéis más correos
Deseo cancelar mi suscripción
Quiero darme de baja
Vi chiedo di cancellare il mio nominativo
Non desidero più ricevere vostre comunicazioni
Chiedo di essere cancellato dalla vostra mailing list
Gelieve mij uit te schrijven
Ik wens geen mails meer te ontvangen
Wilt u mij van uw mailinglijst verwijderen?
Favor remover meu e-mail da lista
Não desejo mais receber seus e-mails
quero cancelar a inscrição
Por favor retirem o meu endereço da vossa lista`, "\n") {
		if c := sentence(threaded, text); c.Kind != inbound.KindUnsubscribe {
			t.Errorf("%q is %s, %s", text, c.Kind, c.SuggestedMeaning)
		}
	}
}

func TestAskedAboveASignature(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]inbound.Kind{
		"UNSUBSCRIBE\n\nJane Doe\nChief Procurement Officer\nProspects Ltd": inbound.KindUnsubscribe,
		"Stop please\n\nJane\nProspects Ltd, Big City":                      inbound.KindUnsubscribe,
		"Stop!\n\nI love it. Call me":                                       inbound.KindReply,
		"Unsubscribe\n\nis what I will do if this goes on":                  inbound.KindReply,
		"Remove\n\nJane Doe\nwhat does that word in your mail mean?":        inbound.KindReply,
	} {
		if c := sentence(threaded, text); c.Kind != want {
			t.Errorf("%q is %s: %s", text, c.Kind, c.Why)
		}
	}
}

// TestAskedBySubject: who writes a request over a mail, and in it only thanks or a signature, has asked.
func TestAskedBySubject(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Thank you", "Thanks,\nJane Doe\nCFO", "Jane Doe\nCFO\nProspects Ltd", "I am not interested."} {
		for _, head := range []string{"Subject: UNSUBSCRIBE\n", "Subject: Please take me off your mailing list\n", "Subject: Bitte nehmen Sie mich aus dem Verteiler!\n", "Subject: Please remove me\nIn-Reply-To: <touch-71@ourco.test>\n"} {
			if c := sentence(head, text); c.Kind != inbound.KindUnsubscribe {
				t.Errorf("%q below %q is %s", text, head, c.Kind)
			}
		}
	}
	for head, text := range map[string]string{
		"Subject: Please remove me from the meeting invite\n":            "Thank you",
		"Subject: Re: Stop sending me cold leads\n":                      "Thank you",
		"Subject: Unsubscribe\n":                                         "How does one do that at your firm?",
		"Subject: Stop\n":                                                "Please do not remove me, I only wanted to say hello.",
		"Subject: Re: Unsubscribe\nIn-Reply-To: <touch-71@ourco.test>\n": "Thank you",
		"Subject: Remove\n":                                              "Sounds good, call me tomorrow.",
	} {
		if c := sentence(head, text); c.Kind != inbound.KindReply {
			t.Errorf("%q below %q is %s", text, head, c.Kind)
		}
	}
}

// TestPeopleThroughFirmsPrograms: servers and programs for customers put headers on what people write that bulk mail has too.
func TestPeopleThroughFirmsPrograms(t *testing.T) {
	t.Parallel()
	for _, head := range []string{
		"Subject: please stop\nFeedback-ID: ::1.us-east-1.xx:AmazonSES\n",
		"Subject: please stop\nPrecedence: bulk\nX-Auto-Response-Suppress: All\n",
	} {
		if c := sentence(head, "Please remove me from your list."); c.Kind != inbound.KindUnsubscribe {
			t.Errorf("%q is %s/%s: %s", head, c.Kind, c.Subkind, c.Why)
		}
		if c := sentence(head, "Yes, call me tomorrow."); c.Kind != inbound.KindReply {
			t.Errorf("%q is %s/%s: %s", head, c.Kind, c.Subkind, c.Why)
		}
	}
}

// TestAskedUnderHints: what only looks automatic does not silence a request.
func TestAskedUnderHints(t *testing.T) {
	t.Parallel()
	const text = "I am on vacation. Please remove me from your list."
	if c := sentence("Subject: On vacation\n", text); c.Kind != inbound.KindUnsubscribe {
		t.Errorf("%s/%s: %s", c.Kind, c.Subkind, c.Why)
	}
	for _, proof := range []string{"Auto-Submitted: auto-replied\n", "Return-Path: <>\n"} {
		if c := sentence("Subject: On vacation\n"+proof, text); c.Subkind != inbound.AutoOutOfOffice {
			t.Errorf("%s: %s/%s: %s", proof, c.Kind, c.Subkind, c.Why)
		}
	}
}

func TestFirmNamedStop(t *testing.T) {
	t.Parallel()
	c := inbound.Classify(inbound.Parse([]byte("From: Stop Hunger <office@stophunger.test>\n"+threaded+"\nThank you. Stop Hunger")), now)
	if c.Kind != inbound.KindReply {
		t.Errorf("%s: %s", c.Kind, c.Why)
	}
}

// TestAskedBesideTheText: what looks like a greeting, a signature, a gateway's banner or a disclaimer and asks for no more mail is none.
func TestAskedBesideTheText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Hi Bob,\nThanks, unsubscribe me",
		"Not for us.\n\nThanks, remove me please",
		"No thanks.\n\nBest,\nJohn\n\nPlease remove me from your list.",
		"No thanks.\n\nBest regards\nPlease unsubscribe me",
		"Kein Bedarf.\n\nViele Grüße\nAnna Meier\n\nBitte nehmen Sie mich aus dem Verteiler.",
		"Warning: do not email me again.",
		"Attention: please remove me from your email list.",
		"Warning to the sender: stop emailing me.\n\nJane",
		"This email address is confidential, please remove me from your list and never write to it again.",
		"This message is unsolicited. It is a privileged address. Remove me from your list.",
	} {
		if c := sentence(threaded, text); c.Kind != inbound.KindUnsubscribe {
			t.Errorf("%q is %s, visible %q", text, c.Kind, c.VisibleText)
		}
	}
	if c := sentence(threaded, "No need.\nThanks, please stop"); !strings.HasSuffix(c.VisibleText, "please stop") {
		t.Errorf("visible is %q", c.VisibleText)
	}
	for _, text := range []string{
		"Call me.\n\nBest regards\nJane\nUnsubscribe",
		"Call me.\n\nBest regards\nJane\nUnsubscribe from this list",
		"Call me.\n\nThis e-mail is confidential. Please do not send us any personal data by e-mail and delete it if it is not for you.",
		"Call me.\n\nThanks, Bob",
	} {
		if c := sentence(threaded, text); c.Kind != inbound.KindReply || c.VisibleText != "Call me." {
			t.Errorf("%q is %s, visible %q", text, c.Kind, c.VisibleText)
		}
	}
}

func TestNotAskedToUnsubscribe(t *testing.T) {
	t.Parallel()
	for text := range strings.SplitSeq(`Who unsubscribed me?
Please unsubscribe bob@prospects.test
Please opt me in
No more emails than one a week, fine by me
I was removed by mistake, please unsubscribe nobody
I unsubscribed by mistake. Please keep the mails coming, do not remove me
I don't want you to remove me from the list
Can I unsubscribe at any time if we sign up?
Our customers unsubscribe from newsletters too often; can you help?
Please remove the second paragraph from the offer
Stop by our booth next week!
Please remove me from the meeting invite, I cannot make it
Please don't contact me by phone, email is better
Please do not send me the attachment again, it is too large
Don't contact me until March
Do not email me before Friday
To unsubscribe from this list, click here
To unsubscribe from this list, reply with STOP
You can unsubscribe from your newsletter any time, great.
Pour ne plus recevoir nos messages, cliquez ici
Pour vous désabonner, cliquez ici
Um sich abzumelden, klicken Sie hier
Para deixar de receber estes e-mails, clique aqui
Para dejar de recibir estos correos responda BAJA
Per cancellarsi dalla lista cliccare qui
Reply STOP to unsubscribe
No longer want to receive these emails? Unsubscribe here
If you no longer wish to receive these emails please unsubscribe
I was told that you can unsubscribe me from the old system and move me to the new one?
Bitte melden Sie mich für den Newsletter an
Kann ich mich später wieder abmelden?
Bitte meinen Kollegen Herrn Lang abmelden
Please take my name off the invoice? No, off the meeting list I mean.
Merci de m'envoyer plus de mails comme celui-ci
I will not unsubscribe
Never unsubscribe me haha
Keine weiteren Fragen, danke
Bitte keine Anrufe, nur E-Mails
We remove customers from the list when they ask
Ik wil me graag inschrijven
No quiero darme de baja
Non voglio cancellarmi
Please stop the presses, this is great
Stop! I love it. Call me
Unsubscribe is a great book
What happens when somebody writes unsubscribe?
I clicked unsubscribe by mistake, please keep me on the list
The unsubscribe link in your mail is broken
Our legal team asks how you handle people who want to unsubscribe.
Please delete my previous email, it had the wrong numbers.
We want to be removed from the waiting list and start now!
Please add me to your list and do not remove me again
Please stop sending me PDFs, a link is enough
Bitte rufen Sie mich nicht mehr an, schreiben Sie lieber
Ne m'appelez plus, écrivez-moi
No me llame más, mejor por correo`, "\n") {
		if c := sentence(threaded, text); c.Kind != inbound.KindReply {
			t.Errorf("%q is %s: %s", text, c.Kind, c.Why)
		}
	}
}

func TestSuggestedMeaning(t *testing.T) {
	t.Parallel()
	for line := range strings.SplitSeq(`interested|I'd be happy to jump on a call next week.
interested|Sure, let's do it. Does Thursday 3pm work?
interested|Thanks for reaching out, could you send over pricing and a deck?
interested|Yes, I am interested
not_interested|We're all set, thanks.
not_interested|Thanks but we're happy with our current provider.
not_interested|Not a priority for us.
not_now|We just signed a contract, ping me again in 6 months
not_now|Please follow up in Q2 when our budget is approved
not_now|I'm swamped this week, can you try me after the 20th?
not_now|Aktuell haben wir keinen Bedarf, kommen Sie gern im Herbst auf mich zu
not_now|Reach back out in the fall
referral|Looping in Kim (kim@p2.test) who owns this.
referral|You should talk to our CFO, Ann Wu: ann@p2.test
referral|Ich habe Ihre Mail an meine Kollegin Frau Lang (lang@f.test) weitergeleitet.
wrong_person|Wrong person, I work in HR.
question|How did you get my address?
left_company|Jane has left the company last month.
interested|I have left the office for today. Tell me more tomorrow.
interested|Gerne, passt Ihnen Donnerstag um 10 Uhr?
not_interested|Das ist für uns nicht relevant.
interested|Oui, pourquoi pas, envoyez-moi une documentation
not_now|Revenez vers moi au deuxième trimestre
not_interested|Ce n'est pas d'actualité pour nous, merci
interested|Claro, podemos hablar el jueves
not_interested|No es de nuestro interés
interested|Certo, sentiamoci giovedì
not_now|Al momento non siamo interessati
interested|Prima, laten we donderdag bellen
not_interested|Niet interessant voor ons
interested|Pode enviar mais informações?
interested|Sim, vamos conversar na quinta-feira`, "\n") {
		want, text, _ := strings.Cut(line, "|")
		if c := sentence(threaded, text); c.SuggestedMeaning != want || c.Kind != inbound.KindReply {
			t.Errorf("%q is %s, %q", text, c.Kind, c.SuggestedMeaning)
		}
	}
}

const automatic = "Subject: Automatic reply: A short idea\nAuto-Submitted: auto-replied\n"

// TestAwayIsNotGone: whoever is away for a day, or only speaks of a colleague who left, has not left; that would end the lead's cadence.
func TestAwayIsNotGone(t *testing.T) {
	t.Parallel()
	for text := range strings.SplitSeq(`I have left the office for the day and will reply tomorrow.
I have left the office for the Christmas holidays and will be back on 15 January.
I've left for parental leave. Please contact bob@prospects.test.
I am out of the office. My last day at work was 2 January, I am back on 19 January.
I no longer work on Fridays. I will read your mail on Monday.
Please note that I do not work on Fridays any more.
I no longer work full time and am in the office in the mornings.
I am no longer at my desk today.
I am away this week. Jane has left for lunch.
Our office manager Kim has retired. I am travelling, and will answer next week.
I am on leave. Please note that Bob Miller is no longer with us; for urgent matters write to kim@prospects.test.
Ich habe das Büro für heute verlassen und bin morgen wieder da.
Ich bin nicht mehr im Büro. Ab Montag bin ich wieder erreichbar.
Ich bin heute nicht mehr im Haus.
Ich arbeite nicht mehr freitags.
Ich bin im Urlaub. Herr Lang ist nicht mehr bei uns tätig, bitte wenden Sie sich an Frau Weber.
J'ai quitté le bureau, de retour lundi.
Je ne travaille plus le vendredi.
He dejado la oficina hasta el lunes.
Ya no trabajo los viernes.
Ho lasciato l'ufficio, rientro lunedì.
Non lavoro più il venerdì.
Ik heb het kantoor verlaten tot maandag.
Ik werk niet meer op vrijdag.
Não trabalho mais às sextas.`, "\n") {
		if c := sentence(automatic, text); c.Subkind != inbound.AutoOutOfOffice {
			t.Errorf("%q is %s: %s", text, c.Subkind, c.Why)
		}
	}
}

func TestGoneForGood(t *testing.T) {
	t.Parallel()
	for text := range strings.SplitSeq(`I have left Prospects Ltd. Please write to kim@prospects.test.
I no longer work here. My last day was on Friday.
Jane Doe is no longer with the company as of Monday. The office will answer.
Jane has left the company, please contact our Bonn office.
Please note that today was my last day at Prospects. Bob will take over.
Jane Doe left the company on Friday. This mailbox is not read.
Frau Lang ist seit heute nicht mehr im Unternehmen.
Ich habe das Unternehmen am Freitag verlassen.
Je ne travaille plus chez Prospects depuis lundi.
Ya no trabajo en esta empresa.
Non lavoro più in azienda.
Ik werk niet meer bij Prospects.
Não trabalho mais na Prospects.`, "\n") {
		if c := sentence(automatic, text); c.Subkind != inbound.AutoLeftCompany {
			t.Errorf("%q is %s: %s", text, c.Subkind, c.Why)
		}
	}
}

// TestReturnDate reads notices of Wednesday, 7 January 2026, in New York.
func TestReturnDate(t *testing.T) {
	t.Parallel()
	for line := range strings.SplitSeq(`2026-01-19|I'm currently out of the office, returning Monday the 19th of January.
2026-01-19|I will be out of office starting January 5, 2026 through January 18, 2026.
2026-01-12|Thanks for your mail. I'm OOO today and tomorrow, back in the office on Monday.
2026-01-15|I am out of office 01/07/2026 - 01/14/2026
2026-01-20|Out of office. Back on Tue, Jan 20.
2026-01-14|I am out until Wednesday, January 14th with no access to email. For urgent matters call 555-1234.
2026-02-02|I am on sabbatical until 02.02.2026.
2026-01-19|Ich bin vom 22.12.2025 bis einschließlich 18.01.2026 im Urlaub.
2026-01-19|Vielen Dank für Ihre E-Mail. Ich bin ab Montag, 19.01.2026, wieder für Sie erreichbar.
2026-01-19|Ich befinde mich bis zum 19.01.2026 im Urlaub. Meine E-Mails werden nicht weitergeleitet.
2026-01-19|Ich bin erst am 19. Januar zurück im Büro
2026-01-16|Bin heute nicht da, ab Freitag, dem 16. Januar bin ich zurück.
2026-01-12|Je suis en congés et serai de retour le lundi 12 janvier 2026.
2026-01-17|Je suis absente du bureau du lundi 5 janvier au vendredi 16 janvier inclus.
2026-01-19|Je serai absent jusqu'au 19/01/2026.
2026-01-12|Estoy de vacaciones y regresaré el lunes 12 de enero.
2026-01-16|Me encuentro fuera de la oficina del 22 de diciembre al 15 de enero, ambos inclusive.
2026-01-12|Sono in ferie, rientrerò in ufficio il 12 gennaio 2026.
2026-01-10|Sarò assente dal 24/12/2025 al 09/01/2026.
2026-01-12|Ik ben op vakantie. Maandag 12 januari ben ik weer bereikbaar.
2026-01-10|Ik ben afwezig t/m 9 januari.
2026-01-12|Estou de férias, regresso a 12 de janeiro.
2026-01-13|Estarei fora do escritório entre 5 e 12 de janeiro.
2026-01-19|I'm away on business until Jan. 19. I will reply then.
|I am out of the office with no access to mail.
2026-01-09|I am out sick today and plan to return on Friday.
2026-01-09|Office closed until 9 Jan 2026 due to the holidays. I will be out of the office.
2026-01-19|I'm away, back Monday 19/1.
2026-01-13|Vom 5. bis zum 12. Januar bin ich nicht erreichbar.
2026-01-13|Ich bin von Montag, dem 5. Januar, bis Montag, dem 12. Januar abwesend.
2026-02-09|Je suis en congés du 26 janvier au 8 février 2026.
2026-01-31|I am on leave until the end of January.
2026-02-15|I am on leave and return mid February.
2026-04-01|I am on leave and return in Q2.
2026-07-01|I am on leave and will be back in the third quarter of 2026.
2027-01-01|I am on leave and will be back next year.
2026-02-01|I am on leave and will be back next month.
2026-02-16|Ik ben met verlof en terug in week 8.
2026-02-16|Ich bin in Elternzeit und in KW8 wieder im Büro.
2026-03-07|I am on leave and will be back in a couple of months.
2026-01-10|I am away and will be back in 3 days.
2026-09-01|I am on leave and will be back after the summer.
|I am away from 12 January on.
|I am out of the office. My number is 2026 15 99.
|I am out of the office 24/7 it seems. We ship version 2.5 soon.
|I was out of the office on 31.02.2026 and 2026-13-01.`, "\n") {
		want, text, _ := strings.Cut(line, "|")
		c := sentence("Subject: Automatic reply: A short idea\nAuto-Submitted: auto-replied\n", text)
		if c.ReturnDate != want || c.Subkind != inbound.AutoOutOfOffice {
			t.Errorf("%q: %s, %q, want %q", text, c.Subkind, c.ReturnDate, want)
		}
	}
}

// TestAbsenceIsNoBounce: an absence comes without an envelope sender, as bounces do, and its subject is ours, which may speak of deliveries.
func TestAbsenceIsNoBounce(t *testing.T) {
	t.Parallel()
	for subject := range strings.SplitSeq(`Automatic reply: Fewer failed delivery attempts
Automatische Antwort: Delivery error rates halved
Auto: Undelivered parcels cost you money
Out of office: Re: delivery delayed?`, "\n") {
		c := sentence("Return-Path: <>\nAuto-Submitted: auto-replied\nSubject: "+subject+"\n",
			"I am out of the office until 15 January. Please note that our old address no longer exists.")
		if c.Subkind != inbound.AutoOutOfOffice {
			t.Errorf("%q is %s/%s: %s", subject, c.Kind, c.Subkind, c.Why)
		}
	}
}

// TestDepartmentIsNoMailSystem: "delivery" and "exchange" are names of mail systems, and of departments.
func TestDepartmentIsNoMailSystem(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"delivery", "exchange"} {
		c := inbound.Classify(inbound.Parse([]byte("Return-Path: <"+name+"@prospects.test>\nFrom: "+name+"@prospects.test\nSubject: Re: Fewer failed delivery attempts\n"+
			"Date: Wed, 07 Jan 2026 10:12:00 -0500\n\nPlease call me tomorrow.\n")), now)
		if c.Kind != inbound.KindReply {
			t.Errorf("%s: %s/%s: %s", name, c.Kind, c.Subkind, c.Why)
		}
	}
}

// TestReturnDateUnderAWrongClock: of a mail whose own clock was wrong by days, the mailbox's server knows when it came.
func TestReturnDateUnderAWrongClock(t *testing.T) {
	t.Parallel()
	const received = "Received: from mx.prospects.test by mx.ourco.test with ESMTP id 1; Wed, 07 Jan 2026 15:12:09 +0000\n"
	for _, tt := range []struct{ head, want string }{
		{received + "Date: Thu, 07 Jan 2027 10:12:00 -0500\n", "2026-01-15"},
		{received + "Date: Sat, 01 Jan 2000 00:00:00 +0000\n", "2026-01-15"},
		{"Date: Thu, 07 Jan 2027 10:12:00 -0500\n", "2026-01-15"},
		{"Received: by forged; Fri, 07 Jan 2028 15:12:09 +0000\nDate: Wed, 07 Jan 2026 10:12:00 -0500\n", "2026-01-15"},
		{"Received: by slow; Wed, 07 Jan 2026 15:12:09 +0000\nDate: Sun, 04 Jan 2026 10:12:00 -0500\n", "2026-01-15"},
		{"Date: Mon, 05 Jan 2025 10:12:00 -0500\n", "2025-01-15"}, // read late, and no server says when it came
	} {
		c := inbound.Classify(inbound.Parse([]byte(tt.head+automatic+"\nI am out of the office until 15 January.\n")), now)
		if c.ReturnDate != tt.want {
			t.Errorf("%q: %q, want %q", tt.head, c.ReturnDate, tt.want)
		}
	}
}
