package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/config"
	"nurture/store"
)

// TopicStanding is a topic of mail as a lead's preference page shows it.
type TopicStanding struct {
	Key   string
	Label config.Text
	On    bool
}

// TopicChoice is what a lead's form says of topics, by their keys: those that it showed, and those of them that the lead wants.
type TopicChoice struct{ Shown, Wanted []string }

// topicsNow are the topics of the live configuration; none where nothing is live.
func (e *Engine) topicsNow(ctx context.Context, db store.DB) ([]config.Topic, error) {
	current, err := e.liveOrNone(ctx, db)
	if err != nil || current == nil {
		return nil, err
	}
	return current.config.Settings.Topics, nil
}

// topicStanding shows none where they cannot be read: what else a lead wants must not fail for that.
func (e *Engine) topicStanding(ctx context.Context, db store.DB, lead store.Lead) []TopicStanding {
	topics, err := e.topicsNow(ctx, db)
	if err != nil {
		e.log.ErrorContext(ctx, "the topics of mail cannot be read, and a preference page shows none", "lead", lead.ID, "error", err)
	}
	var standing []TopicStanding
	for _, t := range topics {
		standing = append(standing, TopicStanding{Key: t.Key, Label: t.Label, On: !slices.Contains(lead.TopicsOff, t.Key)})
	}
	return standing
}

// chosenTopics gives what is switched off from now on, and the response that says so; nil when the form changes nothing. The lead's enrolment
// is locked first, and then the lead, so that of two forms at once neither undoes the other's topics unseen. A topic that is gone from the
// configuration stays as it was; one that never was is ErrUnknownChoice.
func (e *Engine) chosenTopics(ctx context.Context, tx pgx.Tx, touch store.TouchRef, nonce string, c *TopicChoice) (off []string, in *ResponseInput, err error) {
	if c == nil {
		return nil, nil, nil
	}
	if _, err := lockLatest(ctx, tx, []int64{touch.LeadID}); err != nil {
		return nil, nil, err
	}
	if err := store.LockLeads(ctx, tx, []int64{touch.LeadID}); err != nil {
		return nil, nil, err
	}
	leads, err := store.Leads(ctx, tx, []int64{touch.LeadID})
	if err != nil || len(leads) == 0 {
		return nil, nil, err
	}
	topics, err := e.topicsNow(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	before := leads[0].TopicsOff
	off = slices.Clone(before)
	var words []string
	for _, key := range c.Shown {
		i := slices.IndexFunc(topics, func(t config.Topic) bool { return t.Key == key })
		wanted := slices.Contains(c.Wanted, key)
		switch {
		case i < 0 && wanted:
			return nil, nil, fmt.Errorf("topic %q: %w", key, ErrUnknownChoice)
		case i < 0, wanted == !slices.Contains(off, key):
		case wanted:
			off = slices.DeleteFunc(off, func(k string) bool { return k == key })
			words = append(words, "on: "+topics[i].Label.In("en"))
		default:
			off = append(off, key)
			words = append(words, "off: "+topics[i].Label.In("en"))
		}
	}
	for _, key := range c.Wanted {
		if !slices.Contains(c.Shown, key) {
			return nil, nil, fmt.Errorf("topic %q: %w", key, ErrUnknownChoice)
		}
	}
	if len(words) == 0 {
		return nil, nil, nil
	}
	slices.Sort(off)
	return off, &ResponseInput{
		LeadID: touch.LeadID, TouchID: touch.TouchID, Kind: cadence.TopicsChosen, Source: "preferences", By: theLead,
		ExternalID: onceOnly(touch.TouchID, nonce, string(cadence.TopicsChosen)),
		Said:       "Chose on the preference page: " + strings.Join(words, ", "),
	}, nil
}
