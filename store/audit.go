package store

import (
	"encoding/json"
	"time"

	"github.com/linedesk/linedesk/call"
)

// AuditObject says what an audit entry is about.
type AuditObject string

// What is audited.
const (
	AuditCustomer AuditObject = "customer"
	AuditTicket   AuditObject = "ticket"
)

// AuditEntry is one edit: who changed what, from what, to what.
type AuditEntry struct {
	ID      int64         `json:"id"` // grows
	At      time.Time     `json:"at"`
	By      call.UserID   `json:"by,omitempty"`
	Object  AuditObject   `json:"object"`
	Of      string        `json:"of"`     // the object's ID
	Action  string        `json:"action"` // "create", "update"
	Changes []FieldChange `json:"changes"`
}

// FieldChange is one field of an edit, in JSON as the record has it; null if absent.
type FieldChange struct {
	Field string          `json:"field"`
	From  json.RawMessage `json:"from"`
	To    json.RawMessage `json:"to"`
}
