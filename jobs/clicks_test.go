package jobs

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/internal/token"
	"nurture/store"
)

// opened is the visit of somebody who follows a link; changes are header names and values, an empty value removes the header.
func opened(changes ...string) Visit {
	h := http.Header{}
	h.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36")
	h.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	h.Set("Sec-Fetch-Mode", "navigate")
	for i := 0; i < len(changes); i += 2 {
		h.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			h.Del(changes[i])
		}
	}
	return Visit{Header: h}
}

const (
	firstLink  = "https://www.example.com/one"
	secondLink = "https://www.example.com/two"
)

// clicked opens a link of a mail and fails unless it leads where it should.
func (r *rig) clicked(touchID int64, target string, v Visit) {
	r.t.Helper()
	to, err := r.Click(r.ctx, r.Tokens().MakeLink(touchID, target), v)
	if err != nil || to != target {
		r.t.Errorf("the link leads to %q (%v), want %q", to, err, target)
	}
}

// mailedAnHourAgo is a rig with the touches of n persons sent.
func mailedAnHourAgo(t *testing.T, n int) (*rig, []int64) {
	t.Helper()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	ids := r.planned(n)
	r.sendNow(cadence.ChannelEmail, ids...)
	r.pass(time.Hour)
	return r, ids
}

func (r *rig) clicks() int { return r.count(`SELECT count(*) FROM responses WHERE kind = 'click'`) }

// TestAClickIsCountedOnceALinkAndMail opens links again and again, at leisure.
func TestAClickIsCountedOnceALinkAndMail(t *testing.T) {
	t.Parallel()
	r, ids := mailedAnHourAgo(t, 2)
	before := r.touch(ids[0])
	for range 3 {
		for _, target := range []string{firstLink, secondLink} {
			r.clicked(ids[0], target, opened())
			r.pass(10 * time.Second)
			r.tick()
		}
	}
	if n := r.clicks(); n != 2 {
		t.Errorf("%d clicks, want one a link", n)
	}
	responses, err := store.LeadResponses(r.ctx, r.pool, r.leadOf(ids[0]))
	must(t, err)
	first := responses[0]
	if first.Source != "click" || first.Said != firstLink || !first.At.Equal(tenOClock.Add(time.Hour)) || first.TouchID == nil || *first.TouchID != ids[0] {
		t.Errorf("response %+v", first)
	}
	r.evaluateAll()
	if n := r.count(`SELECT count(*) FROM verdicts WHERE outcome <> 'nurture' OR readiness <> 'unknown'`); n != 0 {
		t.Errorf("clicks changed %d verdicts", n)
	}
	if after := r.touch(ids[0]); after != before {
		t.Errorf("clicks made %+v of %+v", after, before)
	}
	r.clicked(ids[1], firstLink, opened())
	if n := r.tick(); n != 0 || r.clicks() != 2 {
		t.Errorf("%d moved, %d clicks: a click is counted before it is known to be alone", n, r.clicks())
	}
	r.pass(ripeAfter)
	r.tick()
	if n := r.clicks(); n != 3 {
		t.Errorf("%d clicks, want 3: the other lead's as well", n)
	}
}

// TestMachinesAreNotCounted is D8: each is led on, none leaves a trace.
func TestMachinesAreNotCounted(t *testing.T) {
	t.Parallel()
	r, ids := mailedAnHourAgo(t, 1)
	before := r.dump()
	head := opened()
	head.Head = true
	visits := []Visit{
		head,
		{Header: http.Header{}},
		opened("Accept", ""), opened("Accept", "*/*"), opened("Accept", "image/webp,*/*"), opened("User-Agent", ""),
		opened("Sec-Purpose", "prefetch;prerender"), opened("Purpose", "prefetch"), opened("X-Moz", "prefetch"), opened("X-Purpose", "preview"),
		opened("Sec-Fetch-Mode", "no-cors"), opened("Sec-GPC", "1"), opened("DNT", "1"),
	}
	for _, agent := range []string{
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.10.1", "python-requests/2.32", "Go-http-client/2.0", "Barracuda Sentinel (EE)",
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36", "Mozilla/5.0 (Windows NT 10.0) BingPreview/1.0b", "WhatsApp/2.24",
		"facebookexternalhit/1.1", "Slackbot-LinkExpanding 1.0", "Java/17.0.2", "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0)", "Mimecast-URL-Defence",
	} {
		visits = append(visits, opened("User-Agent", agent))
	}
	for _, v := range visits {
		r.clicked(ids[0], firstLink, v)
		r.pass(time.Minute)
	}
	r.tick()
	if n := r.count(`SELECT count(*) FROM link_visits`); n != 0 || r.dump() != before {
		t.Errorf("machines left %d visits and\n%s", n, r.dump())
	}
	for _, agent := range []string{
		"Mozilla/5.0 (Linux; Android 14; CUBOT KINGKONG) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
		"Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
	} {
		if opened("User-Agent", agent, "Sec-Fetch-Mode", "").byMachine() {
			t.Errorf("a person with %s is taken for a machine", agent)
		}
	}
}

