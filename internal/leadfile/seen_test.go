package leadfile

import (
	"encoding/binary"
	"strconv"
	"testing"
)

// TestSeenKnowsEveryKey, in memory, in a table and in a larger one, with keys that want the same slot, at the table's end too.
func TestSeenKnowsEveryKey(t *testing.T) {
	t.Parallel()
	const n = seenSlots/2 + 3*seenFew
	var s seen
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	key := func(i int) digest {
		if i%7 > 0 {
			return digestOf(strconv.Itoa(i))
		}
		var crowded digest // the last slots of a table of any size
		for b := range 8 {
			crowded[b] = 0xff
		}
		crowded[0] -= byte(i % 5)
		binary.LittleEndian.PutUint32(crowded[12:], uint32(i))
		return crowded
	}
	first := func(i, line int) int {
		t.Helper()
		before, err := s.first(key(i), line)
		if err != nil {
			t.Fatal(err)
		}
		return before
	}
	crowd := func(i int) bool { return i%7 > 0 || i < 7*400 } // a few hundred of those: each looks at all before it
	for i := range n {
		if crowd(i) {
			if before := first(i, i+1); before != 0 {
				t.Fatalf("key %d is new and stood on line %d", i, before)
			}
		}
		if i%5 == 0 && crowd(i/2) {
			if before := first(i/2, n+i); before != i/2+1 {
				t.Fatalf("key %d stood first on line %d, want %d", i/2, before, i/2+1)
			}
		}
	}
	if s.table.file == nil || len(s.few) > seenFew || s.table.slots <= seenSlots {
		t.Fatalf("%d keys are in a table of %d slots, %d in memory", s.table.n, s.table.slots, len(s.few))
	}
	wrong := 0
	for i := range 10_000 {
		if s.filter.mayHold(digestOf("none " + strconv.Itoa(i))) {
			wrong++
		}
	}
	if wrong > 500 {
		t.Errorf("of 10,000 keys that are not there the filter cannot tell %d", wrong)
	}
	for i := 0; i < n; i += 3 {
		if crowd(i) {
			if before := first(i, n); before != i+1 {
				t.Fatalf("key %d stood first on line %d, want %d", i, before, i+1)
			}
		}
	}
}
