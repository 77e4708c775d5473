package store

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/linedesk/linedesk/call"
)

// Document is one version of one part of the site, such as the flow "main".
type Document struct {
	Kind      string      `json:"kind"`
	Name      string      `json:"name"`
	Version   int         `json:"version"` // 1, 2, 3 … per kind and name
	Body      string      `json:"body,omitempty"`
	Hash      string      `json:"hash"` // of the body: see [HashBody]
	Published bool        `json:"published"`
	By        call.UserID `json:"by,omitempty"`
	At        time.Time   `json:"at"`
}

// DocumentChange is what an import did, or would do, to one document.
type DocumentChange struct {
	Kind    string     `json:"kind"`
	Name    string     `json:"name"`
	Change  ChangeKind `json:"change"`
	Version int        `json:"version,omitempty"` // that is published now
	Diff    string     `json:"diff,omitempty"`    // unified, without file names; from [DiffDocuments] only
}

// ChangeKind is what happened to a document.
type ChangeKind string

// The kinds of change.
const (
	DocumentAdded   ChangeKind = "added"
	DocumentChanged ChangeKind = "changed"
	DocumentRemoved ChangeKind = "removed"
)

// HashBody is the SHA-256 of a body in hexadecimal.
func HashBody(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}
