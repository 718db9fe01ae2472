package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"nurture/cadence/uld"
)

// Kin are leads that are alike in all that a decision looks at: Lead is each of them as far as was asked, the rest of it is blank. An address is
// only there or not, as @ or +; of a mail address in a domain that was asked about the domain is there too.
type Kin struct {
	Lead
	IDs []int64 `db:"ids"` // in ascending order
}

// KinQuery says what of leads is looked at beside what an appointment depends on: where they are, how they can be reached, their stage,
// readiness, language, mailbox and owner.
type KinQuery struct {
	Fields  []string // as predicates name them: "account.industry", "lead.fields.tier"
	Domains []string // of mail addresses, that are to be told apart; in lower case
}

// ownField is the part of a predicate's field before the name of a lead's own one.
const ownField = "lead.fields."

// factField is how predicates name what is known of a lead. Leads of whom anything is known are nobody's kin where that is looked at.
const factField = uld.FactField

// kinColumns give for each field that a predicate may name the column that it is told by; "" where that is among the columns that are always asked
// for. Beside these there are leads' own fields and facts.
var kinColumns = map[string]string{
	"consent.email": given("consent_email"), "consent.call": given("consent_call"), "consent.voicemail": "",
	"lead.key": `l.key AS lead_key`, "lead.email": "", "lead.phone": "", "lead.stage": "", "lead.source": `l.source`, "lead.country": "", "lead.region": "",
	"lead.city": `l.city`, "lead.role": `l.role`, "lead.title": `l.title`, "lead.origin": "", "lead.language": "", "lead.readiness": "", "lead.owner": "",
	"lead.score":   "", // that no lead has
	"account.name": `coalesce(a.name, '') AS account_name`, "account.domain": `coalesce(a.domain, '') AS account_domain`,
	"account.industry": `coalesce(a.industry, '') AS account_industry`, "account.country": `coalesce(a.country, '') AS account_country`,
	"account.employees": `coalesce(a.employees, 0) AS account_employees`,
}

// hashOnly tells rows apart that phone_invalid does, by a type that can be hashed and has no order: to sort rows by all columns, which the estimates of
// costs take for as good, takes twice as long.
const hashOnly = `CASE WHEN l.phone_invalid THEN '1'::xid ELSE '0'::xid END`

// given tells of a consent only whether there is one.
func given(column string) string {
	return `CASE WHEN l.` + column + ` IS NOT NULL THEN 'epoch'::timestamptz END AS ` + column
}

// Answerable reports whether leads can be told apart by all that q asks for.
func (q KinQuery) Answerable() bool {
	return !slices.ContainsFunc(q.Fields, func(field string) bool {
		_, known := kinColumns[field]
		return !known && !strings.HasPrefix(field, ownField) && !strings.HasPrefix(field, factField)
	})
}

// FindKin sorts leads by what q asks for. It leaves out those that are, or were, in a cadence or in another stage, those about which a person has something to do, those that
// another lead named, and, where q asks for facts, those of whom anything is known. The query must be Answerable.
func FindKin(ctx context.Context, db DB, ids []int64, q KinQuery) ([]Kin, error) {
	free, err := unbound(ctx, db, ids)
	if err != nil || len(free) == 0 {
		return nil, err
	}
	lows, highs := runsOf(free)
	columns, tables, args := q.columns([]any{lows, highs})
	groups := make([]string, len(columns))
	for i := range groups {
		groups[i] = fmt.Sprint(i + 1)
	}
	where := ` WHERE l.referred_by IS NULL`
	if slices.ContainsFunc(q.Fields, func(field string) bool { return strings.HasPrefix(field, factField) }) {
		where += ` AND NOT EXISTS (SELECT FROM facts f WHERE f.lead_id = l.id)`
	}
	// The ids are put into order below: an aggregate in order would have all rows sorted by all columns.
	cursor, err := db.Query(ctx, `SELECT `+strings.Join(columns, ", ")+`, array_agg(l.id) AS ids
		FROM unnest($1::bigint[], $2::bigint[]) AS run(low, high), LATERAL (
			SELECT * FROM leads l WHERE l.id BETWEEN run.low AND run.high ORDER BY l.id LIMIT run.high - run.low + 1) l `+tables+where+`
		GROUP BY `+strings.Join(groups, ", ")+`, `+hashOnly, args...)
	if err != nil {
		return nil, fmt.Errorf("sort leads by what is alike: %w", err)
	}
	kin, err := pgx.CollectRows(cursor, pgx.RowToStructByNameLax[Kin])
	if err != nil {
		return nil, fmt.Errorf("sort leads by what is alike: %w", err)
	}
	for i := range kin {
		slices.Sort(kin[i].IDs)
	}
	return kin, nil
}

