package desk

import (
	"slices"
	"strings"

	"nurture/internal/access"
)

// route is a line of the table: all there is to reach, and who may.
type route struct {
	pattern string
	roles   []access.Role // nil: anybody, without a login
	handle  func(*Desk, *visit) error
	quiet   bool // a change that is not worth a line in the audit log
}

// Groups of roles.
var (
	anybody []access.Role // without a login
	all     = access.Roles
	callers = []access.Role{access.SDR, access.Manager, access.Admin}
	guides  = []access.Role{access.Marketer, access.SDR, access.Manager, access.Admin}               // pause and resume leads, put those into a cadence that are in none
	movers  = []access.Role{access.Marketer, access.Manager, access.Admin}                           // decide on cadences
	hearers = []access.Role{access.Marketer, access.SDR, access.Sales, access.Manager, access.Admin} // hear a lead say stop
	admins  = []access.Role{access.Admin}                                                            // let people and programs in, and forget leads
	sellers = []access.Role{access.Sales, access.Manager, access.Admin}
	leaders = []access.Role{access.Manager, access.Admin}
	// planners look after cadences, or after what carries them out.
	planners = []access.Role{access.Marketer, access.Manager, access.Ops, access.Admin}
	loop     = []access.Role{access.Marketer, access.Sales, access.Manager, access.Admin} // who reads what sales makes of leads
)

// routes is the table. GET stands for HEAD as well, and changes nothing; but where the identity provider sends people back to, a session begins.
var routes []route

// It refers to handlers that refer to it.
func init() {
	routes = []route{
		{"GET /desk/{$}", all, (*Desk).showHome, false},
		{"GET /desk/login", anybody, (*Desk).askLogin, false},
		{"POST /desk/login", anybody, (*Desk).login, false},
		{"GET " + oidcPath, anybody, (*Desk).beginOIDC, false},
		{"GET " + OIDCCallback, anybody, (*Desk).finishOIDC, false},
		{"POST /desk/logout", all, (*Desk).logout, false},
		{"GET /desk/assets/{version}/{name}", anybody, (*Desk).showAsset, false},
		{"GET /desk/account", all, (*Desk).showAccount, false},
		{"POST /desk/account/zone", all, (*Desk).setZone, false},
		{"POST /desk/account/password", all, (*Desk).setPassword, false},
		{"GET /desk/queue", callers, (*Desk).showQueue, false},
		{"POST /desk/queue/next", callers, (*Desk).nextTask, false},
		{"GET /desk/tasks/{id}", callers, (*Desk).showCall, false},
		{"GET /desk/tasks/{id}/news", callers, (*Desk).showNews, false},
		{"POST /desk/tasks/{id}/claim", callers, (*Desk).claimTask, true},
		{"POST /desk/tasks/{id}/release", callers, (*Desk).releaseTask, true},
		{"POST /desk/tasks/{id}/draft", callers, (*Desk).saveDraft, true},
		{"POST /desk/tasks/{id}/snooze", callers, (*Desk).snoozeTask, false},
		{"POST /desk/tasks/{id}/log", callers, (*Desk).logCall, false},
		{"GET /desk/leads", all, (*Desk).showLeads, false},
		{"GET /desk/leads/{id}", all, (*Desk).showLead, false},
		{"POST /desk/leads/{id}/pause", guides, (*Desk).pauseLead, false},
		{"POST /desk/leads/{id}/resume", guides, (*Desk).resumeLead, false},
		{"POST /desk/leads/{id}/enroll", guides, (*Desk).enrollLead, false},
		{"POST /desk/leads/{id}/move", movers, (*Desk).moveLead, false},
		{"POST /desk/leads/{id}/suppress", hearers, (*Desk).suppressLead, false},
		{"POST /desk/leads/{id}/erase", admins, (*Desk).eraseLead, false},
		{"POST /desk/leads/{id}/fields", guides, (*Desk).setField, false},
		{"POST /desk/leads/{id}/proposals", guides, (*Desk).decideProposal, false},
		{"GET /desk/handoffs", loop, (*Desk).showHandoffs, false},
		{"GET /desk/handoffs/{id}", loop, (*Desk).showHandoff, false},
		{"POST /desk/handoffs/{id}/accept", sellers, (*Desk).acceptHandoff, false},
		{"POST /desk/handoffs/{id}/reject", sellers, (*Desk).rejectHandoff, false},
		{"POST /desk/handoffs/{id}/reassign", leaders, (*Desk).reassignHandoff, false},
		{"POST /desk/handoffs/{id}/outcome", sellers, (*Desk).reportOutcome, false},
		{"GET /desk/cadences", planners, (*Desk).showCadences, false},
		{"GET /desk/cadences/{key}", planners, (*Desk).showCadence, false},
		{"GET /desk/stages", all, (*Desk).showStages, false},
		{"GET /desk/coverage", planners, (*Desk).showCoverage, false},
		{"GET /desk/ops", overseers, (*Desk).showOps, false},
		{"GET /desk/ops/leaks", overseers, (*Desk).showLeaks, false},
		{"POST /desk/ops/queues/{name}/pause", operators, (*Desk).pauseQueue, false},
		{"POST /desk/ops/queues/{name}/resume", operators, (*Desk).resumeQueue, false},
		{"POST /desk/ops/jobs/{id}/retry", operators, (*Desk).retryJob, false},
		{"POST /desk/ops/jobs/{id}/cancel", operators, (*Desk).cancelJob, false},
		{"GET /desk/ops/senders", overseers, (*Desk).showSenders, false},
		{"POST /desk/ops/senders/pause", operators, (*Desk).pauseSender, false},
		{"POST /desk/ops/senders/resume", operators, (*Desk).resumeSender, false},
		{"GET /desk/ops/unknown", overseers, (*Desk).showUnknown, false},
		{"POST /desk/ops/unknown/{id}", operators, (*Desk).settleUnknown, false},
		{"GET /desk/inbox", matchers, (*Desk).showInbox, false},
		{"GET /desk/inbox/{id}", matchers, (*Desk).showMail, false},
		{"POST /desk/inbox/{id}/assign", matchers, (*Desk).assignMail, false},
		{"POST /desk/inbox/{id}/aside", matchers, (*Desk).setMailAside, false},
		{"GET /desk/inbox/referrals", matchers, (*Desk).showReferrals, false},
		{"POST /desk/inbox/referrals/{id}/accept", matchers, (*Desk).acceptReferral, false},
		{"POST /desk/inbox/referrals/{id}/decline", matchers, (*Desk).declineReferral, false},
		{"GET /desk/suppressions", protectors, (*Desk).showSuppressions, false},
		{"POST /desk/suppressions/check", protectors, (*Desk).checkSuppression, true},
		{"POST /desk/suppressions/add", protectors, (*Desk).addSuppression, false},
		{"POST /desk/suppressions/lift", lifters, (*Desk).liftSuppression, false},
		{"GET /desk/access", admins, (*Desk).showUsers, false},
		{"POST /desk/access/users", admins, (*Desk).addUser, true}, // package access notes these itself
		{"POST /desk/access/users/{id}/role", admins, (*Desk).setRole, true},
		{"POST /desk/access/users/{id}/disable", admins, (*Desk).disableUser, true},
		{"POST /desk/access/users/{id}/enable", admins, (*Desk).enableUser, true},
		{"POST /desk/access/users/{id}/password", admins, (*Desk).resetPassword, true},
		{"GET /desk/access/tokens", admins, (*Desk).showTokens, false},
		{"POST /desk/access/tokens", admins, (*Desk).addToken, true},
		{"POST /desk/access/tokens/{id}/revoke", admins, (*Desk).revokeToken, true},
		{"GET /desk/audit", auditors, (*Desk).showAudit, false},
		{nothing, all, (*Desk).showNothing, false},
	}
}

