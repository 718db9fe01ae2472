package calendar

import (
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// holidayLists has the public holidays that are known, by country and region. Australia has no national list: what all
// its states keep is taken for it.
var holidayLists = map[holidayKey]*holidayList{
	{"AR", ""}: rules(ar.Holidays),
	{"AT", ""}: rules(at.Holidays),
	{"AU", ""}: rules(
		au.HolidaysACT, au.HolidaysNSW, au.HolidaysNT, au.HolidaysQLD, au.HolidaysSA, au.HolidaysTAS, au.HolidaysVIC, au.HolidaysWA,
	),
	{"AU", "ACT"}: rules(au.HolidaysACT),
	{"AU", "NSW"}: rules(au.HolidaysNSW),
	{"AU", "NT"}:  rules(au.HolidaysNT),
	{"AU", "QLD"}: rules(au.HolidaysQLD),
	{"AU", "SA"}:  rules(au.HolidaysSA),
	{"AU", "TAS"}: rules(au.HolidaysTAS),
	{"AU", "VIC"}: rules(au.HolidaysVIC),
	{"AU", "WA"}:  rules(au.HolidaysWA),
	{"BE", ""}:    rules(be.Holidays),
	{"BG", ""}:    rules(bg.Holidays),
	{"BR", ""}:    rules(br.Holidays),
	{"CA", ""}:    rules(ca.Holidays),
	{"CH", ""}:    rules(ch.Holidays),
	{"CH", "AG"}:  rules(ch.HolidaysAG),
	{"CH", "AI"}:  rules(ch.HolidaysAI),
	{"CH", "AR"}:  rules(ch.HolidaysAR),
	{"CH", "BE"}:  rules(ch.HolidaysBE),
	{"CH", "BL"}:  rules(ch.HolidaysBL),
	{"CH", "BS"}:  rules(ch.HolidaysBS),
	{"CH", "FR"}:  rules(ch.HolidaysFR),
	{"CH", "GE"}:  rules(ch.HolidaysGE),
	{"CH", "GL"}:  rules(ch.HolidaysGL),
	{"CH", "GR"}:  rules(ch.HolidaysGR),
	{"CH", "JU"}:  rules(ch.HolidaysJU),
	{"CH", "LU"}:  rules(ch.HolidaysLU),
	{"CH", "NE"}:  rules(ch.HolidaysNE),
	{"CH", "NW"}:  rules(ch.HolidaysNW),
	{"CH", "OW"}:  rules(ch.HolidaysOW),
	{"CH", "SG"}:  rules(ch.HolidaysSG),
	{"CH", "SH"}:  rules(ch.HolidaysSH),
	{"CH", "SO"}:  rules(ch.HolidaysSO),
	{"CH", "SZ"}:  rules(ch.HolidaysSZ),
	{"CH", "TG"}:  rules(ch.HolidaysTG),
	{"CH", "TI"}:  rules(ch.HolidaysTI),
	{"CH", "UR"}:  rules(ch.HolidaysUR),
	{"CH", "VD"}:  rules(ch.HolidaysVD),
	{"CH", "VS"}:  rules(ch.HolidaysVS),
	{"CH", "ZG"}:  rules(ch.HolidaysZG),
	{"CH", "ZH"}:  rules(ch.HolidaysZH),
	{"CZ", ""}:    rules(cz.Holidays),
	{"DE", ""}:    rules(de.Holidays),
	{"DE", "BB"}:  rules(de.HolidaysBB),
	{"DE", "BE"}:  rules(de.HolidaysBE),
	{"DE", "BW"}:  rules(de.HolidaysBW),
	{"DE", "BY"}:  rules(de.HolidaysBY),
	{"DE", "HB"}:  rules(de.HolidaysHB),
	{"DE", "HE"}:  rules(de.HolidaysHE),
	{"DE", "HH"}:  rules(de.HolidaysHH),
	{"DE", "MV"}:  rules(de.HolidaysMV),
	{"DE", "NI"}:  rules(de.HolidaysNI),
	{"DE", "NW"}:  rules(de.HolidaysNW),
	{"DE", "RP"}:  rules(de.HolidaysRP),
	{"DE", "SH"}:  rules(de.HolidaysSH),
	{"DE", "SL"}:  rules(de.HolidaysSL),
	{"DE", "SN"}:  rules(de.HolidaysSN),
	{"DE", "ST"}:  rules(de.HolidaysST),
	{"DE", "TH"}:  rules(de.HolidaysTH),
	{"DK", ""}:    rules(dk.Holidays),
	{"ES", ""}:    rules(es.Holidays),
	{"FR", ""}:    rules(fr.Holidays),
	{"GB", ""}:    rules(gb.Holidays),
	{"GR", ""}:    rules(gr.Holidays),
	{"HR", ""}:    rules(hr.Holidays),
	{"IE", ""}:    rules(ie.Holidays),
	{"IT", ""}:    rules(it.Holidays),
	{"JP", ""}:    rules(jp.Holidays),
	{"LT", ""}:    rules(lt.Holidays),
	{"LV", ""}:    rules(lv.Holidays),
	{"MW", ""}:    rules(mw.Holidays),
	{"NC", ""}:    rules(nc.Holidays),
	{"NL", ""}:    rules(nl.Holidays),
	{"NO", ""}:    rules(no.Holidays),
	{"NZ", ""}:    rules(nz.Holidays),
	{"PL", ""}:    rules(pl.Holidays),
	{"RO", ""}:    rules(ro.Holidays),
	{"RU", ""}:    rules(ru.Holidays),
	{"SE", ""}:    rules(se.Holidays),
	{"SI", ""}:    rules(si.Holidays),
	{"SK", ""}:    rules(sk.Holidays),
	{"UA", ""}:    rules(ua.Holidays),
	{"US", ""}:    rules(us.Holidays),
	{"ZA", ""}:    rules(za.Holidays),
}
