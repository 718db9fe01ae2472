package web

import (
	"net/http"
	"net/netip"
)

// outboxShown is how many mails the list shows.
const outboxShown = 200

// outbox lists the mails that went to files.
func (s *server) outbox(w http.ResponseWriter, r *http.Request) {
	if s.Outbox == nil {
		s.notFound(w, r, noOutbox)
		return
	}
	mails, err := s.Outbox.Mails(outboxShown)
	if err != nil {
		s.fail(w, r, err, noSuchPage)
		return
	}
	s.render(w, r, http.StatusOK, "outbox.html", "Outbox", mails)
}

// outboxMail shows one mail: its headers, the HTML part in a frame of its own, and the text part.
func (s *server) outboxMail(w http.ResponseWriter, r *http.Request) {
	if m, ok := s.readMail(w, r); ok {
		s.render(w, r, http.StatusOK, "mail.html", m.Subject, m)
	}
}

// outboxBody is the HTML part alone, as a mail program would show it: no script, nothing loaded, nothing to submit.
func (s *server) outboxBody(w http.ResponseWriter, r *http.Request) {
	m, ok := s.readMail(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(m.HTML))
}

func (s *server) readMail(w http.ResponseWriter, r *http.Request) (Mail, bool) {
	if s.Outbox == nil {
		s.notFound(w, r, noOutbox)
		return Mail{}, false
	}
	m, err := s.Outbox.Mail(r.PathValue("name"))
	if err != nil {
		s.fail(w, r, err, noSuchPage)
		return Mail{}, false
	}
	return m, true
}

// local lets only a browser on this machine pass: what lies behind it has no login yet. A request that a proxy brought, as its headers
// tell, comes from elsewhere even though the proxy is here.
func (s *server) local(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		proxied := r.Header.Get("Forwarded") + r.Header.Get("X-Forwarded-For") + r.Header.Get("X-Forwarded-Host") + r.Header.Get("Via")
		if err != nil || !from.Addr().Unmap().IsLoopback() || proxied != "" {
			s.notFound(w, r, noSuchPage)
			return
		}
		next(w, r)
	}
}
