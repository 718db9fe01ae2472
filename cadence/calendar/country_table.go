package calendar

// countryTable has a line for every country of ISO 3166-1 and for Kosovo (XK, a user-assigned code that the EU and the
// banks use): alpha-2 code | alpha-3 code | zones where its businesses are | English name | other names.
//
// Zones of places too small to matter to business are left out (the Galápagos, Easter Island, Broken Hill, West
// Wendover); a lead's own data overrides. Countries without business have no zones.
const countryTable = `AD|AND|Europe/Andorra|Andorra
AE|ARE|Asia/Dubai|United Arab Emirates|UAE|U.A.E.|Emirates|Dubai|Abu Dhabi
AF|AFG|Asia/Kabul|Afghanistan
AG|ATG|America/Antigua|Antigua and Barbuda
AI|AIA|America/Anguilla|Anguilla
AL|ALB|Europe/Tirane|Albania
AM|ARM|Asia/Yerevan|Armenia
AO|AGO|Africa/Luanda|Angola
AQ|ATA||Antarctica
AR|ARG|America/Argentina/Buenos_Aires|Argentina
AS|ASM|Pacific/Pago_Pago|American Samoa
AT|AUT|Europe/Vienna|Austria|Österreich|Oesterreich
AU|AUS|Australia/Sydney Australia/Brisbane Australia/Adelaide Australia/Darwin Australia/Perth|Australia
AW|ABW|America/Aruba|Aruba
AX|ALA|Europe/Mariehamn|Åland Islands|Aland
AZ|AZE|Asia/Baku|Azerbaijan
BA|BIH|Europe/Sarajevo|Bosnia and Herzegovina|Bosnia|Bosnia-Herzegovina
BB|BRB|America/Barbados|Barbados
BD|BGD|Asia/Dhaka|Bangladesh
BE|BEL|Europe/Brussels|Belgium|Belgique|België|Belgien
BF|BFA|Africa/Ouagadougou|Burkina Faso
BG|BGR|Europe/Sofia|Bulgaria
BH|BHR|Asia/Bahrain|Bahrain
BI|BDI|Africa/Bujumbura|Burundi
BJ|BEN|Africa/Porto-Novo|Benin
BL|BLM|America/St_Barthelemy|Saint Barthélemy|Saint Barth
BM|BMU|Atlantic/Bermuda|Bermuda
BN|BRN|Asia/Brunei|Brunei|Brunei Darussalam
BO|BOL|America/La_Paz|Bolivia|Plurinational State of Bolivia
BQ|BES|America/Kralendijk|Caribbean Netherlands|Bonaire|Bonaire, Sint Eustatius and Saba
BR|BRA|America/Sao_Paulo America/Manaus America/Rio_Branco|Brazil|Brasil
BS|BHS|America/Nassau|Bahamas
BT|BTN|Asia/Thimphu|Bhutan
BV|BVT||Bouvet Island
BW|BWA|Africa/Gaborone|Botswana
BY|BLR|Europe/Minsk|Belarus
BZ|BLZ|America/Belize|Belize
CA|CAN|America/St_Johns America/Halifax America/Toronto America/Winnipeg America/Regina America/Edmonton America/Vancouver|Canada
CC|CCK|Indian/Cocos|Cocos (Keeling) Islands|Cocos Islands
CD|COD|Africa/Kinshasa Africa/Lubumbashi|Congo - Kinshasa|Democratic Republic of the Congo|DR Congo|DRC|Congo (DRC)|Congo, Democratic Republic of the
CF|CAF|Africa/Bangui|Central African Republic
CG|COG|Africa/Brazzaville|Congo - Brazzaville|Congo|Republic of the Congo
CH|CHE|Europe/Zurich|Switzerland|Schweiz|Suisse|Svizzera
CI|CIV|Africa/Abidjan|Côte d’Ivoire|Ivory Coast
CK|COK|Pacific/Rarotonga|Cook Islands
CL|CHL|America/Santiago America/Punta_Arenas|Chile
CM|CMR|Africa/Douala|Cameroon
CN|CHN|Asia/Shanghai|China|People's Republic of China|PR China|PRC|Mainland China
CO|COL|America/Bogota|Colombia
CR|CRI|America/Costa_Rica|Costa Rica
CU|CUB|America/Havana|Cuba
CV|CPV|Atlantic/Cape_Verde|Cape Verde|Cabo Verde
CW|CUW|America/Curacao|Curaçao
CX|CXR|Indian/Christmas|Christmas Island
CY|CYP|Asia/Nicosia|Cyprus
CZ|CZE|Europe/Prague|Czechia|Czech Republic|Česko
DE|DEU|Europe/Berlin|Germany|Deutschland|Federal Republic of Germany
DJ|DJI|Africa/Djibouti|Djibouti
DK|DNK|Europe/Copenhagen|Denmark|Danmark|Dänemark
DM|DMA|America/Dominica|Dominica
DO|DOM|America/Santo_Domingo|Dominican Republic
DZ|DZA|Africa/Algiers|Algeria
EC|ECU|America/Guayaquil|Ecuador
EE|EST|Europe/Tallinn|Estonia
EG|EGY|Africa/Cairo|Egypt
EH|ESH|Africa/El_Aaiun|Western Sahara
ER|ERI|Africa/Asmara|Eritrea
ES|ESP|Europe/Madrid Atlantic/Canary|Spain|España|Spanien
ET|ETH|Africa/Addis_Ababa|Ethiopia
FI|FIN|Europe/Helsinki|Finland|Suomi
FJ|FJI|Pacific/Fiji|Fiji
FK|FLK|Atlantic/Stanley|Falkland Islands|Falkland Islands (Malvinas)
FM|FSM|Pacific/Chuuk Pacific/Pohnpei|Micronesia|Federated States of Micronesia
FO|FRO|Atlantic/Faroe|Faroe Islands
FR|FRA|Europe/Paris|France|Frankreich
GA|GAB|Africa/Libreville|Gabon
GB|GBR|Europe/London|United Kingdom|UK|U.K.|Great Britain|Britain|England|Scotland|Wales|Northern Ireland
GD|GRD|America/Grenada|Grenada
GE|GEO|Asia/Tbilisi|Georgia
GF|GUF|America/Cayenne|French Guiana
GG|GGY|Europe/Guernsey|Guernsey
GH|GHA|Africa/Accra|Ghana
GI|GIB|Europe/Gibraltar|Gibraltar
GL|GRL|America/Nuuk|Greenland
GM|GMB|Africa/Banjul|Gambia
GN|GIN|Africa/Conakry|Guinea
GP|GLP|America/Guadeloupe|Guadeloupe
GQ|GNQ|Africa/Malabo|Equatorial Guinea
GR|GRC|Europe/Athens|Greece|Hellas
GS|SGS|Atlantic/South_Georgia|South Georgia and South Sandwich Islands|South Georgia
GT|GTM|America/Guatemala|Guatemala
GU|GUM|Pacific/Guam|Guam
GW|GNB|Africa/Bissau|Guinea-Bissau
GY|GUY|America/Guyana|Guyana
HK|HKG|Asia/Hong_Kong|Hong Kong|Hong Kong SAR China|Hong Kong SAR
HM|HMD||Heard and McDonald Islands
HN|HND|America/Tegucigalpa|Honduras
HR|HRV|Europe/Zagreb|Croatia|Hrvatska
HT|HTI|America/Port-au-Prince|Haiti
HU|HUN|Europe/Budapest|Hungary|Magyarország
ID|IDN|Asia/Jakarta Asia/Makassar Asia/Jayapura|Indonesia
IE|IRL|Europe/Dublin|Ireland|Republic of Ireland|Eire
IL|ISR|Asia/Jerusalem|Israel
IM|IMN|Europe/Isle_of_Man|Isle of Man
IN|IND|Asia/Kolkata|India|Bharat|Republic of India
IO|IOT|Indian/Chagos|British Indian Ocean Territory|Chagos Archipelago
IQ|IRQ|Asia/Baghdad|Iraq
IR|IRN|Asia/Tehran|Iran|Islamic Republic of Iran
IS|ISL|Atlantic/Reykjavik|Iceland
IT|ITA|Europe/Rome|Italy|Italia|Italien
JE|JEY|Europe/Jersey|Jersey
JM|JAM|America/Jamaica|Jamaica
JO|JOR|Asia/Amman|Jordan
JP|JPN|Asia/Tokyo|Japan|Nippon
KE|KEN|Africa/Nairobi|Kenya
KG|KGZ|Asia/Bishkek|Kyrgyzstan
KH|KHM|Asia/Phnom_Penh|Cambodia
KI|KIR|Pacific/Tarawa Pacific/Kiritimati|Kiribati
KM|COM|Indian/Comoro|Comoros
KN|KNA|America/St_Kitts|Saint Kitts and Nevis
KP|PRK|Asia/Pyongyang|North Korea|Democratic People's Republic of Korea|DPRK
KR|KOR|Asia/Seoul|South Korea|Korea|Republic of Korea|Korea, Republic of
KW|KWT|Asia/Kuwait|Kuwait
KY|CYM|America/Cayman|Cayman Islands
KZ|KAZ|Asia/Almaty Asia/Aqtobe Asia/Qyzylorda|Kazakhstan
LA|LAO|Asia/Vientiane|Laos|Lao People's Democratic Republic
LB|LBN|Asia/Beirut|Lebanon
LC|LCA|America/St_Lucia|Saint Lucia
LI|LIE|Europe/Vaduz|Liechtenstein
LK|LKA|Asia/Colombo|Sri Lanka
LR|LBR|Africa/Monrovia|Liberia
LS|LSO|Africa/Maseru|Lesotho
LT|LTU|Europe/Vilnius|Lithuania
LU|LUX|Europe/Luxembourg|Luxembourg|Luxemburg
LV|LVA|Europe/Riga|Latvia
LY|LBY|Africa/Tripoli|Libya
MA|MAR|Africa/Casablanca|Morocco|Maroc
MC|MCO|Europe/Monaco|Monaco
MD|MDA|Europe/Chisinau|Moldova|Republic of Moldova
ME|MNE|Europe/Podgorica|Montenegro
MF|MAF|America/Marigot|Saint Martin
MG|MDG|Indian/Antananarivo|Madagascar
MH|MHL|Pacific/Majuro|Marshall Islands
MK|MKD|Europe/Skopje|North Macedonia|Macedonia
ML|MLI|Africa/Bamako|Mali
MM|MMR|Asia/Yangon|Myanmar|Myanmar (Burma)|Burma
MN|MNG|Asia/Ulaanbaatar Asia/Hovd|Mongolia
MO|MAC|Asia/Macau|Macao|Macau|Macao SAR China|Macau SAR China
MP|MNP|Pacific/Saipan|Northern Mariana Islands
MQ|MTQ|America/Martinique|Martinique
MR|MRT|Africa/Nouakchott|Mauritania
MS|MSR|America/Montserrat|Montserrat
MT|MLT|Europe/Malta|Malta
MU|MUS|Indian/Mauritius|Mauritius
MV|MDV|Indian/Maldives|Maldives
MW|MWI|Africa/Blantyre|Malawi
MX|MEX|America/Mexico_City America/Cancun America/Ciudad_Juarez America/Mazatlan America/Hermosillo America/Tijuana|Mexico|México
MY|MYS|Asia/Kuala_Lumpur|Malaysia
MZ|MOZ|Africa/Maputo|Mozambique
NA|NAM|Africa/Windhoek|Namibia
NC|NCL|Pacific/Noumea|New Caledonia
NE|NER|Africa/Niamey|Niger
NF|NFK|Pacific/Norfolk|Norfolk Island
NG|NGA|Africa/Lagos|Nigeria
NI|NIC|America/Managua|Nicaragua
NL|NLD|Europe/Amsterdam|Netherlands|Holland|Nederland|Niederlande
NO|NOR|Europe/Oslo|Norway|Norge|Norwegen
NP|NPL|Asia/Kathmandu|Nepal
NR|NRU|Pacific/Nauru|Nauru
NU|NIU|Pacific/Niue|Niue
NZ|NZL|Pacific/Auckland|New Zealand|Aotearoa
OM|OMN|Asia/Muscat|Oman
PA|PAN|America/Panama|Panama
PE|PER|America/Lima|Peru
PF|PYF|Pacific/Tahiti|French Polynesia|Tahiti
PG|PNG|Pacific/Port_Moresby|Papua New Guinea
PH|PHL|Asia/Manila|Philippines
PK|PAK|Asia/Karachi|Pakistan
PL|POL|Europe/Warsaw|Poland|Polska|Polen
PM|SPM|America/Miquelon|Saint Pierre and Miquelon
PN|PCN|Pacific/Pitcairn|Pitcairn Islands|Pitcairn
PR|PRI|America/Puerto_Rico|Puerto Rico
PS|PSE|Asia/Hebron|Palestine|Palestinian Territories|State of Palestine
PT|PRT|Europe/Lisbon Atlantic/Azores|Portugal
PW|PLW|Pacific/Palau|Palau
PY|PRY|America/Asuncion|Paraguay
QA|QAT|Asia/Qatar|Qatar
RE|REU|Indian/Reunion|Réunion
RO|ROU|Europe/Bucharest|Romania
RS|SRB|Europe/Belgrade|Serbia
RU|RUS|Europe/Kaliningrad Europe/Moscow Europe/Samara Asia/Yekaterinburg Asia/Omsk Asia/Novosibirsk Asia/Irkutsk Asia/Yakutsk Asia/Vladivostok Asia/Magadan Asia/Kamchatka|Russia|Russian Federation
RW|RWA|Africa/Kigali|Rwanda
SA|SAU|Asia/Riyadh|Saudi Arabia|KSA
SB|SLB|Pacific/Guadalcanal|Solomon Islands
SC|SYC|Indian/Mahe|Seychelles
SD|SDN|Africa/Khartoum|Sudan
SE|SWE|Europe/Stockholm|Sweden|Sverige|Schweden
SG|SGP|Asia/Singapore|Singapore
SH|SHN|Atlantic/St_Helena|Saint Helena|Saint Helena, Ascension and Tristan da Cunha
SI|SVN|Europe/Ljubljana|Slovenia
SJ|SJM|Arctic/Longyearbyen|Svalbard and Jan Mayen
SK|SVK|Europe/Bratislava|Slovakia|Slovak Republic
SL|SLE|Africa/Freetown|Sierra Leone
SM|SMR|Europe/San_Marino|San Marino
SN|SEN|Africa/Dakar|Senegal
SO|SOM|Africa/Mogadishu|Somalia
SR|SUR|America/Paramaribo|Suriname
SS|SSD|Africa/Juba|South Sudan
ST|STP|Africa/Sao_Tome|São Tomé and Príncipe
SV|SLV|America/El_Salvador|El Salvador
SX|SXM|America/Lower_Princes|Sint Maarten
SY|SYR|Asia/Damascus|Syria|Syrian Arab Republic
SZ|SWZ|Africa/Mbabane|Eswatini|Swaziland
TC|TCA|America/Grand_Turk|Turks and Caicos Islands
TD|TCD|Africa/Ndjamena|Chad
TF|ATF||French Southern Territories
TG|TGO|Africa/Lome|Togo
TH|THA|Asia/Bangkok|Thailand
TJ|TJK|Asia/Dushanbe|Tajikistan
TK|TKL|Pacific/Fakaofo|Tokelau
TL|TLS|Asia/Dili|Timor-Leste|East Timor
TM|TKM|Asia/Ashgabat|Turkmenistan
TN|TUN|Africa/Tunis|Tunisia
TO|TON|Pacific/Tongatapu|Tonga
TR|TUR|Europe/Istanbul|Turkey|Türkiye|Turkiye
TT|TTO|America/Port_of_Spain|Trinidad and Tobago|Trinidad
TV|TUV|Pacific/Funafuti|Tuvalu
TW|TWN|Asia/Taipei|Taiwan|Taiwan, Province of China
TZ|TZA|Africa/Dar_es_Salaam|Tanzania|United Republic of Tanzania
UA|UKR|Europe/Kyiv|Ukraine
UG|UGA|Africa/Kampala|Uganda
UM|UMI||U.S. Outlying Islands|United States Minor Outlying Islands
US|USA|America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles America/Anchorage Pacific/Honolulu|United States|United States of America|U.S.|U.S.A.|America
UY|URY|America/Montevideo|Uruguay
UZ|UZB|Asia/Tashkent|Uzbekistan
VA|VAT|Europe/Vatican|Vatican City|Holy See
VC|VCT|America/St_Vincent|Saint Vincent and Grenadines|Saint Vincent and the Grenadines|Saint Vincent
VE|VEN|America/Caracas|Venezuela|Bolivarian Republic of Venezuela
VG|VGB|America/Tortola|British Virgin Islands
VI|VIR|America/St_Thomas|U.S. Virgin Islands|Virgin Islands
VN|VNM|Asia/Ho_Chi_Minh|Vietnam|Viet Nam
VU|VUT|Pacific/Efate|Vanuatu
WF|WLF|Pacific/Wallis|Wallis and Futuna
WS|WSM|Pacific/Apia|Samoa
XK|XKX|Europe/Belgrade|Kosovo|XKK
YE|YEM|Asia/Aden|Yemen
YT|MYT|Indian/Mayotte|Mayotte
ZA|ZAF|Africa/Johannesburg|South Africa
ZM|ZMB|Africa/Lusaka|Zambia
ZW|ZWE|Africa/Harare|Zimbabwe`
