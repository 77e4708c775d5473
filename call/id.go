package call

import (
	"crypto/rand"
	"encoding/hex"
	"time"
)

// ID names one call as the customer lived it: from the INVITE that brought it in (or the click that
// placed it) to the last hang-up, however many agents took part. UUIDv7 text (RFC 9562, 5.7).
type ID string

// LegID names one leg: the stretch between us and one telephone or browser. UUIDv7 text.
type LegID string

// OfferID names one offer of one call to one agent. Every result of the offer quotes it. UUIDv7 text.
type OfferID string

// CustomerID names a customer record. UUIDv7 text.
type CustomerID string

// TicketID names a ticket. UUIDv7 text; the number people read is separate, per kind and day.
type TicketID string

// Slugs name what a site configures. They never change; what people see are names per language.
type (
	QueueID   string
	AgentID   string
	TrunkID   string
	UserID    string
	FlowID    string
	SkillID   string
	CodeID    string // disposition code
	ReasonID  string // pause reason
	Extension string // what a phone registers as, such as "1001"
)

// NodeID names a server process's data folder. Made once, kept in the file node.id.
type NodeID string

// NewUUID makes a UUIDv7 (RFC 9562, 5.7) from a time and eighty bits of chance.
// It panics only when the system has no randomness, which Go itself treats as fatal.
func NewUUID(at time.Time) string {
	var b [16]byte
	_, _ = rand.Read(b[6:])
	ms := uint64(at.UnixMilli())
	b[0], b[1], b[2] = byte(ms>>40), byte(ms>>32), byte(ms>>24)
	b[3], b[4], b[5] = byte(ms>>16), byte(ms>>8), byte(ms)
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[0:8], b[0:4])
	s[8] = '-'
	hex.Encode(s[9:13], b[4:6])
	s[13] = '-'
	hex.Encode(s[14:18], b[6:8])
	s[18] = '-'
	hex.Encode(s[19:23], b[8:10])
	s[23] = '-'
	hex.Encode(s[24:], b[10:])
	return string(s[:])
}
