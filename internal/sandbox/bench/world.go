package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/store"
)

// worldStaff is how many SDRs, and how many reps, there are in a world.
const worldStaff = 12

// openWorld starts a private Postgres with a company in it that has nurtured so many leads for two years, or one that an earlier run left.
func openWorld(ctx context.Context, o PagesOptions) (*ground, error) {
	g, err := newGround(ctx, o.Options, plan{senders: 10, staff: worldStaff, reuse: o.Reuse})
	if err != nil {
		return nil, err
	}
	if !o.Reuse {
		err = g.fillWorld(ctx, o.Leads)
	}
	if err == nil {
		g.say("counting")
		_, err = g.engine.Tally(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

func (g *ground) fillWorld(ctx context.Context, leads int) error {
	g.say("making a world of %d leads", leads)
	tx, err := g.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // nothing once committed
	w, err := g.world(leads)
	if err != nil {
		return err
	}
	if err := store.FillWorld(ctx, tx, w); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	sample, err := store.SampleWorld(ctx, g.pool)
	if err != nil {
		return err
	}
	d, err := g.engine.Dossier(ctx, g.pool, sample.Story, g.Now().UTC())
	if err != nil {
		return err
	}
	dossier, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := store.SetDossiers(ctx, g.pool, dossier); err != nil {
		return err
	}
	g.say("vacuuming")
	return store.Tidy(ctx, g.pool)
}

// world is what the database is to be filled with.
func (g *ground) world(leads int) (store.World, error) {
	now := g.Now().UTC()
	w := store.World{
		Leads: leads, Now: now, Mailboxes: g.mailboxes(),
		FirstNames: strings.Fields(`Anna Ben Carla David Elif Farid Grace Hanna Ivan Julia Karim Lena Marek Nadia Oskar Petra Quentin Rosa Samir Tereza Ulrich Vera Wim Xenia Yara Zoë Łukasz
			Jürgen Søren Márton Agnes Bruno Chloé Dario Edda Fabio Gita Hugo Ines Jan`),
		LastNames: strings.Fields(`Abbott Berger Costa Dubois Eriksen Fischer Garcia Hoffmann Ivanova Jensen Keller Lopez Moreau Nowak Olsen Pereira Quist Rossi Schmidt Tamm Ueda Vogel Weber
			Xhaka Yilmaz Zimmermann Kowalski Novák Çelik Ångström O'Connor Dupont-Lavigne Anand Baptiste Cho Demir Esposito Ferrari Gruber Haas Ito Jovanović Kaya`),
		Firms: strings.Fields(`Hafnia Borealis Corvus Delta Elbe Fjord Granit Helios Isar Jura Kestrel Lumen Meridian Norden Oder Pallas Quarz Rhenus Saturn Tauern Umbra Vulkan Weser Xylon Ypsilon
			Zenit Albatros Bastion Cobalt Drava`),
		Trades: []string{"Polymers", "Chemicals", "Refining", "Pharma", "Coatings", "Industrial Gases", "Food Ingredients", "Metals"}, Legal: []string{"GmbH", "Ltd", "GmbH", "SA", "Inc.", "GmbH & Co. KG"},
		Titles:    []string{"Plant Manager", "Head of Process Safety", "HSE Manager", "Training Coordinator", "Managing Director", "Vice President for Health, Safety, Environment and Quality, Southern Europe"},
		Countries: []string{"DE", "GB", "US", "ES", "IN", "NL"}, Zones: []string{"Europe/Berlin", "Europe/London", "America/Chicago", "Europe/Madrid", "Asia/Kolkata", "Europe/Amsterdam"},
		Replies: []string{
			"Thanks, we have just lost two study leaders to retirement. Could you call on Thursday?", "Not now. Ask me again after the shutdown in spring.",
			"How many people sit in one of your courses, and can it be held at our site? We have three of them, the largest with some four hundred people, and every one of them falls under " +
				"the rules for major hazards, so that shift leaders would have to be there as well, in turns, and in Spanish.", "Please write to my colleague.",
		},
		Trace: strings.Repeat("goroutine 1 [running]: nurture/channels/email.(*Outlet).Send(...) dialogue.go:143 ", 40),
		Mail: []byte("From: somebody@elsewhere.example.com\r\nTo: mara@example.com\r\nSubject: Re: hazard studies\r\nMessage-ID: <1@elsewhere.example.com>\r\n\r\n" +
			strings.Repeat("We talked at the fair about your courses, and I would like to know when the next one is.\r\n", 12)),
		Suppressed: max(leads/6, 20), Mails: leads / 5, Letters: 700,
	}
	for _, s := range g.config.Settings.Team.SDRs {
		w.SDRs = append(w.SDRs, s.Email)
	}
	for _, r := range g.config.Settings.Team.Reps {
		w.Reps = append(w.Reps, r.Email)
	}
	for key, plan := range g.config.Plans {
		for i, step := range plan.Steps {
			s := store.WorldStep{Cadence: key, Place: i, Key: step.Key, Channel: string(step.Kind.Channel())}
			if len(step.Variants) > 0 {
				s.Template, s.Variant = step.Variants[0].Template, step.Variants[0].Name
			}
			w.Steps = append(w.Steps, s)
		}
	}
	slices.SortFunc(w.Steps, func(a, b store.WorldStep) int {
		return strings.Compare(fmt.Sprintf("%s %03d", a.Cadence, a.Place), fmt.Sprintf("%s %03d", b.Cadence, b.Place))
	})
	facts := []uld.Fact{
		{ID: 1, Criterion: "major_hazards", Value: predicate.Bool(true), Class: uld.HumanConfirmed, At: now, Words: "three Seveso sites, the oldest of them from 1962"},
		{ID: 2, Criterion: "people_to_train", Value: predicate.Number(14), Class: uld.HumanConfirmed, At: now},
		{ID: 3, Criterion: "driver", Value: predicate.Text("retirements"), Class: uld.SelfAsserted, At: now, Words: "two of our study leaders have just retired"},
		{ID: 4, Criterion: "funding", Value: predicate.Text("needs_business_case"), Class: uld.SelfAsserted, At: now},
		{ID: 5, Criterion: "months_to_decision", Value: predicate.Number(9), Class: uld.HumanConfirmed, At: now},
	}
	type row struct {
		Criterion string          `json:"criterion"`
		Value     predicate.Value `json:"value"`
		Class     int             `json:"class"`
		Words     string          `json:"words"`
	}
	rows := make([]row, len(facts))
	for i, f := range facts {
		rows[i] = row{f.Criterion, f.Value, int(f.Class), f.Words}
	}
	var err error
	if w.Facts, err = json.Marshal(rows); err != nil {
		return w, err
	}
	w.Verdict, err = json.Marshal(uld.Evaluate(g.config.Definition, facts, false, now))
	return w, err
}