// navItem is a line of the navigation: it is shown to whom the table lets pass.
type navItem struct{ Label, Path, Icon string }

// navigation is in the order in which people need it: a user's home is the first that is open to the role, save of those in homes.
var navigation = []navItem{
	{"Queue", "/desk/queue", "queue"},
	{"Leads", "/desk/leads", "leads"},
	{"Handoffs", "/desk/handoffs", "handoffs"},
	{"Cadences", "/desk/cadences", "cadences"},
	{"Stages", "/desk/stages", "stages"},
	{"Coverage", "/desk/coverage", "chart"},
	{"Operations", "/desk/ops", "pulse"},
	{"Inbox", "/desk/inbox", "inbox"},
	{"Suppressions", "/desk/suppressions", "barred"},
	{"Access", "/desk/access", "lock"},
	{"Audit log", "/desk/audit", "book"},
}

// navFor is what a role may reach of the navigation.
func navFor(role access.Role) []navItem {
	var items []navItem
	for _, item := range navigation {
		if mayGet(item.Path, role) {
			items = append(items, item)
		}
	}
	return items
}

// mayGet says whether the table lets a role read the page at a path without parts that vary.
func mayGet(path string, role access.Role) bool {
	i := slices.IndexFunc(routes, func(r route) bool { return r.pattern == "GET "+path })
	return i >= 0 && slices.Contains(routes[i].roles, role)
}

// changes says whether a route is one that changes something.
func (r route) changes() bool { return !strings.HasPrefix(r.pattern, "GET ") }
