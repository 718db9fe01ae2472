package store

import (
	"context"
	"encoding/json"
	"fmt"
)

// LeadRecords gives all rows about a lead as they are stored, as a JSON object: "lead", "company", then by table; and "suppressed", its addresses that are. What
// is kept of others beside it is left out: the colleagues in dossiers. ErrNotFound when there is no such lead.
func LeadRecords(ctx context.Context, db DB, id int64) (json.RawMessage, error) {
	rows := func(of, from, where string) string {
		return `(SELECT coalesce(jsonb_agg(` + of + ` ORDER BY x.id), '[]') FROM ` + from + ` x WHERE ` + where + `)`
	}
	about := func(table string) string { return `'` + table + `', ` + rows(`to_jsonb(x)`, table, `x.lead_id = l.id`) }
	record, err := scalars[json.RawMessage](ctx, db, `SELECT jsonb_build_object('lead', to_jsonb(l), 'company', to_jsonb(a),
			'suppressed', (SELECT coalesce(jsonb_agg(jsonb_build_object('address', n.address, 'channel', s.channel, 'reason', s.reason, 'since', s.created_at)
				ORDER BY n.address, s.channel), '[]') FROM (VALUES (l.email), (l.phone)) AS n(address) JOIN suppressions s ON s.hash = `+hashSQL("n.address")+` WHERE n.address <> ''),
			'enrollments', `+rows(`to_jsonb(x) - 'moved_to' - 'budget'`, "enrollments", "x.lead_id = l.id")+`, `+about("touches")+`, `+about("responses")+`, `+about("facts")+`, `+about("verdicts")+`, 'stage_moves', `+rows("to_jsonb(x)", "stage_log", "x.lead_id = l.id")+`,
			`+about("tasks")+`, `+about("referrals")+`, `+about("field_proposals")+`,
			'cycles', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.cycle), '[]') FROM all_cycles x WHERE x.lead_id = l.id),
			'lead_turns', (SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM lead_turns x WHERE x.lead_id = l.id),
			'handoffs', `+rows(`to_jsonb(x) || jsonb_build_object('dossier', x.dossier - 'people')`, "handoffs", "x.lead_id = l.id")+`,
			'handoff_outcomes', `+rows("to_jsonb(x)", "handoff_outcomes", "x.handoff_id IN (SELECT id FROM handoffs WHERE lead_id = l.id)")+`,
			'inbound_mails', `+rows(`to_jsonb(x) - 'raw' - 'digest'`, "inbound_mails", "x.lead_id = l.id")+`,
			'link_visits', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.at), '[]') FROM link_visits x JOIN touches t ON t.id = x.touch_id WHERE t.lead_id = l.id))
		FROM leads l LEFT JOIN accounts a ON a.id = l.account_id WHERE l.id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("gather what is kept of lead %d: %w", id, err)
	}
	if len(record) == 0 {
		return nil, fmt.Errorf("lead %d: %w", id, ErrNotFound)
	}
	return record[0], nil
}
