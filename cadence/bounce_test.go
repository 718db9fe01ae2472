package cadence_test

import (
	"slices"
	"testing"

	"nurture/cadence"
)

// TestThirdSoftBounceStopsEmail: the first ones only pause, the third in a row takes the address away.
func TestThirdSoftBounceStopsEmail(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	for n, stops := range map[int]bool{0: false, 1: false, 2: false, 3: true, 4: true} {
		for _, phone := range []bool{true, false} {
			e, now := running(t, 1)
			e.Lead.Phone = phone
			after, actions := cadence.Decide(p, e, cadence.Responded{Kind: cadence.SoftBounce, Step: -1, InARow: n}, now)
			if got := has[cadence.Suppress](actions); got != stops {
				t.Errorf("soft bounce %d: suppressed %t, want %t", n, got, stops)
			}
			switch {
			case stops && !phone:
				wantState(t, after, cadence.Finished, cadence.ReasonBounced)
				if end := find[cadence.EndLead](t, actions); end.End != cadence.EndUnreachable {
					t.Errorf("soft bounce %d: ends as %s", n, end.End)
				}
			default:
				wantState(t, after, cadence.Paused, cadence.ReasonBounced)
				if after.Lead.Email == stops {
					t.Errorf("soft bounce %d: email usable %t", n, after.Lead.Email)
				}
			}
		}
	}
}

func TestSuppressAfterIsForSoftBouncesAlone(t *testing.T) {
	t.Parallel()
	p := cadence.Plan{OnResponse: map[cadence.ResponseKind]cadence.Rule{
		cadence.HardBounce:  {Flow: cadence.FlowContinue, Suppress: cadence.SuppressEmail, SuppressAfter: 5},
		cadence.Unsubscribe: {Flow: cadence.FlowFinish, Suppress: cadence.SuppressAll, SuppressAfter: 5},
		cadence.DoNotCall:   {Flow: cadence.FlowContinue, Suppress: cadence.SuppressPhone, SuppressAfter: 5},
	}}
	for kind := range p.OnResponse {
		if rule := p.RuleFor(kind); rule.SuppressAfter != 0 || rule.Suppress == cadence.SuppressNone {
			t.Errorf("%s waits for %d of its kind: %+v", kind, rule.SuppressAfter, rule)
		}
	}
	alive := cadence.KindsThatShowLife()
	for _, kind := range []cadence.ResponseKind{cadence.Reply, cadence.OutOfOffice, cadence.Click, cadence.Connected} {
		if !slices.Contains(alive, kind) {
			t.Errorf("%s is no sign of life", kind)
		}
	}
	for _, kind := range []cadence.ResponseKind{cadence.SoftBounce, cadence.PolicyBounce, cadence.HardBounce, cadence.NoAnswer, cadence.CallFailed, cadence.LeftCompany} {
		if slices.Contains(alive, kind) {
			t.Errorf("%s is a sign of life", kind)
		}
	}
}

// TestNamedSuccessorIsFollowedUp: who left names somebody else, and a person is asked to see to that.
func TestNamedSuccessorIsFollowedUp(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	e, now := running(t, 1)
	for _, named := range []bool{true, false} {
		after, actions := cadence.Decide(p, e, cadence.Responded{Kind: cadence.LeftCompany, Step: -1, Named: named}, now)
		wantState(t, after, cadence.Finished, cadence.ReasonLeftCompany)
		if has[cadence.OpenTask](actions) != named {
			t.Errorf("named %t: %#v", named, actions)
		}
		if named && find[cadence.OpenTask](t, actions).Kind != cadence.TaskReferral {
			t.Errorf("got %#v", actions)
		}
	}
	_, actions := cadence.Decide(p, e, cadence.Responded{Kind: cadence.Reply, Step: -1, Named: true}, now)
	if find[cadence.OpenTask](t, actions).Kind != cadence.TaskTriage {
		t.Errorf("a reply that names somebody: %#v", actions)
	}
}

// TestHeldTouchWaitsForItsSender: a touch that found its mailbox paused is still in hand, and waits.
func TestHeldTouchWaitsForItsSender(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	e, now := running(t, 0)
	e.InFlight, e.Due = true, nil
	after, actions := cadence.Decide(p, e, cadence.TouchRefused{Step: 0, Run: e.Run, Reason: cadence.ReasonCapacity}, now)
	if after.State != cadence.Running || after.Step != 0 || after.InFlight || after.Due == nil || after.Due.Reason != cadence.ReasonCapacity || len(actions) > 0 {
		t.Errorf("got %+v %#v", after, actions)
	}
}
