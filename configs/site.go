package configs

import (
	"net/netip"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/store/ticket"
)

// Site is everything about one call centre that people decide: who works there, what is dialled,
// what callers hear. It is made of documents, checked as a whole, and never changed once loaded; a
// new version is a new Site.
type Site struct {
	Name      Names
	Timezone  string         // IANA name; "today" and opening hours are in it
	Location  *time.Location // of Timezone
	Region    string         // whose national numbers are understood: ISO 3166-1 alpha-2, "CN"
	Language  string         // of callers and pages where nothing else says
	Languages []string       // all that the site speaks

	Teams        []Team
	Users        []User
	Agents       []Agent
	Queues       []Queue
	Extensions   []Extension
	Trunks       []Trunk
	Numbers      []Number
	Flows        map[call.FlowID]*flow.Flow
	Dispositions []Code
	PauseReasons []Code
	TicketKinds  []TicketKind
	Roles        map[string]Role
	Prompts      map[string]Prompt
	Outbound     Outbound

	users      map[call.UserID]*User
	agents     map[call.AgentID]*Agent
	workers    map[call.UserID]*Agent
	extensions map[call.Extension]*Extension
	stations   map[call.Extension]*Agent
	queues     map[call.QueueID]*Queue
	trunks     map[call.TrunkID]*Trunk
	numbers    map[dialled]*Number
	kinds      map[string]*TicketKind
}

// NotYet is the type of a setting whose name is taken but which nothing goes by yet: it is refused, so that nobody
// believes that it does something.
type NotYet struct{}

// Names is what people see, per language tag.
type Names map[string]string

// In gives the name in a language, or in English, or in whatever there is.
func (n Names) In(language string) string {
	if s := n[language]; s != "" {
		return s
	}
	if s := n["en"]; s != "" {
		return s
	}
	for _, s := range n {
		return s
	}
	return ""
}

// Team is a group of agents with a lead.
type Team struct {
	ID    string        `yaml:"id" check:"required,slug"`
	Names Names         `yaml:"names" check:"required"`
	Leads []call.UserID `yaml:"leads,omitempty"`
}

// User is a person who may sign in to the pages.
type User struct {
	ID    call.UserID `yaml:"id" check:"required,slug"`
	Names Names       `yaml:"names" check:"required"`
	// Password is for demo sites: whoever imports the site keeps its hash only. PasswordHash is a PHC
	// string ("$argon2id$…"). Neither: the user cannot sign in by password until one is set.
	Password     string   `yaml:"password,omitempty"`
	PasswordHash string   `yaml:"password_hash,omitempty"`
	Roles        []string `yaml:"roles" check:"required,min=1"`
	Team         string   `yaml:"team,omitempty"`
	Language     string   `yaml:"language,omitempty"`
	Disabled     bool     `yaml:"disabled,omitempty"`
}

// Agent is somebody who takes calls. A user is not an agent is not an extension: User says who works
// as this agent, Extension which telephone is theirs unless they choose another station.
type Agent struct {
	ID        call.AgentID   `yaml:"id" check:"required,slug"`
	User      call.UserID    `yaml:"user" check:"required"`
	Extension call.Extension `yaml:"extension,omitempty"`
	Queues    []call.QueueID `yaml:"queues,omitempty"`
	Skills    NotYet         `yaml:"skills,omitempty"`
	// Station is a fixed SIP address ("sip:1001@192.0.2.7:5060") that is rung without registration and
	// taken as up. Empty: the station is chosen at sign-in.
	Station string `yaml:"station,omitempty"`
	Ping    NotYet `yaml:"ping,omitempty"`
	// SignedIn agents are signed in and ready from the server's start on. It needs a Station.
	SignedIn bool `yaml:"signed_in,omitempty"`
	// NoWrapUp overrules the queues' wrap-up time; MissesDontCount never pauses for missed calls.
	NoWrapUp        bool `yaml:"no_wrap_up,omitempty"`
	MissesDontCount bool `yaml:"misses_dont_count,omitempty"`

	Names Names  `yaml:"-"` // the user's
	Team  string `yaml:"-"` // the user's
}

