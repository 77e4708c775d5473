package store

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/linedesk/linedesk/call"
)

// Session is a signed-in browser. The token itself is in the cookie only.
type Session struct {
	TokenHash string      `json:"-"` // see [HashToken]
	User      call.UserID `json:"user"`
	CreatedAt time.Time   `json:"created_at"`
	LastSeen  time.Time   `json:"last_seen"`
	Expires   time.Time   `json:"expires"`
}

// HashToken is what is kept of a session's token: who reads the database cannot sign in with it.
// A plain hash is enough, since the token is 256 bits of chance and no password.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
