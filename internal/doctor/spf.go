package doctor

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mostLookups is how many DNS questions a receiver asks for one record before it gives up with an error (RFC 7208, section 4.6.4).
const mostLookups = 10

// SPF judges the record that says who may send with a domain in the return path (RFC 7208).
func SPF(ctx context.Context, r Resolver, domain string) []Finding {
	what := "spf " + domain
	records, err := texts(ctx, r, domain, "v=spf1")
	if err != nil {
		return []Finding{unclear(what, err, dnsFix)}
	}
	switch len(records) {
	case 0:
		return []Finding{fail(what, "no record: receivers cannot tell our mail from forgeries",
			fmt.Sprintf(`publish a TXT record for %s that names your mail server, such as "v=spf1 include:_spf.your-provider.example -all"`, domain))}
	case 1:
	default:
		return []Finding{fail(what, fmt.Sprintf("%d records: receivers take that for an error (RFC 7208, section 4.5)", len(records)), "merge them into one TXT record")}
	}
	w := spfWalk{ctx: ctx, resolver: r}
	w.record(domain, records[0])
	switch {
	case w.wrong != "":
		return []Finding{fail(what, w.wrong+", so that receivers take the record for an error", "mend the TXT record of "+w.where)}
	case w.lookups > mostLookups:
		return []Finding{fail(what, fmt.Sprintf("more than %d DNS lookups, so that receivers give up (RFC 7208, section 4.6.4)", mostLookups),
			"replace include, a and mx by the ip4 and ip6 ranges behind them, and drop services that you left")}
	case w.unclear != nil:
		return []Finding{unclear(what, w.unclear, dnsFix)}
	}
	return []Finding{ending(what, domain, records[0], w.lookups)}
}

// ending judges how a record that is otherwise right ends.
func ending(what, domain, record string, lookups int) Finding {
	terms := strings.Fields(strings.ToLower(record))
	shown := fmt.Sprintf("%s (%d of %d lookups)", record, lookups, mostLookups)
	at := slices.IndexFunc(terms, func(term string) bool { return strings.TrimLeft(term, "+-~?") == "all" })
	redirected := slices.ContainsFunc(terms, func(term string) bool { return strings.HasPrefix(term, "redirect=") })
	mend := "end the TXT record of " + domain + " with -all or ~all"
	switch {
	case at < 0 && redirected:
		return good(what, "%s", shown)
	case at < 0:
		return warn(what, shown+": whoever it does not name is judged neutrally", mend)
	case terms[at] == "all" || terms[at] == "+all":
		return fail(what, shown+": it lets everybody send", mend)
	case terms[at] == "?all":
		return warn(what, shown+": whoever it does not name is judged neutrally", mend)
	case slices.ContainsFunc(terms[at+1:], func(term string) bool { return !strings.Contains(term, "=") }):
		return warn(what, shown+": what stands behind all is never read", "move all to the end")
	case slices.ContainsFunc(terms, func(term string) bool { return strings.HasPrefix(strings.TrimLeft(term, "+-~?"), "ptr") }):
		return warn(what, shown+": ptr is slow, and many receivers ignore it (RFC 7208, section 5.5)", "name the servers by ip4, ip6, a or include")
	}
	return good(what, "%s", shown)
}

// spfWalk counts the lookups of a record and of those that it includes.
type spfWalk struct {
	ctx      context.Context //nolint:containedctx // of one walk
	resolver Resolver
	lookups  int
	wrong    string // the first error of syntax or reference
	where    string // the domain whose record it is in
	unclear  error  // a record could not be had, so that the count is not complete
}

var spfModifier = regexp.MustCompile(`^[a-z][a-z0-9._-]*=`)

// record walks over one record. A domain with macros depends on the mail, so what lies behind it is not followed.
func (w *spfWalk) record(domain, record string) {
	redirect, all := "", false
	for _, term := range strings.Fields(record)[1:] {
		if w.wrong != "" || w.lookups > mostLookups {
			return
		}
		lower := strings.ToLower(term)
		if spfModifier.MatchString(lower) {
			if target, ok := strings.CutPrefix(lower, "redirect="); ok {
				redirect = target
			}
			continue
		}
		name, argument := splitTerm(strings.TrimLeft(lower, "+-~?"))
		all = all || name == "all"
		if problem := w.mechanism(name, argument); problem != "" && w.wrong == "" {
			w.wrong, w.where = fmt.Sprintf("%q of %s %s", term, domain, problem), domain
		}
	}
	if redirect != "" && !all { // behind all it is never read (RFC 7208, section 6.1)
		if problem := w.follow(redirect); problem != "" && w.wrong == "" {
			w.wrong, w.where = fmt.Sprintf("redirect=%s of %s %s", redirect, domain, problem), domain
		}
	}
}

// splitTerm parts a mechanism's name from what follows: "a:example.com/24" is a and example.com/24, "mx/24" is mx and /24.
func splitTerm(term string) (name, argument string) {
	if i := strings.IndexAny(term, ":/"); i >= 0 {
		return term[:i], strings.TrimPrefix(term[i:], ":")
	}
	return term, ""
}

// mechanism counts one mechanism and says what is wrong with it; "" when nothing is.
func (w *spfWalk) mechanism(name, argument string) string {
	switch name {
	case "all":
		if argument != "" {
			return "takes no argument"
		}
	case "ip4", "ip6":
		if !isRange(argument, name == "ip4") {
			return "is no " + name + " address or range"
		}
	case "a", "mx":
		w.lookups++
		if _, lengths, ok := strings.Cut(argument, "/"); ok && !prefixLengths.MatchString("/"+lengths) {
			return "has no right prefix length"
		}
	case "ptr":
		w.lookups++
	case "exists":
		w.lookups++
		if argument == "" {
			return "lacks a domain"
		}
	case "include":
		if argument == "" {
			return "lacks a domain"
		}
		return w.follow(argument)
	default:
		return "is no mechanism of SPF"
	}
	return ""
}

var prefixLengths = regexp.MustCompile(`^(/\d{1,2})?(//\d{1,3})?$`)

func isRange(text string, four bool) bool {
	address, length, ranged := strings.Cut(text, "/")
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Is4() != four {
		return false
	}
	n, err := strconv.Atoi(length)
	return !ranged || err == nil && n >= 0 && n <= ip.BitLen()
}

// follow counts another domain's record in; what it returns is wrong with the reference.
func (w *spfWalk) follow(domain string) string {
	w.lookups++
	if strings.Contains(domain, "%") || w.lookups > mostLookups {
		return ""
	}
	records, err := texts(w.ctx, w.resolver, domain, "v=spf1")
	switch {
	case err != nil:
		w.unclear = err
	case len(records) != 1:
		return fmt.Sprintf("leads to a domain with %d SPF records", len(records))
	default:
		w.record(domain, records[0])
	}
	return ""
}
