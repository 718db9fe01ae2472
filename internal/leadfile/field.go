package leadfile

import (
	"slices"
	"strings"
	"unicode"

	"nurture/internal/spelling"
)

// field is a lead field that every import knows.
type field int

const (
	fieldKey field = iota
	fieldEmail
	fieldPhone
	fieldFirstName
	fieldLastName
	fieldName
	fieldTitle
	fieldRole
	fieldCity
	fieldCountry
	fieldRegion
	fieldZone
	fieldLanguage
	fieldSource
	fieldOrigin
	fieldOwner
	fieldAccountName
	fieldAccountDomain
	fieldAccountIndustry
	fieldAccountEmployees
	fieldAccountCountry
	fieldConsentEmail
	fieldConsentVoicemail
	fieldConsentCall
	fieldOptedOutEmail
	fieldOptedOutCall
	fieldCreatedAt
	fieldCount
)

// Longest values in characters. A value past them is a broken quote or a pasted document, and would break templates.
const (
	textLimit  = 500
	extraLimit = 10_000 // custom fields, facts, outcomes
)

// definition describes a field. Synonyms are headers without case, spaces and punctuation, the likeliest first.
type definition struct {
	name     string
	synonyms []string
}

var definitions = [fieldCount]definition{
	fieldKey: {"key", []string{
		"key", "externalid", "leadid", "leadnumber", "contactid", "prospectid", "personid", "recordid", "crmid", "id",
	}},
	fieldEmail: {"email", []string{
		"email", "emailaddress", "workemail", "businessemail", "mail", "emailid", "email1", "primaryemail", "emailadresse", "mailadresse",
		"adresseemail", "correo", "correoelectronico", "courriel",
	}},
	fieldPhone: {"phone", []string{
		"phone", "phonenumber", "mobile", "mobilephone", "mobilenumber", "mobilephonenumber", "cell", "cellphone", "workphone", "businessphone", "directphone",
		"telephone", "tel", "telefon", "telefonnummer", "mobiltelefon", "handy", "rufnummer", "telefono", "téléphone", "teléfono",
	}},
	fieldFirstName: {"first_name", []string{
		"firstname", "givenname", "fname", "first", "forename", "vorname", "prenom", "prénom", "nombre",
	}},
	fieldLastName: {"last_name", []string{
		"lastname", "surname", "familyname", "lname", "last", "nachname", "familienname", "nomdefamille", "apellido", "apellidos",
	}},
	fieldName: {"name", []string{"name", "fullname", "contactname", "leadname", "contact", "personname", "displayname", "ansprechpartner"}},
	fieldTitle: {"title", []string{
		"title", "jobtitle", "position", "jobposition", "designation", "berufsbezeichnung", "titel", "fonction",
	}},
	fieldRole:             {"role", []string{"role", "buyingrole", "jobfunction", "function", "rolle", "funktion"}},
	fieldCity:             {"city", []string{"city", "town", "mailingcity", "ort", "stadt", "ville", "ciudad"}},
	fieldCountry:          {"country", []string{"country", "countrycode", "countryregion", "mailingcountry", "land", "pays", "pais", "país"}},
	fieldRegion:           {"region", []string{"state", "stateprovince", "stateregion", "province", "region", "mailingstate", "bundesland", "kanton"}},
	fieldZone:             {"zone", []string{"zone", "timezone", "tz", "ianatimezone", "zeitzone"}},
	fieldLanguage:         {"language", []string{"language", "preferredlanguage", "lang", "locale", "sprache", "langue", "idioma"}},
	fieldSource:           {"source", []string{"source", "leadsource", "originalsource", "channel", "quelle", "herkunft"}},
	fieldOrigin:           {"origin", []string{"origin"}},
	fieldOwner:            {"owner", []string{"owner", "leadowner", "contactowner", "recordowner", "assignedto", "salesrep", "sdr", "betreuer"}},
	fieldAccountName:      {"account.name", []string{"company", "companyname", "companyaccount", "account", "accountname", "organization", "organisation", "employer", "firma", "unternehmen", "entreprise", "empresa"}},
	fieldAccountDomain:    {"account.domain", []string{"companydomain", "companydomainname", "accountdomain", "domain", "website", "companywebsite", "websiteurl", "webseite"}},
	fieldAccountIndustry:  {"account.industry", []string{"industry", "accountindustry", "companyindustry", "sector", "branche"}},
	fieldAccountEmployees: {"account.employees", []string{"employees", "numberofemployees", "noofemployees", "employeecount", "companysize", "accountemployees", "mitarbeiter", "mitarbeiterzahl"}},
	fieldAccountCountry:   {"account.country", []string{"companycountry", "accountcountry", "billingcountry"}},
	fieldConsentEmail: {"consent.email", []string{
		"consentemail", "emailconsent", "emailoptin", "marketingconsent", "optin", "optedin", "subscribed", "newsletter", "consent",
	}},
	fieldConsentVoicemail: {"consent.voicemail", []string{"consentvoicemail", "voicemailconsent", "voicemailok", "voicemailoptin", "prerecordedconsent"}},
	fieldConsentCall:      {"consent.call", []string{"consentcall", "callconsent", "phoneconsent", "calloptin", "phoneoptin"}},
	fieldOptedOutEmail: {"opted_out.email", []string{
		"optedoutemail", "donotemail", "emailoptout", "hasoptedoutofemail", "optedoutofemail", "unsubscribed", "unsubscribedfromallemail",
		"optedout", "optout", "emailunsubscribed", "unsubscribe", "donotcontact", "donotallowemails", "donotallowbulkemails",
	}},
	fieldOptedOutCall: {"opted_out.call", []string{"optedoutcall", "donotcall", "dnc", "calloptout", "phoneoptout", "optedoutofcalls", "donotphone", "donotallowphonecalls"}},
	fieldCreatedAt: {"created_at", []string{
		"createdat", "createdate", "createddate", "created", "datecreated", "leadcreated", "signupdate", "erstelltam",
	}},
}