func TestLinksOpenedAtDeliveryAreNotCounted(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep))
	ids := r.planned(1)
	r.clicked(ids[0], firstLink, opened()) // before it is known that the mail left
	r.sendNow(cadence.ChannelEmail, ids...)
	r.pass(scanTime - time.Second)
	r.clicked(ids[0], firstLink, opened())
	r.pass(time.Hour)
	r.tick()
	if n := r.clicks(); n != 0 {
		t.Errorf("%d clicks", n)
	}
	r.clicked(ids[0], firstLink, opened())
	r.pass(time.Hour)
	r.tick()
	if n := r.clicks(); n != 1 {
		t.Errorf("%d clicks once the mail can have been read", n)
	}
}

// TestNobodyOpensAllLinksAtOnce is a scanner that looks like a browser, with its requests at the same time or one behind the other; the
// reader who comes later counts.
func TestNobodyOpensAllLinksAtOnce(t *testing.T) {
	t.Parallel()
	for _, together := range []bool{false, true} {
		r, ids := mailedAnHourAgo(t, 1)
		var wg sync.WaitGroup
		for _, target := range []string{firstLink, secondLink, "https://www.example.com/three", firstLink} {
			if together {
				wg.Go(func() { r.clicked(ids[0], target, opened()) })
				continue
			}
			r.clicked(ids[0], target, opened())
			r.pass(400 * time.Millisecond)
		}
		wg.Wait()
		r.pass(time.Minute)
		r.tick()
		if n := r.clicks(); n != 0 {
			t.Errorf("together %v: %d clicks by a scanner", together, n)
		}
		r.clicked(ids[0], secondLink, opened())
		r.pass(time.Minute)
		r.tick()
		if n := r.clicks(); n != 1 {
			t.Errorf("together %v: %d clicks, want the reader's", together, n)
		}
	}
}

func TestAClickThatCannotBeNotedStillLeadsOn(t *testing.T) {
	t.Parallel()
	r, ids := mailedAnHourAgo(t, 1)
	gone := r.Tokens().MakeLink(ids[0]+1000, firstLink)
	if to, err := r.Click(r.ctx, gone, opened()); to != firstLink || err == nil {
		t.Errorf("a mail that is gone leads to %q, %v", to, err)
	}
	good := r.Tokens().MakeLink(ids[0], firstLink)
	for _, tok := range []string{
		"", good[:len(good)-1], good + "a", strings.ToUpper(good), r.Tokens().Make(token.Click, ids[0]), r.Tokens().MakeLink(ids[0], "javascript:alert(1)"),
		r.Tokens().MakeLink(ids[0], "https://user:word@example.com/"), r.Tokens().MakeLink(ids[0], "/outbox"),
	} {
		if to, err := r.Click(r.ctx, tok, opened()); to != "" || err == nil {
			t.Errorf("%q leads to %q, %v", tok, to, err)
		}
	}
	r.pool.Close()
	if to, err := r.Click(r.ctx, good, opened()); to != firstLink || err == nil {
		t.Errorf("without a database: %q, %v", to, err)
	}
}

// TestOneClickThatCannotBeCounted is K3.
func TestOneClickThatCannotBeCounted(t *testing.T) {
	t.Parallel()
	r, ids := mailedAnHourAgo(t, 3)
	r.exec(`ALTER TABLE responses ADD CONSTRAINT bad CHECK (kind <> 'click' OR touch_id <> ` + itoa(ids[1]) + `)`)
	for _, id := range ids {
		r.clicked(id, firstLink, opened())
	}
	r.pass(time.Minute)
	if _, err := r.Tick(r.ctx); err != nil {
		t.Error(err)
	}
	if n := r.clicks(); n != 2 {
		t.Errorf("%d clicks, want the two good ones", n)
	}
}
