package web

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// Proxies are what may say from where a request comes. What runs on this machine always may.
type Proxies struct {
	Trusted []netip.Prefix
	// Forwarded: they say it in Forwarded (RFC 7239) and not in X-Forwarded-For. Only one header counts: a proxy that writes the one passes on what its
	// client wrote in the other.
	Forwarded bool
}

// naming has requests carry the address of the client in RemoteAddr, in place of that of the nearest proxy: what counts or notes addresses need not know of
// proxies. A proxy that seems to be one and is not trusted is told of in the log, once.
func (p Proxies) naming(log *slog.Logger, next http.Handler) http.Handler {
	var once sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			next.ServeHTTP(w, r)
			return
		}
		from := p.client(peer.Addr().Unmap(), r.Header)
		if from == peer.Addr().Unmap() && !p.trusts(from) && from.IsPrivate() && r.Header.Get(p.header()) != "" {
			once.Do(func() {
				log.WarnContext(r.Context(), "requests come from a proxy that is not trusted, so all its clients count as one: name it in NURTURE_TRUSTED_PROXIES if it is yours",
					"address", from)
			})
		}
		if from != peer.Addr() { // r is the server's: others look at it
			named := *r
			named.RemoteAddr = netip.AddrPortFrom(from, peer.Port()).String()
			r = &named
		}
		next.ServeHTTP(w, r)
	})
}

func (p Proxies) header() string {
	if p.Forwarded {
		return "Forwarded"
	}
	return "X-Forwarded-For"
}

func (p Proxies) trusts(a netip.Addr) bool {
	return a.IsLoopback() || slices.ContainsFunc(p.Trusted, func(t netip.Prefix) bool { return t.Contains(a) })
}

// client goes back from the peer, proxy by proxy, to the first address that is none of ours: each proxy adds at the end who asked it. What stands before that
// anybody could have written. Where a proxy does not name an address, the proxy is all that is known.
func (p Proxies) client(peer netip.Addr, head http.Header) netip.Addr {
	hops := p.hops(head)
	for len(hops) > 0 && p.trusts(peer) {
		before, ok := hopAddress(hops[len(hops)-1])
		if !ok {
			break
		}
		peer, hops = before, hops[:len(hops)-1]
	}
	return peer
}

// hops are what the header's lines name, in order; several lines are one list (RFC 9110, section 5.3).
func (p Proxies) hops(head http.Header) []string {
	var hops []string
	for _, line := range head.Values(p.header()) {
		for part := range strings.SplitSeq(line, ",") {
			if p.Forwarded {
				part = forwardedFor(part)
			}
			hops = append(hops, strings.TrimSpace(part))
		}
	}
	return hops
}

// forwardedFor is the node that an element of Forwarded names in for=; "" when it names none. No address has a comma or a semicolon in it, so that a quoted
// one that has is none.
func forwardedFor(element string) string {
	for pair := range strings.SplitSeq(element, ";") {
		if name, value, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.EqualFold(name, "for") {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// hopAddress reads an address, with a port or without.
func hopAddress(hop string) (netip.Addr, bool) {
	if host, _, err := net.SplitHostPort(hop); err == nil {
		hop = host
	}
	a, err := netip.ParseAddr(strings.Trim(hop, "[]"))
	return a.Unmap().WithZone(""), err == nil
}
