package sandbox

import (
	"fmt"
	"hash/fnv"
	"time"
)

// chance is a fixed random number in [0, 1) for a question about somebody: the same seed gives the same answer whatever else happens, and in
// whatever order, so that concurrent workers cannot change the numbers.
type chance struct{ seed int64 }

func (c chance) roll(parts ...any) float64 {
	h := fnv.New64a()
	fmt.Fprint(h, c.seed)
	for _, p := range parts {
		fmt.Fprintf(h, "|%v", p)
	}
	x := h.Sum64()
	// FNV mixes its last bytes badly: finish as splitmix64 does.
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}

// between is a fixed random duration.
func (c chance) between(from, to time.Duration, parts ...any) time.Duration {
	return from + time.Duration(c.roll(parts...)*float64(to-from))
}

// option is one way in which something can go, with its weight.
type option[T any] struct {
	weight float64
	value  T
}

// pick chooses one of the options by weight.
func pick[T any](roll float64, options ...option[T]) T {
	total := 0.0
	for _, o := range options {
		total += o.weight
	}
	at := roll * total
	for _, o := range options {
		if at -= o.weight; at < 0 {
			return o.value
		}
	}
	return options[len(options)-1].value
}
