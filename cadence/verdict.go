package cadence

import (
	"slices"

	"nurture/cadence/uld"
)

func (d *decision) evaluated(ev Evaluated) {
	switch ev.Outcome {
	case uld.Promote:
		if !ev.Declined {
			d.promote(ev.Missing)
		}
	case uld.Close:
		if d.e.State != Finished {
			d.finish(ReasonDisqualified)
			d.endLead(EndDisqualified, ReasonDisqualified)
		}
	case uld.Nurture:
		switch {
		case len(ev.Verify) == 0:
		case ev.ByTime:
			d.ripened(ev)
		case d.e.State != Finished && d.e.Last.unreached():
			d.openTask(TaskVerify, d.later(againWithin), ev.Verify, ReasonVerify)
		case d.e.State != Finished:
			d.openTask(TaskVerify, d.later(answerWithin), ev.Verify, ReasonVerify)
		}
	}
	if d.adrift() && !(ev.Outcome == uld.Promote && !ev.Declined) {
		d.openTask(TaskDossier, d.later(againWithin), ev.Missing, ReasonTakenBack)
	}
}

// adrift reports a lead that is qualified and that neither a cadence nor sales has: a person has to see to it until it goes one way or another (B4).
func (d *decision) adrift() bool {
	return d.e.State == Finished && d.e.Lead.Ended == "" && d.e.Lead.Stage == StageQualified
}

// ripened asks a person to find out whether what the lead said once still holds, now that time has made it ready. Nothing came of the lead itself that
// a cadence could go by, so one that waits for its next cadence is asked about as well.
func (d *decision) ripened(ev Evaluated) {
	if d.e.State == Finished && !d.e.Lead.Weighable() {
		return
	}
	by := d.later(answerWithin)
	if at, ok := d.dated(ev.Named, 0); ok {
		if _, opens := d.after(atDesk, noDelay, at); opens.After(by) {
			by = opens
		}
	}
	if d.e.State == Paused && d.e.Due != nil && d.e.Due.At.After(by) && d.e.Reason != ReasonDossierIncomplete {
		by = d.e.Due.At // it rests until then
	}
	d.openTask(TaskVerify, by, ev.Verify, ReasonTime)
}

// promote hands the lead to sales, once. What the dossier lacks is asked for first, while the cadence rests.
func (d *decision) promote(missing []string) {
	lead := d.e.Lead
	if d.e.State == Finished {
		// A recycled lead sales has just handed back on the same facts: the next cadence goes on from there.
		if lead.Ended != "" || !lead.Stage.beforeSales() || lead.Stage == StageRecycled {
			return
		}
	} else if d.barred() || d.alreadySold() {
		return
	}
	if len(missing) > 0 {
		d.promoteIncomplete(missing)
		return
	}
	if d.e.State != Finished {
		d.finish(ReasonPromoted)
	}
	d.climb(StageHandedOff, ReasonPromoted)
	d.do(HandOff{Reason: ReasonPromoted})
	d.do(TellColleagues{Reason: ReasonPromoted})
}

func (d *decision) promoteIncomplete(missing []string) {
	if d.e.State != Finished && !d.pausedFor(ReasonByPerson) && !d.pausedFor(ReasonDossierIncomplete) {
		d.pause(ReasonDossierIncomplete, d.due(atDesk, safety, d.now, ReasonDossierIncomplete))
	}
	d.climb(StageQualified, ReasonDossierIncomplete)
	d.do(HandOff{Missing: slices.Clone(missing), Reason: ReasonDossierIncomplete})
	d.openTask(TaskDossier, d.later(answerWithin), missing, ReasonDossierIncomplete)
}

func (d *decision) pausedFor(reason Reason) bool { return d.e.State == Paused && d.e.Reason == reason }

// alreadySold ends the enrolment of a lead that has been through sales: it is never handed off a second time from there.
func (d *decision) alreadySold() bool {
	end := EndWon
	switch d.e.Lead.Stage { //nolint:exhaustive // the others are before sales, or with it
	case StageWon:
	case StageLost:
		end = EndLost
	default:
		return false
	}
	d.finish(ReasonPromoted)
	d.endLead(end, ReasonPromoted)
	return true
}
