package voicemail

import (
	"context"
	"errors"
)

// Account is the account behind the credentials.
type Account struct {
	Name   string // as its owner calls it
	Status string // "active", "suspended" or "closed"
	Trial  bool   // it may call verified numbers only
}

// Account asks Twilio for the account resource, which shows that the credentials are right. The error says what Twilio said.
func (c *Channel) Account(ctx context.Context) (Account, error) {
	api, x := c.api(ctx)
	found, err := api.FetchAccount(c.config.AccountSID)
	if err != nil {
		_, detail := judge(x, err)
		return Account{}, errors.New(detail)
	}
	if found.Sid == nil || *found.Sid != c.config.AccountSID {
		return Account{}, errors.New("twilio: the answer is not this account's")
	}
	a := Account{Trial: found.Type != nil && *found.Type == "Trial"}
	if found.FriendlyName != nil {
		a.Name = *found.FriendlyName
	}
	if found.Status != nil {
		a.Status = *found.Status
	}
	return a, nil
}
