package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/internal/leadfile"
	"nurture/store"
)

func newSuppressionsCmd(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "suppressions", Short: "Addresses never to contact: import do-not-call lists, add, check and remove",
		Long: `Addresses never to contact: email addresses, whole domains written @example.com, and phone numbers. Only their hashes are kept, so that a
suppression holds after the person's data is erased, and the addresses themselves cannot be listed. Every touch is checked against them in the
statement that claims it.`,
	}, newSuppressionsImportCmd(a), newSuppressionsListCmd(a), newSuppressionsAddCmd(a), newSuppressionsRemoveCmd(a), newSuppressionsCheckCmd(a))
}

// suppressScopes are the values of --scope.
var suppressScopes = []cadence.SuppressScope{cadence.SuppressEmail, cadence.SuppressPhone, cadence.SuppressAll}

// scopeFlag reads --scope; "" only where it need not be given.
func scopeFlag(cmd *cobra.Command, scope string) (cadence.SuppressScope, error) {
	s := cadence.SuppressScope(scope)
	if scope != "" && !slices.Contains(suppressScopes, s) {
		return "", usagef(cmd, "--scope %q must be email, phone or all", scope)
	}
	return s, nil
}

// kindsOf are the addresses that a scope can bar.
func kindsOf(scope cadence.SuppressScope) leadfile.AddressKinds {
	return leadfile.AddressKinds{Emails: scope != cadence.SuppressPhone, Phones: scope != cadence.SuppressEmail}
}

// oneAddress normalises an address of the command line.
func (a *app) oneAddress(text, country string, scope cadence.SuppressScope) (string, error) {
	country, err := a.phoneCountry(country, nil)
	if err != nil {
		return "", err
	}
	address, reason, way := leadfile.ParseAddress(text, country, kindsOf(scope))
	if reason == "" {
		return address, nil
	}
	err = failf("%q: %s", text, reason)
	if way != "" {
		err = hint(err, "%s", way)
	}
	return "", err
}

// suppressionsJSON is what `suppressions list --json` prints.
type suppressionsJSON struct {
	Suppressions []suppressionGroupJSON `json:"suppressions"`
	Lists        []suppressionListJSON  `json:"lists"`
}

