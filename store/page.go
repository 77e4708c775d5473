package store

// Page is a part of a list. Next is the cursor of what follows, empty at the end.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}
