package store

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Page is a part of a list. Next is the cursor of what follows, empty at the end.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// The limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// Limit gives the page's size that a filter asks for. Out of 1…200 is ErrInvalid; 0 is the default.
func Limit(n int) (int, error) {
	if n == 0 {
		return DefaultLimit, nil
	}
	if n < 1 || n > MaxLimit {
		return 0, fmt.Errorf("limit %d: %w: it goes from 1 to %d", n, ErrInvalid, MaxLimit)
	}
	return n, nil
}

// Cursor is a place in a list that is sorted by time and ID, newest first: what follows is older. It
// stays where it is when rows are added at the front.
type Cursor struct {
	At time.Time // whole microseconds
	ID string
}

// cursorVersion begins every cursor, so that a later form can be told from this one.
const cursorVersion = 1

// maxCursor is the longest cursor that is read.
const maxCursor = 256

// String writes the cursor as clients get it.
func (c Cursor) String() string {
	b := append([]byte{cursorVersion}, make([]byte, 8)...)
	binary.BigEndian.PutUint64(b[1:], uint64(c.At.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(b, c.ID...))
}

// ParseCursor reads what String wrote; everything else is ErrBadCursor. Empty is the zero Cursor, the
// list's beginning.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	if len(s) > maxCursor {
		return Cursor{}, ErrBadCursor
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < 10 || b[0] != cursorVersion {
		return Cursor{}, errors.Join(ErrBadCursor, err)
	}
	id := string(b[9:])
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(b[1:]))).UTC()
	c := Cursor{At: at, ID: id}
	// The decoder passes over line breaks, so only the way back tells that it is what we wrote.
	if !plain(id) || at.Year() < 1970 || at.Year() > 9999 || c.String() != s {
		return Cursor{}, ErrBadCursor
	}
	return c, nil
}

// PageOf cuts what a database gave for a page of limit rows, asked for one more, into page and cursor.
func PageOf[T any](rows []T, limit int, at func(T) Cursor) Page[T] {
	if rows == nil {
		rows = []T{}
	}
	if len(rows) <= limit {
		return Page[T]{Items: rows}
	}
	rows = rows[:limit]
	return Page[T]{Items: rows, Next: at(rows[limit-1]).String()}
}
