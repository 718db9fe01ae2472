package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"nurture/internal/figure"
)

// pager leads through a list of several pages; "" is a page that there is none of, or where the reader is.
type pager struct {
	First, Previous, Next string
	Part                  string // which rows of how many these are; "" where they are not counted
}

// keyed leaves of rows, of which one more was read than a page shows, what the page shows. The page begins after the row with the key begun, which is zero for
// the first page; at gives the address of a page by its key.
func keyed[T any, K comparable](rows []T, most int, begun K, key func(T) K, at func(begun K) string) ([]T, pager) {
	var p pager
	var first K
	if begun != first {
		p.First = at(first)
	}
	if len(rows) > most {
		rows = rows[:most]
		p.Next = at(key(rows[most-1]))
	}
	return rows, p
}

// placed is the pager of a page that shows so many rows after the first from of total, where a page has most of them and none begins at bound; at gives the
// address of a page by its from.
func placed(from, shown, total, most, bound int, at func(from int64) string) pager {
	var p pager
	if from > 0 {
		p.First = at(0)
	}
	if from > most {
		p.Previous = at(int64(from - most))
	}
	if next := from + shown; shown > 0 && next < min(total, bound) {
		p.Next = at(int64(next))
	}
	if p != (pager{}) {
		p.Part = fmt.Sprintf("%s to %s of %s", figure.Thousands(from+1), figure.Thousands(from+shown), figure.Thousands(total))
	}
	return p
}

// beyond says that there is no row on a page which is not the first: those before are done by now, or somebody changed the address. The way leads back then.
func (v *visit) beyond(p pager, rows int) bool {
	return rows == 0 && p.First != "" && v.r.Method == http.MethodGet
}

// whole reads a number of an address, 0 when it is none: people change addresses, and that breaks nothing.
func whole(asked url.Values, name string) int64 {
	n, _ := strconv.ParseInt(asked.Get(name), 10, 64)
	return max(n, 0)
}

// place reads how many rows come before a page, at most so many.
func place(asked url.Values, most int) int {
	return int(min(whole(asked, "from"), int64(max(most, 0))))
}

// unlessZero writes a number of an address; 0 is "", which listPath leaves out.
func unlessZero(n int64) string {
	if n == 0 {
		return ""
	}
	return itoa(n)
}

// listPath is a path with a query, of names and values in turn; those with "" are left out.
func listPath(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
