package store

import "errors"

// ErrRefused marks a write that the database refuses for what is in it: a value out of range, a key that is
// taken, a text that is none. The same write will be refused again.
var ErrRefused = errors.New("refused by the database")

// Retryable tells whether the very same write may succeed later. A database that is full, locked, slow, being
// restarted or away will take it when that is over; so does one whose state nobody foresaw, once somebody has
// mended it. Only what a write is (ErrRefused, ErrInvalid) or what it builds on (ErrConflict, ErrExists,
// ErrNotFound) makes it hopeless.
func Retryable(err error) bool {
	if err == nil {
		return false
	}
	for _, hopeless := range []error{ErrRefused, ErrInvalid, ErrConflict, ErrExists, ErrNotFound} {
		if errors.Is(err, hopeless) {
			return false
		}
	}
	return true
}
