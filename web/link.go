package web

import (
	"net/http"
	"strings"
)

// linkPaths are below which tokens of leads lie.
var linkPaths = []string{"/u/", "/p/", "/q/", "/c/"}

// tidyLinks takes off the end of a lead's link what no token ends in. Mail programs make links of addresses in text, and take the full stop, the bracket or the
// quotation mark that follows along; a way out must not be shut for that.
func tidyLinks(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, begin := range linkPaths {
			if !strings.HasPrefix(r.URL.Path, begin) {
				continue
			}
			path := begin + strings.TrimRightFunc(r.URL.Path[len(begin):], endsNoToken)
			if path != r.URL.Path && path != begin {
				tidied, address := *r, *r.URL
				address.Path, address.RawPath = path, ""
				tidied.URL, r = &address, &tidied
			}
			break
		}
		next.ServeHTTP(w, r)
	})
}

// endsNoToken says whether a character is none of those in which tokens end, in either case.
func endsNoToken(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9')
}
