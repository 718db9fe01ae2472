package jobs

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/channels"
	"nurture/config"
	"nurture/internal/dnsname"
	"nurture/internal/token"
	"nurture/store"
	"nurture/templates"
)

// render makes the messages of claimed touches. A touch that cannot be rendered, for want of a value say, is not sent with a
// hole: it comes back among the results as failed, and the others go on (K3).
func (e *Engine) render(ctx context.Context, outgoing []store.Outgoing) ([]channels.Message, []store.TouchResult) {
	messages := make([]channels.Message, 0, len(outgoing))
	var failed []store.TouchResult
	for i := range outgoing {
		o := &outgoing[i]
		m, err := e.renderOne(o)
		if err != nil {
			e.log.WarnContext(ctx, "touch cannot be rendered", "touch", o.TouchID, "lead", o.Key, "template", o.Template, "error", err)
			failed = append(failed, store.TouchResult{
				TouchID: o.TouchID, State: store.TouchFailed, Reason: cadence.ReasonTemplate, Detail: err.Error(), NotBefore: e.now(),
				Claimed: &o.Enrollment,
			})
			continue
		}
		messages = append(messages, m)
	}
	return messages, failed
}

// renderer makes messages. Sends, previews and tests of a step share it, so that what is shown is what is sent.
type renderer struct {
	token     func(p token.Purpose, touchID int64) string // names the touch in links and addresses
	publicURL string                                      // overrides public_url of the configuration; "" does not
	now       time.Time
	clicks    func(m *channels.Message, base string) // makes the links of a mail count; nil leaves them as they are
}

// renderer makes messages of touches that are in the ledger.
func (e *Engine) renderer() renderer {
	return renderer{token: e.tokens.Make, publicURL: e.publicURL, now: e.now(), clicks: e.leadLinks}
}

func (e *Engine) renderOne(o *store.Outgoing) (channels.Message, error) {
	return e.renderer().touch(o, e.definitions.of(o.CadenceVersionID))
}

// touch renders one touch by the cadence version that it belongs to.
func (r renderer) touch(o *store.Outgoing, pinned pinnedCadence) (m channels.Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("rendering failed: %v", p)
		}
	}()
	settings := pinned.settings
	sender := senderNamed(settings, o.TouchFrom)
	data := r.templateData(o, pinned, sender)
	m = channels.Message{TouchID: o.TouchID, To: channels.Party{Name: o.FullName(), Address: o.Address}}
	switch o.TouchChannel {
	case cadence.ChannelEmail:
		return r.email(m, o, settings, sender, pinned.config.Templates, data)
	case cadence.ChannelVoicemail:
		v, err := pinned.config.Templates.RenderVoicemail(o.Template, data)
		if err != nil {
			return m, err
		}
		m.From = channels.Party{Name: sender.Name, Address: sender.Phone}
		m.Text, m.Voice = v.Text, channels.Voice{RecordingURL: v.Recording, Language: v.Language, OnHuman: ""}
		return m, nil
	case cadence.ChannelCall:
		m.From = channels.Party{Address: o.Owner}
		if o.Template == "" {
			m.Subject = taskTitle(cadence.TaskCall, o.FullName(), nil)
			return m, nil
		}
		script, err := pinned.config.Templates.RenderCall(o.Template, data)
		if err != nil {
			return m, err
		}
		m.Subject, m.Text = script.Title, script.Text
		return m, nil
	}
	return m, fmt.Errorf("touch %d has the unknown channel %q", o.TouchID, o.TouchChannel)
}

func (r renderer) email(m channels.Message, o *store.Outgoing, settings config.Settings, sender config.Sender,
	set *templates.Set, data templates.Data,
) (channels.Message, error) {
	mail, err := set.RenderEmail(o.Template, data)
	if err != nil {
		return m, err
	}
	m.From = channels.Party{Name: sender.Name, Address: sender.Email}
	m.Subject, m.Text, m.HTML = mail.Subject, mail.Text, mail.HTML
	m.Mail = channels.Mail{
		MessageID: messageID(o.TouchID, sender.Email), Date: r.now, References: o.References,
		ReplyTo:           tagged(settings.RepliesTo(sender), r.token(token.Reply, o.TouchID)),
		EnvelopeFrom:      tagged(settings.BouncesTo(sender), r.token(token.Bounce, o.TouchID)),
		UnsubscribeMailto: tagged(settings.LeavingTo(sender), r.token(token.Unsubscribe, o.TouchID)),
		UnsubscribeURL:    r.publicLink(settings, token.Unsubscribe, o.TouchID),
	}
	if settings.Mail.TrackClicks && r.clicks != nil {
		r.clicks(&m, cmp.Or(r.publicURL, settings.PublicURL))
	}
	return m, nil
}

// senderNamed gives the sender with an address; one that left since the touch was planned still signs as that address.
func senderNamed(settings config.Settings, address string) config.Sender {
	for _, s := range settings.Senders {
		if s.Email == address {
			return s
		}
	}
	return config.Sender{Name: settings.Company.Name, Email: address}
}

// messageID is the Message-ID of a touch, the same for every try: a repeated delivery is recognised as one by mail systems.
func messageID(touchID int64, senderAddress string) string {
	return fmt.Sprintf("touch-%d.nurture@%s", touchID, domainOf(senderAddress))
}

