package rows

import (
	"encoding/json"
	"fmt"
	"time"
)

// at reads a time: int64 microseconds from SQLite, a time from PostgreSQL. Both come out in UTC.
type at struct{ dst *time.Time }

// Scan implements sql.Scanner.
func (s at) Scan(v any) error {
	t, err := readTime(v)
	if err != nil || t == nil {
		return err
	}
	*s.dst = *t
	return nil
}

// atOrNull reads a time that may be absent.
type atOrNull struct{ dst **time.Time }

// Scan implements sql.Scanner.
func (s atOrNull) Scan(v any) error {
	t, err := readTime(v)
	*s.dst = t
	return err
}

func readTime(v any) (*time.Time, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case int64:
		t := time.UnixMicro(v).UTC()
		return &t, nil
	case time.Time:
		t := v.UTC()
		return &t, nil
	}
	return nil, fmt.Errorf("a time is stored as %T", v)
}

// fromJSON reads a text that asJSON wrote; an empty one leaves dst alone.
type fromJSON struct{ dst any }

// Scan implements sql.Scanner.
func (s fromJSON) Scan(v any) error {
	var b []byte
	switch v := v.(type) {
	case string:
		b = []byte(v)
	case []byte:
		b = v
	case nil:
	default:
		return fmt.Errorf("JSON is stored as %T", v)
	}
	if len(b) == 0 {
		return nil
	}
	return json.Unmarshal(b, s.dst)
}

func asJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// micro cuts a time to what both databases keep.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func microOrNull(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	m := micro(*t)
	return &m
}

// orNil turns an absent time into a plain nil, which every driver takes for NULL.
func orNil(t *time.Time) any {
	if t == nil {
		return nil
	}
	return micro(*t)
}
