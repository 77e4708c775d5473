package call

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

// What a site configures is named by slugs. They never change; what people see are names per language.
type (
	// QueueID names a queue.
	QueueID string
	// AgentID names an agent.
	AgentID string
	// TrunkID names a trunk.
	TrunkID string
	// UserID names who may sign in to the pages.
	UserID string
	// FlowID names a flow.
	FlowID string
	// SkillID names a skill.
	SkillID string
	// CodeID names a disposition.
	CodeID string
	// ReasonID names the reason of a pause.
	ReasonID string
	// Target is where a call may be sent: "queue:support", "agent:ben", "extension:1002", "flow:main", or a number as it
	// is dialled. Of a call that is parked, in records: "park:1", the slot.
	Target string
	// Extension is what a phone registers as, such as "1001".
	Extension string
)

// NodeID names a server process's data folder. Made once, kept in the file node.id.
type NodeID string
