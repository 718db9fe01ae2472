package calendar

// regionTable has the states and provinces that matter to zones or to public holidays: ISO 3166-2 code | zones | name |
// other names. Where a state keeps two times in settled parts, both are listed, since legal calling hours hold in each
// (Florida west of the Apalachicola, El Paso, the Navajo Nation, Ontario west of 90°). No zones: the country has but one.
const regionTable = `AU-ACT|Australia/Sydney|Australian Capital Territory
AU-NSW|Australia/Sydney|New South Wales
AU-NT|Australia/Darwin|Northern Territory
AU-QLD|Australia/Brisbane|Queensland
AU-SA|Australia/Adelaide|South Australia
AU-TAS|Australia/Hobart|Tasmania
AU-VIC|Australia/Melbourne|Victoria
AU-WA|Australia/Perth|Western Australia
BR-AC|America/Rio_Branco|Acre
BR-AL|America/Maceio|Alagoas
BR-AM|America/Manaus|Amazonas
BR-AP|America/Belem|Amapá
BR-BA|America/Bahia|Bahia
BR-CE|America/Fortaleza|Ceará
BR-DF|America/Sao_Paulo|Distrito Federal|Federal District
BR-ES|America/Sao_Paulo|Espírito Santo
BR-GO|America/Sao_Paulo|Goiás
BR-MA|America/Fortaleza|Maranhão
BR-MG|America/Sao_Paulo|Minas Gerais
BR-MS|America/Campo_Grande|Mato Grosso do Sul
BR-MT|America/Cuiaba|Mato Grosso
BR-PA|America/Belem|Pará
BR-PB|America/Fortaleza|Paraíba
BR-PE|America/Recife|Pernambuco
BR-PI|America/Fortaleza|Piauí
BR-PR|America/Sao_Paulo|Paraná
BR-RJ|America/Sao_Paulo|Rio de Janeiro
BR-RN|America/Fortaleza|Rio Grande do Norte
BR-RO|America/Porto_Velho|Rondônia
BR-RR|America/Boa_Vista|Roraima
BR-RS|America/Sao_Paulo|Rio Grande do Sul
BR-SC|America/Sao_Paulo|Santa Catarina
BR-SE|America/Maceio|Sergipe
BR-SP|America/Sao_Paulo|São Paulo
BR-TO|America/Araguaina|Tocantins
CA-AB|America/Edmonton|Alberta
CA-BC|America/Vancouver America/Edmonton America/Dawson_Creek|British Columbia
CA-MB|America/Winnipeg|Manitoba
CA-NB|America/Moncton|New Brunswick
CA-NL|America/St_Johns America/Goose_Bay|Newfoundland and Labrador|Newfoundland
CA-NS|America/Halifax|Nova Scotia
CA-NT|America/Edmonton|Northwest Territories
CA-NU|America/Iqaluit America/Rankin_Inlet America/Cambridge_Bay|Nunavut
CA-ON|America/Toronto America/Winnipeg|Ontario
CA-PE|America/Halifax|Prince Edward Island
CA-QC|America/Toronto|Quebec
CA-SK|America/Regina|Saskatchewan
CA-YT|America/Whitehorse|Yukon
CH-AG||Aargau
CH-AI||Appenzell Innerrhoden
CH-AR||Appenzell Ausserrhoden
CH-BE||Bern|Berne
CH-BL||Basel-Landschaft
CH-BS||Basel-Stadt|Basel
CH-FR||Fribourg|Freiburg
CH-GE||Geneva|Genève|Genf
CH-GL||Glarus
CH-GR||Graubünden|Grisons
CH-JU||Jura
CH-LU||Luzern|Lucerne
CH-NE||Neuchâtel
CH-NW||Nidwalden
CH-OW||Obwalden
CH-SG||St. Gallen|Sankt Gallen
CH-SH||Schaffhausen
CH-SO||Solothurn
CH-SZ||Schwyz
CH-TG||Thurgau
CH-TI||Ticino|Tessin
CH-UR||Uri
CH-VD||Vaud|Waadt
CH-VS||Valais|Wallis
CH-ZG||Zug
CH-ZH||Zürich|Zuerich
DE-BB||Brandenburg
DE-BE||Berlin
DE-BW||Baden-Württemberg|Baden-Wuerttemberg
DE-BY||Bayern|Bavaria
DE-HB||Bremen
DE-HE||Hessen|Hesse
DE-HH||Hamburg
DE-MV||Mecklenburg-Vorpommern
DE-NI||Niedersachsen|Lower Saxony
DE-NW||Nordrhein-Westfalen|North Rhine-Westphalia|NRW
DE-RP||Rheinland-Pfalz|Rhineland-Palatinate
DE-SH||Schleswig-Holstein
DE-SL||Saarland
DE-SN||Sachsen|Saxony
DE-ST||Sachsen-Anhalt|Saxony-Anhalt
DE-TH||Thüringen|Thuringia|Thueringen
US-AK|America/Anchorage|Alaska
US-AL|America/Chicago|Alabama
US-AR|America/Chicago|Arkansas
US-AS|Pacific/Pago_Pago|American Samoa
US-AZ|America/Phoenix America/Denver|Arizona
US-CA|America/Los_Angeles|California
US-CO|America/Denver|Colorado
US-CT|America/New_York|Connecticut
US-DC|America/New_York|District of Columbia|Washington DC|Washington D.C.
US-DE|America/New_York|Delaware
US-FL|America/New_York America/Chicago|Florida
US-GA|America/New_York|Georgia
US-GU|Pacific/Guam|Guam
US-HI|Pacific/Honolulu|Hawaii|Hawai'i
US-IA|America/Chicago|Iowa
US-ID|America/Boise America/Los_Angeles|Idaho
US-IL|America/Chicago|Illinois
US-IN|America/Indiana/Indianapolis America/Chicago|Indiana
US-KS|America/Chicago America/Denver|Kansas
US-KY|America/New_York America/Chicago|Kentucky
US-LA|America/Chicago|Louisiana
US-MA|America/New_York|Massachusetts
US-MD|America/New_York|Maryland
US-ME|America/New_York|Maine
US-MI|America/Detroit America/Menominee|Michigan
US-MN|America/Chicago|Minnesota
US-MO|America/Chicago|Missouri
US-MP|Pacific/Saipan|Northern Mariana Islands
US-MS|America/Chicago|Mississippi
US-MT|America/Denver|Montana
US-NC|America/New_York|North Carolina
US-ND|America/Chicago America/Denver|North Dakota
US-NE|America/Chicago America/Denver|Nebraska
US-NH|America/New_York|New Hampshire
US-NJ|America/New_York|New Jersey
US-NM|America/Denver|New Mexico
US-NV|America/Los_Angeles|Nevada
US-NY|America/New_York|New York|New York State
US-OH|America/New_York|Ohio
US-OK|America/Chicago|Oklahoma
US-OR|America/Los_Angeles America/Boise|Oregon
US-PA|America/New_York|Pennsylvania
US-PR|America/Puerto_Rico|Puerto Rico
US-RI|America/New_York|Rhode Island
US-SC|America/New_York|South Carolina
US-SD|America/Chicago America/Denver|South Dakota
US-TN|America/Chicago America/New_York|Tennessee
US-TX|America/Chicago America/Denver|Texas
US-UT|America/Denver|Utah
US-VA|America/New_York|Virginia
US-VI|America/St_Thomas|U.S. Virgin Islands|Virgin Islands
US-VT|America/New_York|Vermont
US-WA|America/Los_Angeles|Washington|Washington State
US-WI|America/Chicago|Wisconsin
US-WV|America/New_York|West Virginia
US-WY|America/Denver|Wyoming`
