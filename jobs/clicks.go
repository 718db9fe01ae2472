package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/internal/token"
	"nurture/store"
)

const (
	// scanTime is how long after its sending a mail's links are opened by the machines that check it, in the main; people read later.
	scanTime = time.Minute
	// burst is the time in which nobody opens two links of one mail.
	burst = time.Second
	// ripeAfter is when a click may be counted: until then another link of the mail may turn it into a burst.
	ripeAfter = 3 * time.Second
	clickBite = 200
)

// Visit is a request for a link of a mail, as it came.
type Visit struct {
	Head   bool // only the header was asked for
	Header http.Header
}

// Click gives the target of a link in a mail; token.ErrInvalid when the token is not ours. Where the visit looks like a person's it is
// noted, and counted when no other link of the mail was opened in the same moment. Neither the visitor's address nor its browser is kept.
// With a target the error only says that the visit could not be noted: the reader should get there all the same.
func (e *Engine) Click(ctx context.Context, tok string, v Visit) (target string, err error) {
	touchID, target, err := e.tokens.OpenLink(tok)
	if err != nil {
		return "", err
	}
	if !webTarget(target) {
		return "", token.ErrInvalid
	}
	if v.byMachine() || v.unwatched() {
		return target, nil
	}
	return target, e.noteVisit(ctx, touchID, target)
}

// noteVisit stores that a link was opened, with what that says of the mail's other links.
func (e *Engine) noteVisit(ctx context.Context, touchID int64, target string) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		sentAt, err := store.TouchSentAt(ctx, tx, touchID)
		if err != nil {
			return err
		}
		if sentAt == nil || now.Before(sentAt.Add(scanTime)) {
			return nil
		}
		visits, err := store.LockVisits(ctx, tx, touchID)
		if err != nil {
			return err
		}
		digest := sha256.Sum256([]byte(target))
		return store.SaveVisits(ctx, tx, touchID, visited(visits, hex.EncodeToString(digest[:]), target, now))
	})
}

// visited gives the visits of a mail that change when one of its links is opened. Links that are opened within a burst are opened by a
// machine: what waits of them is not counted. A later visit by somebody slower still may be.
func visited(visits []store.LinkVisit, link, target string, now time.Time) []store.LinkVisit {
	this := store.LinkVisit{Link: link, Target: target, At: now, State: store.VisitWaiting}
	var changed []store.LinkVisit
	alone := true
	for _, v := range visits {
		switch {
		case v.Link == link && v.State != store.VisitScanned:
			this.At, this.State = v.At, v.State
		case v.Link != link && now.Sub(v.SeenAt) <= burst:
			alone = false
			if v.State == store.VisitWaiting {
				v.State = store.VisitScanned
				changed = append(changed, v)
			}
		}
	}
	this.SeenAt = now
	if !alone && this.State == store.VisitWaiting {
		this.State = store.VisitScanned
	}
	return append(changed, this)
}

// countClicks turns visits that stayed alone into responses, one a link and mail.
func (e *Engine) countClicks(ctx context.Context) (int, error) {
	n := 0
	count := func(limit int, skip []int64) ([]store.RipeVisit, error) {
		var ripe []store.RipeVisit
		err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
			var err error
			if ripe, err = store.LockRipeVisits(ctx, tx, now.Add(-ripeAfter), now.Add(aheadBy), skip, limit); err != nil || len(ripe) == 0 {
				return err
			}
			inputs := make([]ResponseInput, len(ripe))
			for i, v := range ripe {
				inputs[i] = ResponseInput{
					LeadID: v.LeadID, TouchID: v.TouchID, Kind: cadence.Click, Source: "click", ExternalID: fmt.Sprintf("%d-%.32s", v.TouchID, v.Link),
					Said: v.Target, At: v.At,
				}
			}
			if _, err := e.respondIn(ctx, tx, now, inputs); err != nil {
				return err
			}
			return store.MarkCounted(ctx, tx, ripe)
		})
		return ripe, err
	}
	var bad []int64
	limit := clickBite
	for {
		ripe, err := count(limit, bad)
		switch {
		case spoilt(err) && limit > 1:
			limit = 1 // one that cannot be counted must not stop the others (K3)
		case spoilt(err) && len(ripe) == 1 && len(bad) < clickBite:
			bad = append(bad, ripe[0].TouchID)
			e.log.ErrorContext(ctx, "a click cannot be counted and is passed over", "touch", ripe[0].TouchID, "error", err)
		case err != nil || len(ripe) == 0:
			return n, err
		default:
			n += len(ripe)
		}
	}
}

// byMachine says whether a request is a link checker's, a preview's or a prefetch: it does not say what people's browsers say when
// somebody follows a link.
func (v Visit) byMachine() bool {
	if v.Head || !strings.Contains(v.Header.Get("Accept"), "text/html") {
		return true
	}
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} { // the Fetch standard's, and older browsers'
		value := strings.ToLower(v.Header.Get(name))
		if strings.Contains(value, "prefetch") || strings.Contains(value, "preview") {
			return true
		}
	}
	if mode := v.Header.Get("Sec-Fetch-Mode"); mode != "" && mode != "navigate" { // W3C Fetch Metadata
		return true
	}
	agent := strings.ReplaceAll(strings.ToLower(v.Header.Get("User-Agent")), "cubot", "") // a make of telephones
	if agent == "" {
		return true
	}
	for _, word := range machineWords {
		if strings.Contains(agent, word) {
			return true
		}
	}
	return false
}

// unwatched says whether the reader asked not to be tracked: Global Privacy Control, or the older Do Not Track.
func (v Visit) unwatched() bool {
	return v.Header.Get("Sec-GPC") == "1" || v.Header.Get("DNT") == "1"
}

// machineWords are in the User-Agent of what opens links without a reader: crawlers, mail security, link previews, HTTP libraries.
// Browsers inside of mail programs are none of them.
var machineWords = []string{
	"bot", "crawl", "spider", "slurp", "scan", "preview", "prefetch", "fetch", "monitor", "check", "validator", "headless", "phantomjs", "lighthouse",
	"barracuda", "proofpoint", "mimecast", "safelinks", "symantec", "messagelabs", "trendmicro", "trend micro", "sophos", "fortinet", "fortiguard",
	"forcepoint", "websense", "zscaler", "cloudmark", "kaspersky", "bitdefender", "mcafee", "fireeye", "trellix", "virustotal", "urlscan",
	"googleimageproxy", "yahoomailproxy", "google-read-aloud", "google-safety", "google-web", "apis-google", "feedburner",
	"facebookexternalhit", "whatsapp", "skypeuri", "viber", "embedly", "ms-office", "msoffice", "microsoft office",
	"curl", "wget", "python", "aiohttp", "httpx", "go-http", "java/", "okhttp", "apache-httpclient", "libwww", "perl", "ruby", "php", "guzzle",
	"node", "axios", "undici", "postman", "insomnia", "http-client", "httpclient", "winhttp", "powershell",
}
