package bench

import (
	"testing"

	"nurture/store"
	"nurture/web/desk"
)

// Every route of the desk is measured, or it is said why not; and nothing is measured that is no route.
func TestLooks(t *testing.T) {
	t.Parallel()
	at := looks(store.WorldSample{})
	for _, route := range desk.Routes() {
		if why := unmeasured(route); (why == "") != (len(at[route]) > 0) {
			t.Errorf("%s: not measured because %q, and %d pages to measure", route, why, len(at[route]))
		}
		delete(at, route)
	}
	for route := range at {
		t.Errorf("%s is no route of the desk", route)
	}
}
