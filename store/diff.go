package store

// DiffDocuments says what an import of want would change in have, the published documents.
func DiffDocuments(have, want []Document) []DocumentChange { return nil }
