package cadence

import "hash/fnv"

// VariantFor gives the lead's variant of a step. It depends on the three keys alone, so that it never changes while the
// step keeps its variants, and a lead's variants at two steps tell nothing of each other. It is the zero Variant for a step
// without any.
func (s Step) VariantFor(planKey, leadKey string) Variant {
	switch n := uint64(len(s.Variants)); n {
	case 0:
		return Variant{}
	case 1:
		return s.Variants[0]
	default:
		return s.Variants[mix(fnv1a(planKey, s.Key, leadKey))%n]
	}
}

// fnv1a is the 64-bit FNV-1a hash of the parts, each ended by a zero byte.
func fnv1a(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write(append([]byte(p), 0)) // a hash takes everything
	}
	return h.Sum64()
}

// mix spreads every bit over all the others (the 64-bit finaliser of MurmurHash3). The low bit of an FNV hash is the parity of
// its input: without mixing, a lead's two-way variants at any two steps would always agree, or always differ.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
