package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"nurture/config"
	"nurture/templates"
)

// ruleUnreachable is about links that do not answer; only --online knows.
const ruleUnreachable templates.Rule = "unreachable-link"

// linksAtOnce is how many addresses are asked for at the same time.
const linksAtOnce = 6

// checkLinks asks for each web address of the emails once, and names every place of one that does not answer well.
func checkLinks(ctx context.Context, cfg *config.Config, timeout time.Duration) []config.Finding {
	links := cfg.Templates.WebLinks()
	answers := map[string]error{}
	for _, link := range links {
		answers[link.URL] = nil
	}
	addresses := sortedKeys(answers)
	failures := make([]error, len(addresses))
	client := &http.Client{Timeout: timeout}
	var group errgroup.Group
	group.SetLimit(linksAtOnce)
	for i, address := range addresses {
		group.Go(func() error {
			failures[i] = reach(ctx, client, address)
			return nil
		})
	}
	_ = group.Wait() // no address stops the others
	for i, address := range addresses {
		answers[address] = failures[i]
	}
	var found []config.Finding
	for _, link := range links {
		if err := answers[link.URL]; err != nil {
			p := cfg.Locate([]templates.Problem{link.Problem})[0]
			p.Message, p.Hint = fmt.Sprintf("%s cannot be read: %v", link.URL, err), "open it in a browser; correct the address, or what it leads to"
			found = append(found, config.Finding{Rule: ruleUnreachable, Problem: p})
		}
	}
	return found
}

// reach asks for an address as a browser would. Servers that know no HEAD are asked for the page itself.
func reach(ctx context.Context, client *http.Client, address string) error {
	var err error
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		if err = ask(ctx, client, method, address); err == nil {
			return nil
		}
	}
	return err
}

func ask(ctx context.Context, client *http.Client, method, address string) error {
	request, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "Mozilla/5.0 (compatible; nurture lint)")
	response, err := client.Do(request)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			return wrapped.Err
		}
		return err
	}
	_ = response.Body.Close() // its head is all that is of interest
	if response.StatusCode >= http.StatusBadRequest && response.StatusCode != http.StatusTooManyRequests {
		return errors.New(response.Status)
	}
	return nil
}
