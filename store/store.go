package store

import (
	"context"
	"errors"
	"time"

	"github.com/linedesk/linedesk/call"
)

// What callers branch on. Every other error means that the database could not do it now.
var (
	ErrNotFound  = errors.New("not found")
	ErrConflict  = errors.New("changed by somebody else in the meantime") // the Version read is no longer the newest
	ErrExists    = errors.New("exists already")
	ErrBadCursor = errors.New("the cursor is not one that this server gave out")
	ErrInvalid   = errors.New("invalid") // wrapped with what is wrong
)

// Store is everything kept in the database of one site. All methods are safe for concurrent use.
// A context without a deadline is given one, so that no call waits for ever.
type Store interface {
	Users
	Customers
	Calls
	Agents
	Tickets
	Documents
	Sessions
	Positions
	// Ping tells whether the database answers.
	Ping(ctx context.Context) error
	Close() error
}

// Users are the people who may sign in.
type Users interface {
	// User gives one user; ErrNotFound.
	User(ctx context.Context, id call.UserID) (User, error)
	// Users gives all users, by ID.
	Users(ctx context.Context) ([]User, error)
	// PutUser makes a user or replaces its record. An empty PasswordHash leaves the stored one alone.
	PutUser(ctx context.Context, u User) error
	// SetPasswordHash changes a user's password; ErrNotFound.
	SetPasswordHash(ctx context.Context, id call.UserID, hash string) error
	// SetPreferences changes what a user chooses for the pages; ErrNotFound.
	SetPreferences(ctx context.Context, id call.UserID, language, theme string) error
}

// Customers are the people and firms that call and are called.
type Customers interface {
	// Customer gives one customer; ErrNotFound.
	Customer(ctx context.Context, id call.CustomerID) (Customer, error)
	// CustomersByPhone gives the customers that have the number, oldest first, at most 20. The number is
	// E.164 or as the line carried it; blanks and dashes do not count. One indexed read.
	CustomersByPhone(ctx context.Context, number string) ([]Customer, error)
	// Customers lists and searches, newest first.
	Customers(ctx context.Context, f CustomerFilter) (Page[Customer], error)
	// CreateCustomer keeps a new customer and writes an audit entry. It sets ID if empty, Version to 1, and
	// CreatedAt and UpdatedAt if zero. ErrExists if there is one with this ID.
	CreateCustomer(ctx context.Context, c Customer, by call.UserID) (Customer, error)
	// UpdateCustomer replaces the record and writes an audit entry. c.Version must be the one that was
	// read, else ErrConflict; ErrNotFound. CreatedAt stays. The customer returned has the new Version.
	UpdateCustomer(ctx context.Context, c Customer, by call.UserID) (Customer, error)
	// Audit gives what was done to a customer or ticket, newest first, at most 200 entries.
	Audit(ctx context.Context, object AuditObject, id string) ([]AuditEntry, error)
}

// Calls are the finished calls. They are written by [Positions.Apply] only.
type Calls interface {
	// Call gives one call with segments, legs and timeline; ErrNotFound.
	Call(ctx context.Context, id call.ID) (Call, error)
	// Calls lists, newest first, without segments, legs, timeline and quality.
	Calls(ctx context.Context, f CallFilter) (Page[Call], error)
}

// Agents are what agents did. It is written by [Positions.Apply] only.
type Agents interface {
	// AgentStates lists what agents did when, newest first.
	AgentStates(ctx context.Context, f AgentFilter) (Page[AgentState], error)
	// AgentSegments lists agents' parts in calls, newest first.
	AgentSegments(ctx context.Context, f AgentFilter) (Page[AgentSegment], error)
}

// Tickets are what remains to be done for customers.
type Tickets interface {
	// Ticket gives one ticket; ErrNotFound.
	Ticket(ctx context.Context, id call.TicketID) (Ticket, error)
	// Tickets lists, newest first.
	Tickets(ctx context.Context, f TicketFilter) (Page[Ticket], error)
	// CreateTicket keeps a new ticket under the next number of the series (see [Numbering]) and writes an
	// audit entry. It sets ID, State, Version, CreatedAt and UpdatedAt as CreateCustomer does.
	CreateTicket(ctx context.Context, t NewTicket, by call.UserID) (Ticket, error)
	// UpdateTicket replaces the record and writes an audit entry, with Version as in UpdateCustomer.
	// Number, Kind and CreatedAt stay.
	UpdateTicket(ctx context.Context, t Ticket, by call.UserID) (Ticket, error)
}

// Documents are the site: versioned texts, of each of which at most one version is published.
type Documents interface {
	// Published gives every published document with its body, by kind and name.
	Published(ctx context.Context) ([]Document, error)
	// Publications counts how often documents were published or withdrawn: with the same number the site is the same.
	// One row is read, so that it can be asked every other second.
	Publications(ctx context.Context) (int64, error)
	// Document gives one version; version 0 is the newest. ErrNotFound.
	Document(ctx context.Context, kind, name string, version int) (Document, error)
	// DocumentVersions gives all versions without bodies, newest first.
	DocumentVersions(ctx context.Context, kind, name string) ([]Document, error)
	// PutDocument keeps a draft as the next version. A body equal to the newest version's makes no new
	// version; that one is given back.
	PutDocument(ctx context.Context, d Document) (Document, error)
	// Publish makes a version the valid one (an older one: roll back); ErrNotFound.
	Publish(ctx context.Context, kind, name string, version int, by call.UserID) (Document, error)
	// ImportDocuments makes the site exactly these documents, in one transaction: bodies that differ become
	// new versions, all are published, published documents that are not among them are withdrawn (their
	// versions stay). Whoever imports is the author; if by is empty, each document's own author and time stay. It
	// gives back what changed.
	ImportDocuments(ctx context.Context, docs []Document, by call.UserID) ([]DocumentChange, error)
}

// Sessions are signed-in browsers.
type Sessions interface {
	CreateSession(ctx context.Context, s Session) error
	// Session gives the session of a token's hash, expired or not; ErrNotFound.
	Session(ctx context.Context, tokenHash string) (Session, error)
	// TouchSession notes that the session was used and until when it now holds; ErrNotFound.
	TouchSession(ctx context.Context, tokenHash string, seen, expires time.Time) error
	// DeleteSession ends one session. No error if it is gone.
	DeleteSession(ctx context.Context, tokenHash string) error
	// DeleteUserSessions ends all of a user's sessions.
	DeleteUserSessions(ctx context.Context, user call.UserID) error
	// DeleteExpiredSessions tidies up and says how many there were.
	DeleteExpiredSessions(ctx context.Context, now time.Time) (int, error)
}

// Positions join the journal to the database: rows are written together with how far they reach.
type Positions interface {
	// Position gives how far a node's journal has been applied to a projection; the zero Position if never.
	Position(ctx context.Context, node call.NodeID, of Projection) (Position, error)
	// Apply writes all of a batch and its position in one transaction, or nothing. Calls replace the row
	// with their ID; tickets that exist stay as they are, since people may have edited them. ErrConflict
	// if the projection's position is not b.From: somebody else has applied this journal. [Retryable] tells
	// whether to try again what could not be written.
	Apply(ctx context.Context, node call.NodeID, of Projection, b Batch) error
}
