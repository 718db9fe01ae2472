package predicate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// MarshalJSON writes the natural JSON of v, which UnmarshalJSON reads back with the same Kind: "text", 12.5, true,
// {"date":"2026-01-15"}, and null for no value. The same form is stored as jsonb. It fails for numbers that are not finite,
// for years outside 0 to 9999 and for an unknown Kind.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.Kind {
	case "":
		return []byte("null"), nil
	case KindText:
		return json.Marshal(Text(v.Text).Text)
	case KindNumber:
		if math.IsNaN(v.Number) || math.IsInf(v.Number, 0) {
			return nil, fmt.Errorf("predicate value: %v cannot be written as JSON, only finite numbers can", v.Number)
		}
		return json.Marshal(v.Number)
	case KindBool:
		return json.Marshal(v.Bool)
	case KindDate:
		if y := v.Date.Year(); y < 0 || y > 9999 {
			return nil, fmt.Errorf("predicate value: the year %d cannot be written as an ISO date, use 0 to 9999", y)
		}
		// An object, because a bare string would come back as text.
		return json.Marshal(map[string]string{"date": v.Date.Format(isoDate)})
	}
	return nil, fmt.Errorf("predicate value: unknown kind %q, use text, number, bool or date", v.Kind)
}

// UnmarshalJSON reads what MarshalJSON writes; anything else is an error.
func (v *Value) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return errors.New("predicate value: empty JSON, write null for no value")
	}
	switch data[0] {
	case 'n':
		if string(data) != "null" {
			return fmt.Errorf("predicate value: %s is no JSON, write null for no value", brief(string(data)))
		}
		*v = Value{}
		return nil
	case '"':
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return fmt.Errorf("predicate value: %w", err)
		}
		*v = Text(s)
		return nil
	case 't', 'f':
		var b bool
		if err := json.Unmarshal(data, &b); err != nil {
			return fmt.Errorf("predicate value: %w", err)
		}
		*v = Bool(b)
		return nil
	case '{':
		return v.unmarshalDate(data)
	}
	var f float64
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Errorf(`predicate value: %s is no answer, use a text, a number, true, false, null or {"date":"2026-01-15"}: %w`,
			brief(string(data)), err)
	}
	*v = Number(f)
	return nil
}

func (v *Value) unmarshalDate(data []byte) error {
	var object map[string]string
	if err := json.Unmarshal(data, &object); err != nil {
		return fmt.Errorf(`predicate value: %s is not {"date":"2026-01-15"}: %w`, brief(string(data)), err)
	}
	s, ok := object["date"]
	if !ok || len(object) != 1 {
		return fmt.Errorf(`predicate value: %s is not {"date":"2026-01-15"}, the only object that is an answer`, brief(string(data)))
	}
	t, err := time.Parse(isoDate, s)
	if err != nil {
		return fmt.Errorf("predicate value: %q is not a date such as 2026-01-15: %w", s, err)
	}
	*v = Date(t)
	return nil
}
