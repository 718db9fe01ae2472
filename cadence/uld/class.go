package uld

import (
	"fmt"
	"strings"
)

// Class ranks evidence. A higher class outweighs a lower one whatever its age.
type Class int8

// The evidence classes in rising order. ClassNone is the zero value and never stored.
const (
	ClassNone Class = iota
	Inferred
	SelfAsserted
	HumanConfirmed
)

var classNames = [...]string{"none", "inferred", "self_asserted", "human_confirmed"}

// Classes lists the classes that a fact may have, lowest first.
func Classes() []Class { return []Class{Inferred, SelfAsserted, HumanConfirmed} }

// Valid reports whether c is a class that a fact may have: not ClassNone.
func (c Class) Valid() bool { return c >= Inferred && c <= HumanConfirmed }

// String gives the name as it is configured and stored: "inferred", "self_asserted", "human_confirmed"; "none" for
// ClassNone.
func (c Class) String() string {
	if c < 0 || int(c) >= len(classNames) {
		return fmt.Sprintf("class(%d)", int8(c))
	}
	return classNames[c]
}

// words gives the name as sentences say it.
func (c Class) words() string { return strings.ReplaceAll(c.String(), "_", "-") }

// ParseClass reads one of the three names that String gives to the classes of facts.
func ParseClass(s string) (Class, error) {
	for _, c := range Classes() {
		if s == c.String() {
			return c, nil
		}
	}
	return ClassNone, fmt.Errorf("%q is no evidence class, use inferred, self_asserted or human_confirmed", s)
}

// MarshalText writes the name; JSON and YAML use it. It fails for a class that does not exist.
func (c Class) MarshalText() ([]byte, error) {
	if c != ClassNone && !c.Valid() {
		return nil, fmt.Errorf("evidence class %d does not exist", int8(c))
	}
	return []byte(c.String()), nil
}

// UnmarshalText reads what MarshalText writes; "" is ClassNone.
func (c *Class) UnmarshalText(text []byte) error {
	if s := string(text); s == "" || s == ClassNone.String() {
		*c = ClassNone
		return nil
	}
	parsed, err := ParseClass(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
