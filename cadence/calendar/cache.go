package calendar

import (
	"maps"
	"sync"
	"sync/atomic"
)

// cache keeps what is dear to compute and never changes. Reads neither lock nor allocate; a write copies the map, which
// suits a few hundred entries that soon stop coming. The zero cache is ready for use.
type cache[K comparable, V any] struct {
	writing sync.Mutex
	entries atomic.Pointer[map[K]V]
}

func (c *cache[K, V]) get(key K) (V, bool) {
	if m := c.entries.Load(); m != nil {
		v, ok := (*m)[key]
		return v, ok
	}
	var none V
	return none, false
}

func (c *cache[K, V]) put(key K, value V) {
	c.writing.Lock()
	defer c.writing.Unlock()
	next := make(map[K]V)
	if m := c.entries.Load(); m != nil {
		maps.Copy(next, *m)
	}
	next[key] = value
	c.entries.Store(&next)
}