type suppressionGroupJSON struct {
	Scope  string    `json:"scope"`
	Reason string    `json:"reason"`
	Count  int       `json:"count"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
}

type suppressionListJSON struct {
	Name       string    `json:"name"`
	Scope      string    `json:"scope"`
	Addresses  int       `json:"addresses"`
	Rejected   int       `json:"rejected"` // lines
	ImportedAt time.Time `json:"imported_at"`
	ImportedBy string    `json:"imported_by"`
}

func newSuppressionsListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "Count what is suppressed by scope and reason, and list when lists were imported", Args: args(0, 0, ""),
		Example: "  nurture suppressions list",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runSuppressionsList(cmd.Context(), a) },
	}
}

func runSuppressionsList(ctx context.Context, a *app) error {
	return a.with(ctx, func(s *session) error {
		groups, err := store.SuppressionGroups(ctx, s.pool)
		if err != nil {
			return err
		}
		lists, err := store.SuppressionLists(ctx, s.pool, 0)
		if err != nil {
			return err
		}
		out := suppressionsJSON{Suppressions: []suppressionGroupJSON{}, Lists: []suppressionListJSON{}}
		for _, g := range groups {
			out.Suppressions = append(out.Suppressions, suppressionGroupJSON{string(g.Scope), g.Reason, g.N, g.First, g.Last})
		}
		for _, l := range lists {
			out.Lists = append(out.Lists, suppressionListJSON{l.Name, string(l.Scope), l.Addresses, l.Rejected, l.ImportedAt, l.ImportedBy})
		}
		if a.json {
			return a.printJSON(out)
		}
		if len(out.Suppressions) == 0 {
			a.printf("nothing is suppressed\n")
			return nil
		}
		rows := [][]string{{"SCOPE", "ADDRESSES", "REASON", "FIRST", "LAST"}}
		for _, g := range out.Suppressions {
			rows = append(rows, []string{g.Scope, strconv.Itoa(g.Count), words(short(g.Reason, 80)), at(&g.First, s.zone), at(&g.Last, s.zone)})
		}
		a.table(rows)
		if len(out.Lists) == 0 {
			return nil
		}
		a.printf("\n")
		rows = [][]string{{"LIST", "SCOPE", "ADDRESSES", "IMPORTED", "BY"}}
		for _, l := range out.Lists {
			rows = append(rows, []string{short(l.Name, 80), l.Scope, strconv.Itoa(l.Addresses), at(&l.ImportedAt, s.zone), l.ImportedBy})
		}
		a.table(rows)
		return nil
	})
}

func newSuppressionsAddCmd(a *app) *cobra.Command {
	var scope, reason, country string
	cmd := &cobra.Command{
		Use: "add ADDRESS", Short: "Never contact an address again", Args: args(1, 1, "ADDRESS"),
		Long: `Never contact an email address, a whole domain (@example.com) or a phone number again. Open tasks that need the address close at once, planned
touches are refused. The scope all bars every other address of leads that have it, too.`,
		Example: `  nurture suppressions add +12125550123 --scope phone --reason "asked at the fair"` + "\n" +
			`  nurture suppressions add @competitor.example --scope all --reason competitor`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := need(cmd, "scope", "reason"); err != nil {
				return err
			}
			chosen, err := scopeFlag(cmd, scope)
			if err != nil {
				return err
			}
			address, err := a.oneAddress(args[0], country, chosen)
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(s *session) error {
				done, err := s.engine.Suppress(cmd.Context(), []store.Suppression{{Address: address, Scope: chosen, Reason: reason}})
				switch {
				case err != nil:
					return err
				case a.json:
					return a.printJSON(map[string]any{"address": address, "scope": chosen, "added": done.New > 0, "leads": done.Leads})
				case done.New == 0:
					a.printf("%s was suppressed before\n", address)
				default:
					a.printf("%s is suppressed for %s; it is known of %s\n", address, channelsOf(chosen), count(done.Leads, "lead"))
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&scope, "scope", "", "what it must not be used for: email, phone or all")
	cmd.Flags().StringVar(&reason, "reason", "", "why; kept with it")
	cmd.Flags().StringVar(&country, "country", "", "where a phone number without country code is from; else country in nurture.yaml")
	return cmd
}

func channelsOf(scope cadence.SuppressScope) string {
	if scope == cadence.SuppressAll {
		return "every channel"
	}
	return string(scope)
}

func newSuppressionsRemoveCmd(a *app) *cobra.Command {
	var scope, reason, by, country string
	cmd := &cobra.Command{
		Use: "remove ADDRESS", Short: "Take a suppression back, with a reason that is kept", Args: args(1, 1, "ADDRESS"),
		Long: `Take the suppressions of an address back. Who said so and why is kept for ever. A lead that ended because of it stays ended, and what was
cancelled stays cancelled; nurture enroll begins anew. A list that holds the address suppresses it again when it is imported.`,
		Example: `  nurture suppressions remove +12125550123 --reason "signed up again on 3 May" --by ana`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := need(cmd, "reason"); err != nil {
				return err
			}
			chosen, err := scopeFlag(cmd, scope)
			if err != nil {
				return err
			}
			address, err := a.oneAddress(args[0], country, cadence.SuppressAll)
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(s *session) error {
				lifted, err := s.engine.LiftSuppression(cmd.Context(), address, chosen, reason, a.person(by))
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]any{"address": address, "removed": suppressionsOf(lifted)})
				}
				for _, l := range lifted {
					a.printf("%s is no longer suppressed for %s: %s\n", address, channelsOf(l.Scope), words(l.Reason))
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&scope, "scope", "", "only the suppression of that scope; else all of the address")
	cmd.Flags().StringVar(&reason, "reason", "", "why; kept")
	cmd.Flags().StringVar(&by, "by", "", "who says so; you when not given")
	cmd.Flags().StringVar(&country, "country", "", "where a phone number without country code is from; else country in nurture.yaml")
	return cmd
}

func suppressionsOf(standing []store.StandingSuppression) []suppressionJSON {
	out := []suppressionJSON{}
	for _, s := range standing {
		out = append(out, suppressionJSON{s.Address, string(s.Scope), s.Reason, s.CreatedAt})
	}
	return out
}

func newSuppressionsCheckCmd(a *app) *cobra.Command {
	var country string
	cmd := &cobra.Command{
		Use: "check ADDRESS", Short: "Say what bars an address", Args: args(1, 1, "ADDRESS"),
		Long:    `Say what bars an address: its own suppressions, and of an email address those of its domain.`,
		Example: "  nurture suppressions check jane@example.com",
		RunE: func(cmd *cobra.Command, args []string) error {
			address, err := a.oneAddress(args[0], country, cadence.SuppressAll)
			if err != nil {
				return err
			}
			return runSuppressionsCheck(cmd.Context(), a, address)
		},
	}
	cmd.Flags().StringVar(&country, "country", "", "where a phone number without country code is from; else country in nurture.yaml")
	return cmd
}

func runSuppressionsCheck(ctx context.Context, a *app, address string) error {
	asked := []string{address}
	if at := strings.IndexByte(address, '@'); at > 0 {
		asked = append(asked, address[at:])
	}
	return a.with(ctx, func(s *session) error {
		standing, err := store.FindSuppressions(ctx, s.pool, asked)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(map[string]any{"address": address, "suppressed": len(standing) > 0, "suppressions": suppressionsOf(standing)})
		}
		for _, l := range standing {
			a.printf("%s is suppressed for %s since %s: %s\n", l.Address, channelsOf(l.Scope), at(&l.CreatedAt, s.zone), words(l.Reason))
		}
		if len(standing) == 0 {
			a.printf("%s is not suppressed\n", address)
		}
		return nil
	})
}

// countryFlag reads --country: an English name or an ISO code.
func countryFlag(name string) (string, error) {
	code, ok := calendar.CountryCode(name)
	if !ok {
		return "", hint(misusef("country %q is not known", name), "write its English name or ISO code")
	}
	return code, nil
}