// String gives the field's name as mappings write it.
func (f field) String() string { return definitions[f].name }

// fieldByName finds a field by its name; "lead." may stand before it.
func fieldByName(name string) (field, bool) {
	name = strings.TrimPrefix(name, "lead.")
	for f := range fieldCount {
		if definitions[f].name == name {
			return f, true
		}
	}
	return 0, false
}

// FieldNames lists the lead fields that a mapping can fill, in the order of the documentation.
func FieldNames() []string {
	names := make([]string, fieldCount)
	for f := range fieldCount {
		names[f] = f.String()
	}
	return names
}

// fold makes headers comparable: lower case letters and digits only.
func fold(header string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, header)
}

// Guess maps the columns of a header whose names are known synonyms of a lead field. A column serves one field at most
// and the likeliest column wins; unmatched are the headers that serve none, in the file's order.
func Guess(header []string) (m Mapping, unmatched []string) {
	folded := make([]string, len(header))
	for i, h := range header {
		folded[i] = fold(h)
	}
	m.Columns = make(map[string]string)
	used := make([]bool, len(header))
	for f := range fieldCount {
		for _, synonym := range definitions[f].synonyms {
			if i := slices.Index(folded, fold(synonym)); i >= 0 && !used[i] {
				m.Columns[f.String()] = header[i]
				used[i] = true
				break
			}
		}
	}
	for i, h := range header {
		if !used[i] {
			unmatched = append(unmatched, h)
		}
	}
	return m, unmatched
}

// nearest gives the candidate that name is most likely a misspelling of, or "".
func nearest(name string, candidates []string) string {
	best, limit := "", 1+len(name)/4
	for _, c := range candidates {
		if d := spelling.Distance(fold(name), fold(c)); d <= limit {
			best, limit = c, d-1
		}
	}
	return best
}