// TouchOf reads the touch from a Message-ID without brackets; false when it is none of ours.
func TouchOf(messageID string) (int64, bool) {
	local, _, _ := strings.Cut(messageID, "@")
	number, suffixed := strings.CutSuffix(local, ".nurture")
	number, prefixed := strings.CutPrefix(number, "touch-")
	touchID, err := strconv.ParseInt(number, 10, 64)
	return touchID, err == nil && suffixed && prefixed
}

// ourMessages picks the Message-IDs that are ours and gives the touches that they name.
func ourMessages(messageIDs []string) (touchIDs []int64, ours []string) {
	for _, id := range messageIDs {
		if touchID, ok := TouchOf(id); ok {
			touchIDs, ours = append(touchIDs, touchID), append(ours, id)
		}
	}
	return touchIDs, ours
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return dnsname.Host(domain)
}

// tagged puts a token into an address as its sub-address (RFC 5233): replies+token@example.com.
func tagged(address, tag string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok {
		return address
	}
	return local + "+" + tag + "@" + domain
}

// publicLink is the address of a lead's own page, whose path is named after the purpose of its token; "" when there is no public address.
func (r renderer) publicLink(settings config.Settings, p token.Purpose, touchID int64) string {
	base := cmp.Or(r.publicURL, settings.PublicURL)
	if base == "" {
		return ""
	}
	return base + "/" + string(rune(p)) + "/" + r.token(p, touchID)
}

// templateData is what templates may name, filled in for one touch.
func (r renderer) templateData(o *store.Outgoing, pinned pinnedCadence, sender config.Sender) templates.Data {
	settings := pinned.settings
	plan := pinned.config.Plans[pinned.key]
	first, last, _ := strings.Cut(sender.Name, " ")
	return templates.Data{
		"lead": {
			"first_name": o.FirstName, "last_name": o.LastName, "name": strings.TrimSpace(o.FirstName + " " + o.LastName),
			"email": o.Email, "phone": o.Phone, "title": o.Title, "role": o.Role, "city": o.City, "state": o.Region,
			"country": o.Lead.Country, "language": o.Language, "time_zone": cmp.Or(o.Zones...), "source": o.Source, "stage": o.Stage,
			"fields": o.Custom,
		},
		"account": {
			"name": o.Account.Name, "domain": o.Domain, "industry": o.Industry, "employees": positive(o.Employees),
			"country": o.Account.Country, "fields": o.Account.Custom,
		},
		"sender": {
			"name": sender.Name, "first_name": first, "last_name": last, "email": sender.Email, "phone": sender.Phone, "title": sender.Title,
		},
		"company": {
			"name": settings.Company.Name, "postal_address": settings.Company.PostalAddress, "website": settings.Company.Website,
		},
		"links": {
			"unsubscribe":  r.publicLink(settings, token.Unsubscribe, o.TouchID),
			"preferences":  r.publicLink(settings, token.Preferences, o.TouchID),
			"self_qualify": r.publicLink(settings, token.SelfQualify, o.TouchID),
		},
		"step": {
			"key": o.StepKey, "number": o.Step + 1, "attempt": o.Attempt, "budget": o.Budget, "cadence": plan.Key, "goal": plan.Goal,
		},
		"facts": factsInForce(o.Facts),
	}
}

// positive makes an unknown count (0) an empty value.
func positive(n int) any {
	if n <= 0 {
		return nil
	}
	return n
}

// factsInForce are the answers that templates may name. What software only inferred is left out: a lead should not read a guess
// about itself.
func factsInForce(facts []uld.Fact) map[string]any {
	if len(facts) == 0 {
		return nil
	}
	held, _ := uld.Current(facts)
	values := make(map[string]any, len(held))
	for key, fact := range held {
		if fact.Class > uld.Inferred {
			values[key] = fact.Value.String()
		}
	}
	return values
}

func enrollmentsOf(outgoing []store.Outgoing) []store.Enrollment {
	rows := make([]store.Enrollment, len(outgoing))
	for i := range outgoing {
		rows[i] = outgoing[i].Enrollment
	}
	return rows
}

// complete adds the configuration and the facts that rendering touches needs.
func (e *Engine) complete(ctx context.Context, db store.DB, outgoing []store.Outgoing) error {
	if len(outgoing) == 0 {
		return nil
	}
	if err := e.definitions.pin(ctx, db, enrollmentsOf(outgoing)); err != nil {
		return err
	}
	leadIDs := make([]int64, len(outgoing))
	for i := range outgoing {
		leadIDs[i] = outgoing[i].LeadID()
	}
	facts, err := store.Facts(ctx, db, leadIDs)
	if err != nil {
		return err
	}
	for i := range outgoing {
		outgoing[i].Facts = facts[outgoing[i].LeadID()]
	}
	return nil
}

// localTime tells an SDR what the clock says where the lead is.
func localTime(zones []string, operatorZone string, now time.Time) string {
	loc, err := time.LoadLocation(cmp.Or(append(append([]string(nil), zones...), operatorZone)...))
	if err != nil {
		return ""
	}
	return now.In(loc).Format("Mon 15:04 MST")
}
