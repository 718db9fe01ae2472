package jobs

import "testing"

// TestMessageIDOfAForeignDomain: a Message-ID is ASCII (RFC 5322, section 3.6.4), whatever the sender's domain is.
func TestMessageIDOfAForeignDomain(t *testing.T) {
	t.Parallel()
	id := messageID(7, "mara@müller.example")
	if touch, ok := TouchOf(id); id != "touch-7.nurture@xn--mller-kva.example" || touch != 7 || !ok {
		t.Errorf("got %q, of touch %d", id, touch)
	}
}
