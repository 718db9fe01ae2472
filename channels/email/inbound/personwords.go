package inbound

var (
	// betweenWords stand between a name and an address or a number, folded, in the seven languages.
	betweenWords = wordSet(`
at on under via by email mail mailto e address phone tel telephone mobile cell direct number reachable available reached is can be or and his her their the to
directly instead whose who
unter erreichbar erreichen sie ihn telefon mobil handy nummer adresse ist per mailadresse email oder und tel durchwahl direkt zu an
a l adresse au sous par courriel mel telephone portable joignable numero est ou et suivante
en el al correo electronico direccion telefono movil tel numero es o y su por
all alla indirizzo posta elettronica telefono cellulare numero e raggiungibile presso o al suo
op via telefoon telefoonnummer mobiel nummer adres bereikbaar is of en mailadres het per zijn haar
no em pelo pela telefone telemovel celular endereco numero correio eletronico e ou seu ao
`)
	// abbreviated end with a dot that ends no sentence.
	abbreviated = wordSet(`tel tel mob mobil fon ph no nr num dr mr mrs ms prof ing sr sra hr fr st cell ext`)
	// nameParticles stand inside names.
	nameParticles = wordSet(`von van de der den del della di da do dos das du la le el al ten ter zu zum y e bin ibn af`)
	// noNames begin sentences, are titles, or name what people have and are; German writes its nouns with a capital.
	noNames = wordSet(`
i we you he she they it my our your his her please contact email mail write call ask speak talk reach try hello hi hey dear thanks thank the this that for in at on to if as
but and or not no yes sorry unfortunately instead meanwhile colleague manager director head team department office sales support marketing engineering procurement purchasing operations
mr mrs ms miss mx dr prof sir madam ceo cto cfo coo cio vp hr it inc ltd llc plc gmbh ag sa srl bv nv spa kg corp company regards best kind cc fyi re fwd ooo asap tel
phone mobile cell fax address number monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
ich wir sie er es du mein meine meinen meinem meiner unser unsere unseren unserem unserer bitte wenden kontaktieren schreiben fragen sprechen melden rufen kollege kollegin kollegen kolleginnen herr
herrn frau vertretung vertreter vertreterin stellvertreter stellvertreterin nachfolger nachfolgerin ansprechpartner ansprechpartnerin ansprechpartnern zustandig verantwortlich abteilung einkauf vertrieb leiter leiterin leitung
geschaftsfuhrer assistentin assistent sekretariat zentrale telefon mobil handy nummer adresse fur in im an am bei der die das den dem ein eine hallo guten tag danke vielen gruss grusse leider falls dringenden fallen abwesenheit
je nous vous il elle mon ma mes notre nos votre veuillez merci contactez contacter ecrivez ecrire adressez demandez parlez appelez collegue collegues monsieur madame mademoiselle m mme mlle responsable
directeur directrice service bonjour pour en au a le la les un une cordialement si
yo nosotros usted ustedes mi mis nuestro nuestra por favor contacte contactar contacten escriba escribir hable hablar pregunte llame companero companera colega compañero senor senora sr sra srta don dona jefe jefa
responsable director directora departamento hola gracias para el los las un una si pongase
io noi lei mio mia nostro nostra prego contatti contattare contattate scriva scrivere parli parlare chieda chiami collega colleghi signor signora signorina sig dott dottor dottoressa ing responsabile direttore
direttrice ufficio buongiorno salve grazie per il lo gli un una se rivolga
ik wij we u jij mijn onze ons neem neemt contacteer mail bel schrijf vraag spreek collega de heer mevrouw meneer dhr mevr mw hr verantwoordelijke directeur afdeling hallo beste bedankt dank voor het een als
eu nos voce meu minha nosso nossa favor contacte contate contatar entre fale falar escreva escrever pergunte ligue colega senhor senhora sr sra sra doutor doutora responsavel diretor diretora departamento ola obrigado
obrigada para o os as um uma se
`)
)
