package desk

import (
	"net/url"
	"strconv"
)

// pager leads through a list of several pages; "" is a page that there is none of, or where the reader is.
type pager struct{ First, Next string }

// whole reads a number of an address, 0 when it is none: people change addresses, and that breaks nothing.
func whole(asked url.Values, name string) int64 {
	n, _ := strconv.ParseInt(asked.Get(name), 10, 64)
	return max(n, 0)
}

// listPath is a path with a query, of names and values in turn; those with "" or "0" are left out.
func listPath(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" && pairs[i+1] != "0" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// afterPager is the pager of a list that goes on after the row with the id last; begun is the id after which the page began, 0 for the first.
func afterPager(path string, begun, last int64, more bool) pager {
	var p pager
	if begun > 0 {
		p.First = path
	}
	if more {
		p.Next = listPath(path, "after", itoa(last))
	}
	return p
}