// unbound are those of leads that never were in a cadence nor moved from stage to stage, and about whom nobody has something to do, in ascending order.
func unbound(ctx context.Context, db DB, ids []int64) ([]int64, error) {
	ids = slices.Sorted(slices.Values(ids))
	lows, highs := runsOf(ids)
	bound, err := scalars[int64](ctx, db, `SELECT b.lead_id FROM unnest($1::bigint[], $2::bigint[]) AS run(low, high), LATERAL (
			(SELECT lead_id FROM enrollments WHERE lead_id BETWEEN run.low AND run.high ORDER BY lead_id OFFSET 0)
			UNION ALL (SELECT lead_id FROM stage_moves WHERE lead_id BETWEEN run.low AND run.high ORDER BY lead_id OFFSET 0)
			UNION ALL (SELECT lead_id FROM tasks WHERE lead_id BETWEEN run.low AND run.high AND state IN ('open', 'claimed') ORDER BY lead_id OFFSET 0)) b`, lows, highs)
	if err != nil || len(bound) == 0 {
		return ids, err
	}
	known := make(map[int64]bool, len(bound))
	for _, id := range bound {
		known[id] = true
	}
	return slices.DeleteFunc(ids, func(id int64) bool { return known[id] }), nil
}

// runsOf gives the first and the last of each run of ids that follow each other: many rows that were stored together are looked up by few scans. The
// ids are in ascending order.
func runsOf(ids []int64) (lows, highs []int64) {
	lows, highs = []int64{}, []int64{}
	for i, id := range ids {
		switch {
		case i > 0 && id <= ids[i-1]+1:
			highs[len(highs)-1] = id
		default:
			lows, highs = append(lows, id), append(highs, id)
		}
	}
	return lows, highs
}

// columns are what leads are told apart by, the tables beside leads that this needs, and the arguments behind the given ones.
func (q KinQuery) columns(args []any) (columns []string, tables string, all []any) {
	argument := func(value []string) string {
		args = append(args, append([]string{}, value...))
		return fmt.Sprintf("$%d::text[]", len(args))
	}
	email, phone := "", `CASE WHEN l.phone = '' THEN '' ELSE '+' END AS phone`
	var own []string
	for _, field := range q.Fields {
		name, isOwn := strings.CutPrefix(field, ownField)
		column := kinColumns[field]
		switch {
		case isOwn:
			own = append(own, name)
		case field == "lead.email":
			email = `l.email`
		case field == "lead.phone":
			phone = `l.phone`
		case column != "" && !slices.Contains(columns, column):
			columns = append(columns, column)
		}
		if strings.HasPrefix(field, "account.") {
			tables = `LEFT JOIN accounts a ON a.id = l.account_id`
		}
	}
	if email == "" && len(q.Domains) == 0 {
		email = `CASE WHEN l.email = '' THEN '' ELSE '@' END AS email`
	} else if email == "" {
		domain := `lower(substr(l.email, strpos(l.email, '@') + 1))`
		email = `CASE WHEN l.email = '' THEN '' WHEN ` + domain + ` = ANY(` + argument(q.Domains) + `) THEN '@' || ` + domain + ` ELSE '@' END AS email`
	}
	if len(own) > 0 {
		names := argument(own)
		columns = append(columns, `coalesce((SELECT jsonb_object_agg(f, l.fields -> f) FROM unnest(`+names+`) AS f WHERE l.fields ? f), '{}') AS fields`)
	}
	return append(columns, email, phone, given("consent_voicemail"), `l.phone_invalid`, `l.country`, `l.region`, `l.zones`, `l.language`, `l.origin`,
		`l.mailbox`, `l.owner`, `l.stage`, `l.readiness`, `l.end_reason`, `l.topics_off`,
		// A hash for each address, and a look-up for each hash: not where there is nothing to be found.
		`EXISTS (SELECT FROM suppressions) AND `+emailSuppressed+` AS email_suppressed`,
		`EXISTS (SELECT FROM suppressions) AND `+phoneSuppressed+` AS phone_suppressed`), tables, args
}