// Queue is where callers wait for one of several agents.
type Queue struct {
	ID           call.QueueID  `yaml:"id" check:"required,slug"`
	Names        Names         `yaml:"names" check:"required"`
	Strategy     NotYet        `yaml:"strategy,omitempty"`
	Weight       int           `yaml:"weight,omitempty" check:"min=-100,max=100"`      // among queues of one agent the higher goes first
	RingTimeout  time.Duration `yaml:"ring_timeout,omitempty" check:"min=3s,max=5m"`   // 15 s unless set
	WrapUp       time.Duration `yaml:"wrap_up,omitempty" check:"max=1h"`               // 0: none
	MaxMisses    int           `yaml:"max_misses,omitempty" check:"min=0,max=100"`     // in a row, then the agent is paused; 0: never
	MaxWaiting   int           `yaml:"max_waiting,omitempty" check:"min=0,max=100000"` // 0: no limit
	ServiceLevel time.Duration `yaml:"service_level,omitempty" check:"min=1s,max=1h"`  // 20 s unless set
	Music        string        `yaml:"music,omitempty"`                                // a prompt that is played round and round
}

// Extension is what a telephone registers as. The password is kept readable: digest needs it.
type Extension struct {
	Ext      call.Extension `yaml:"extension" check:"required"`
	Password string         `yaml:"password" check:"required"`
}

// Trunk is a line to the outside.
type Trunk struct {
	ID    call.TrunkID   `yaml:"id" check:"required,slug"`
	Names Names          `yaml:"names" check:"required"`
	Allow []netip.Prefix `yaml:"allow,omitempty"` // sources whose calls are this trunk's
	Host  string         `yaml:"host,omitempty"`  // where calls leave to: name or address, with or without a port; empty: inbound only
	// Transport is "udp" (unless set) or "tcp".
	Transport string `yaml:"transport,omitempty" check:"oneof=udp|tcp"`
	// DialFormat says how numbers are sent: "as_dialled" (unless set), "e164" (+86138…), "e164_digits" (86138…).
	DialFormat string `yaml:"dial_format,omitempty" check:"oneof=as_dialled|e164|e164_digits"`
	Domain     string `yaml:"domain,omitempty"` // in To, From and the request URI; empty: the host
	User       string `yaml:"user,omitempty"`   // answers the trunk's challenges
	Password   string `yaml:"password,omitempty"`
	Realm      string `yaml:"realm,omitempty"`     // the only one answered; empty: any
	Ping       bool   `yaml:"ping,omitempty"`      // OPTIONS every 10 s; off: taken as up
	CallerID   string `yaml:"caller_id,omitempty"` // the number we show; empty: the agent's extension
}

// Number is a dialled number that callers can reach.
type Number struct {
	Dialled   string       `yaml:"number" check:"required"`
	Trunk     call.TrunkID `yaml:"trunk,omitempty"` // empty: by any trunk
	Flow      call.FlowID  `yaml:"flow" check:"required"`
	Names     Names        `yaml:"names,omitempty"`
	Languages []string     `yaml:"languages,omitempty"` // overrule the flow's
}

// Code is a disposition or a reason of a pause.
type Code struct {
	ID    string `yaml:"id" check:"required,slug"`
	Names Names  `yaml:"names" check:"required"`
}

// TicketKind is a kind of ticket: how its numbers begin, its states in order (the first is a new
// ticket's), and how long we promise to take, per urgency ("normal", "urgent", "very_urgent").
type TicketKind struct {
	ID     string                   `yaml:"id" check:"required,slug"`
	Names  Names                    `yaml:"names" check:"required"`
	Prefix string                   `yaml:"prefix" check:"required"`
	States []TicketState            `yaml:"states" check:"required,min=2"`
	Due    map[string]time.Duration `yaml:"due,omitempty"`
}

// Rules are what the kind decides about a ticket; nil of no kind.
func (k *TicketKind) Rules() *ticket.Kind {
	if k == nil {
		return nil
	}
	rules := &ticket.Kind{Due: k.Due}
	for _, s := range k.States {
		rules.States = append(rules.States, ticket.State{ID: s.ID, Closed: s.Closed})
	}
	return rules
}

// TicketState is where a ticket stands. Closed ones are over.
type TicketState struct {
	ID     string `yaml:"id" check:"required,slug"`
	Names  Names  `yaml:"names" check:"required"`
	Closed bool   `yaml:"closed,omitempty"`
}

// Prompt is what callers can be told: a text per language, or a sound without words.
type Prompt struct {
	Texts map[string]string
	File  string // in the site's sounds folder; empty: Texts
}

// Outbound says how calls leave.
type Outbound struct {
	Trunk       call.TrunkID  `yaml:"trunk,omitempty"` // empty: there are no outbound calls
	RingTimeout time.Duration `yaml:"ring_timeout,omitempty" check:"min=5s,max=5m"`
	WrapUp      time.Duration `yaml:"wrap_up,omitempty" check:"max=1h"`
}
