package leadfile

import (
	"encoding/binary"
	"fmt"
	"regexp/syntax"
	"slices"
)

// automaton decides whether a text of decimal digits matches a regular expression, one table look-up a digit. The expressions of the phone
// data ask for nothing that an automaton cannot answer, and Go's general matcher takes a hundred times as long for them.
type automaton struct {
	next   [][10]uint16 // by state and digit; state 0 matches nothing any more, 1 is the first
	accept []bool       // by state
}

// automatonLimit bounds the states of an automaton; the largest of the phone data has some hundreds.
const automatonLimit = 1 << 14

// newAutomaton compiles an expression in the syntax of package regexp. The error says that it has what automatons of digits lack.
func newAutomaton(expression string) (*automaton, error) {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, err
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	b := automatonBuilder{prog: prog, states: map[string]uint16{"": 0}, a: &automaton{next: make([][10]uint16, 1), accept: make([]bool, 1)}}
	b.sets = append(b.sets, nil)
	b.state(b.follow(nil, uint32(prog.Start)))
	for s := 1; s < len(b.sets) && b.err == nil; s++ {
		for digit := range 10 {
			var to []uint32
			for _, pc := range b.sets[s] {
				if inst := &prog.Inst[pc]; inst.Op != syntax.InstMatch && inst.MatchRune('0'+rune(digit)) {
					to = b.follow(to, inst.Out)
				}
			}
			b.a.next[s][digit] = b.state(to)
		}
	}
	if b.err != nil {
		return nil, fmt.Errorf("%q: %w", expression, b.err)
	}
	return b.a, nil
}

// automatonBuilder makes a state of every set of instructions that can be reached together.
type automatonBuilder struct {
	prog   *syntax.Prog
	states map[string]uint16
	sets   [][]uint32 // by state
	a      *automaton
	err    error
}

// follow adds to a set the instructions that look at a character or match, as they are reached from pc on.
func (b *automatonBuilder) follow(set []uint32, pc uint32) []uint32 {
	seen := map[uint32]bool{}
	for todo := []uint32{pc}; len(todo) > 0; {
		pc, todo = todo[len(todo)-1], todo[:len(todo)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch inst := &b.prog.Inst[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			todo = append(todo, inst.Out)
		case syntax.InstFail:
		case syntax.InstEmptyWidth:
			b.err = fmt.Errorf("it looks beside the digits")
		default: // a match, or a character
			if !slices.Contains(set, pc) {
				set = append(set, pc)
			}
		}
	}
	return set
}

// state numbers a set of instructions.
func (b *automatonBuilder) state(set []uint32) uint16 {
	slices.Sort(set)
	key := make([]byte, 0, 4*len(set))
	for _, pc := range set {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	if s, known := b.states[string(key)]; known {
		return s
	}
	if len(b.sets) == automatonLimit {
		b.err = fmt.Errorf("it has more than %d states", automatonLimit)
		return 0
	}
	s := uint16(len(b.sets))
	b.states[string(key)], b.sets = s, append(b.sets, set)
	b.a.next = append(b.a.next, [10]uint16{})
	b.a.accept = append(b.a.accept, slices.ContainsFunc(set, func(pc uint32) bool { return b.prog.Inst[pc].Op == syntax.InstMatch }))
	return s
}

// matches tells whether all of the digits match.
func (a *automaton) matches(digits string) bool {
	s := uint16(1)
	for i := range len(digits) {
		if s = a.next[s][digits[i]-'0']; s == 0 {
			return false
		}
	}
	return a.accept[s]
}

// begins tells whether some of the first digits, or none of them, match.
func (a *automaton) begins(digits string) bool {
	s := uint16(1)
	for i := range len(digits) {
		if s == 0 || a.accept[s] {
			break
		}
		s = a.next[s][digits[i]-'0']
	}
	return a.accept[s]
}
