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
	Basics

	Location *time.Location // of Timezone

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

// Basics are what the call centre is, and where.
type Basics struct {
	Name      Names    `yaml:"name" check:"required"`            // what people see the call centre called, per language
	Timezone  string   `yaml:"timezone" check:"required"`        // IANA name, such as Asia/Shanghai; "today" is in it
	Region    string   `yaml:"region" check:"required"`          // whose national numbers are understood: ISO 3166-1 alpha-2, such as CN
	Language  string   `yaml:"language" check:"required"`        // of callers and pages where nothing else says
	Languages []string `yaml:"languages" check:"required,min=1"` // all that the site speaks; every name is given in each of them
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

// Team is a group of agents with leads.
type Team struct {
	ID    string        `yaml:"id" check:"required,slug"` // never changed
	Names Names         `yaml:"names" check:"required"`   // what people see, per language
	Leads []call.UserID `yaml:"leads,omitempty"`          // users who lead the team
}

// User is a person who may sign in to the pages.
type User struct {
	ID    call.UserID `yaml:"id" check:"required,slug"` // what the user signs in as; never changed
	Names Names       `yaml:"names" check:"required"`   // what people see, per language
	// A plain password is for demo sites: whoever imports the site keeps its hash only. With neither this nor
	// password_hash the user cannot sign in by password until one is set by "linedesk user password".
	Password     string   `yaml:"password,omitempty"`
	PasswordHash string   `yaml:"password_hash,omitempty"`      // a PHC string of argon2id
	Roles        []string `yaml:"roles" check:"required,min=1"` // what the user may do: names of roles
	Team         string   `yaml:"team,omitempty"`               // that the user belongs to
	Language     string   `yaml:"language,omitempty"`           // of the user's pages until the user chooses one
	Disabled     bool     `yaml:"disabled,omitempty"`           // may not sign in
}

// Agent is somebody who takes calls. A user is not an agent is not an extension: user says who works as this
// agent, extension which telephone is theirs unless they choose another station.
type Agent struct {
	ID        call.AgentID   `yaml:"id" check:"required,slug"` // never changed
	User      call.UserID    `yaml:"user" check:"required"`    // who works as this agent
	Extension call.Extension `yaml:"extension,omitempty"`      // the agent's own telephone
	Queues    []call.QueueID `yaml:"queues,omitempty"`         // whose calls the agent takes
	Skills    NotYet         `yaml:"skills,omitempty"`         // what the agent can do, for calls that need it
	// A fixed SIP address, such as sip:1001@192.0.2.7:5060, that is rung without registration and taken as up.
	// Empty: the station is chosen at sign-in.
	Station string `yaml:"station,omitempty"`
	Ping    NotYet `yaml:"ping,omitempty"` // whether the fixed address is asked if it is there
	// The agent is signed in and ready from the server's start on. It needs a station.
	SignedIn        bool `yaml:"signed_in,omitempty"`
	NoWrapUp        bool `yaml:"no_wrap_up,omitempty"`        // overrules the queues' wrap-up time
	MissesDontCount bool `yaml:"misses_dont_count,omitempty"` // the agent is never paused for missed calls

	Names Names  `yaml:"-"` // the user's
	Team  string `yaml:"-"` // the user's
}

// Queue is where callers wait for one of several agents. The agent who has been idle longest gets the call.
type Queue struct {
	ID           call.QueueID  `yaml:"id" check:"required,slug"`                       // never changed
	Names        Names         `yaml:"names" check:"required"`                         // what people see, per language
	Strategy     NotYet        `yaml:"strategy,omitempty"`                             // how an agent is chosen
	Weight       int           `yaml:"weight,omitempty" check:"min=-100,max=100"`      // among the queues of one agent the higher goes first
	RingTimeout  time.Duration `yaml:"ring_timeout,omitempty" check:"min=3s,max=5m"`   // how long one agent is rung
	WrapUp       time.Duration `yaml:"wrap_up,omitempty" check:"max=1h"`               // time to write things down after a call; 0: none
	MaxMisses    int           `yaml:"max_misses,omitempty" check:"min=0,max=100"`     // so many missed in a row, and the agent is paused; 0: never
	MaxWaiting   int           `yaml:"max_waiting,omitempty" check:"min=0,max=100000"` // so many may wait, the next one takes the exit "full"; 0: no limit
	ServiceLevel time.Duration `yaml:"service_level,omitempty" check:"min=1s,max=1h"`  // answered within this is answered well
	Music        string        `yaml:"music,omitempty"`                                // a prompt that is played round and round; needed
}

// Extension is what a telephone registers as.
type Extension struct {
	Ext      call.Extension `yaml:"extension" check:"required"` // its number or name
	Password string         `yaml:"password" check:"required"`  // kept readable: digest authentication needs it
}

// Trunk is a line to the outside.
type Trunk struct {
	ID         call.TrunkID   `yaml:"id" check:"required,slug"`                                        // never changed
	Names      Names          `yaml:"names" check:"required"`                                          // what people see, per language
	Allow      []netip.Prefix `yaml:"allow,omitempty"`                                                 // sources whose calls are this trunk's
	Host       string         `yaml:"host,omitempty"`                                                  // where calls leave to: name or address, with or without a port; empty: inbound only
	Transport  string         `yaml:"transport,omitempty" check:"oneof=udp|tcp"`                       // by which calls leave; udp unless set
	DialFormat string         `yaml:"dial_format,omitempty" check:"oneof=as_dialled|e164|e164_digits"` // how numbers are sent: as dialled unless set, +86138… or 86138…
	Domain     string         `yaml:"domain,omitempty"`                                                // in To, From and the request URI; empty: the host
	User       string         `yaml:"user,omitempty"`                                                  // answers the trunk's challenges
	Password   string         `yaml:"password,omitempty"`                                              // of that user
	Realm      string         `yaml:"realm,omitempty"`                                                 // the only one answered; empty: any
	Ping       bool           `yaml:"ping,omitempty"`                                                  // OPTIONS every 10 s; off: taken as up
	CallerID   string         `yaml:"caller_id,omitempty"`                                             // the number we show; empty: the agent's extension
}

// Number is a dialled number that callers can reach.
type Number struct {
	Dialled   string       `yaml:"number" check:"required"` // as the trunk sends it
	Trunk     call.TrunkID `yaml:"trunk,omitempty"`         // that it must come by; empty: any
	Flow      call.FlowID  `yaml:"flow" check:"required"`   // what callers meet
	Names     Names        `yaml:"names,omitempty"`         // for people who read the site
	Languages []string     `yaml:"languages,omitempty"`     // overrule the flow's
}

// Code is one of a list that agents choose from: dispositions say what came of a call (the first nine have the
// keys 1 to 9 on the desk), pause reasons why an agent is not ready ("missed" and "link_lost" are the server's own).
type Code struct {
	ID    string `yaml:"id" check:"required,slug"` // never changed
	Names Names  `yaml:"names" check:"required"`   // what people see, per language
}

// TicketKind is a kind of ticket.
type TicketKind struct {
	ID     string                   `yaml:"id" check:"required,slug"`      // never changed
	Names  Names                    `yaml:"names" check:"required"`        // what people see, per language
	Prefix string                   `yaml:"prefix" check:"required"`       // how its numbers begin: 1 to 6 capital letters
	States []TicketState            `yaml:"states" check:"required,min=2"` // in order; open is the first, closed among them
	Due    map[string]time.Duration `yaml:"due,omitempty"`                 // how long we promise to take, per urgency: normal, urgent, very_urgent
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

// TicketState is where a ticket stands.
type TicketState struct {
	ID     string `yaml:"id" check:"required,slug"` // never changed
	Names  Names  `yaml:"names" check:"required"`   // what people see, per language
	Closed bool   `yaml:"closed,omitempty"`         // the ticket is over
}

// Prompt is what callers can be told: a text per language, or a sound without words.
type Prompt struct {
	Texts map[string]string
	File  string // in the site's sounds folder; empty: Texts
}

// Outbound says how calls leave.
type Outbound struct {
	Trunk       call.TrunkID  `yaml:"trunk,omitempty"`                              // by which they leave; empty: there are no outbound calls
	RingTimeout time.Duration `yaml:"ring_timeout,omitempty" check:"min=5s,max=5m"` // how long the customer's telephone rings
	WrapUp      time.Duration `yaml:"wrap_up,omitempty" check:"max=1h"`             // time to write things down after the call; 0: none
}
