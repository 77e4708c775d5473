package configs

import (
	"net/netip"
	"time"
)

// The declarations of settings: a field of these types and of those in site.go is a setting of its own. Its tag
// yaml is its key, its tag check says what it takes, its comment is the sentence that people read about it, and
// [DefaultProcess] and [Site.Index] say what counts without it. linedesk.yaml and docs/site.md are made of
// that (go generate ./configs/load), where the tag show is a value to begin with and the tag example one that
// stands in a comment.

// Process is linedesk.yaml: what a server needs to know of its machine. Paths are absolute or as seen from the
// folder of the file.
type Process struct {
	File string `yaml:"-"` // that it was read from
	// Where everything is kept that is not in the database: the journal, sounds, recordings. It is made if it is
	// not there. One server at a time may use it.
	Data string `yaml:"data" check:"required" show:"/var/lib/linedesk"`
	// The database: postgres://USER:PASSWORD@HOST/NAME, or sqlite:///PATH. Empty: SQLite in the data folder.
	Database string  `yaml:"database,omitempty"`
	HTTP     HTTP    `yaml:"http" check:"required"`
	SIP      SIP     `yaml:"sip" check:"required"`
	RTP      RTP     `yaml:"rtp" check:"required"`
	Site     Seed    `yaml:"site,omitempty"`
	Speech   Speech  `yaml:"speech,omitempty"`
	Journal  Journal `yaml:"journal,omitempty"`
	Limits   Limits  `yaml:"limits,omitempty"`
	Log      Log     `yaml:"log,omitempty"`
}

// HTTP is where pages, API and desk sockets are served.
type HTTP struct {
	// The socket for pages, API and desks. Browsers give the microphone to https pages only (or to those on this
	// machine): give cert and key, or put a proxy with TLS in front.
	Listen netip.AddrPort `yaml:"listen" check:"required" show:"127.0.0.1:8080"`
	// The certificate for https, a PEM file. It and key are both given, or none.
	Cert string `yaml:"cert,omitempty" example:"/etc/linedesk/desk.crt"`
	// The key of the certificate, a PEM file.
	Key string `yaml:"key,omitempty" example:"/etc/linedesk/desk.key"`
	// Origins from which pages may open desk sockets, besides the server's own address.
	Origins []string `yaml:"origins,omitempty" example:"[https://desk.example.com]"`
}

// SIP is where signalling is received and how telephones and trunks are spoken to.
type SIP struct {
	// The socket for telephones and trunks by UDP. It is written into messages, so it must be one that the other
	// side can reach: 0.0.0.0 is not taken. At least one of udp and tcp is given.
	UDP netip.AddrPort `yaml:"udp,omitempty" show:"127.0.0.1:5060"`
	// The same by TCP.
	TCP netip.AddrPort `yaml:"tcp,omitempty" show:"127.0.0.1:5060"`
	// The realm of the extensions' passwords.
	Domain string `yaml:"domain,omitempty"`
	// The address that telephones and trunks are told instead of the sockets' own, where a public one is in front
	// of this machine.
	PublicAddress netip.Addr `yaml:"public_address,omitempty" example:"192.0.2.7"`
	// What senders get that are neither a trunk nor a telephone: silent is nothing, forbidden is a 403. Calls and
	// registrations are always challenged, with the same answer for any name.
	Strangers string `yaml:"strangers,omitempty" check:"oneof=silent|forbidden"`
	// How passwords are proved, the preferred way first: MD5, SHA-256. Each makes a challenge of its own, and many
	// telephones give up at one that they don't know: name SHA-256 where all of them do (RFC 8760, 2.4).
	Digest []string `yaml:"digest,omitempty" check:"oneof=MD5|SHA-256,min=1"`
	// The shortest registration that is taken; below it the telephone is told to ask for longer (423).
	MinExpires time.Duration `yaml:"min_expires,omitempty" check:"min=10s,max=1h"`
	// How often a registered telephone is asked whether it is there, 5s at the least. 0: never.
	KeepAlive time.Duration `yaml:"keep_alive,omitempty" check:"max=1h"`
}

// RTP is where sound is received.
type RTP struct {
	// The address for sound. It is written into descriptions of calls: 0.0.0.0 is not taken.
	Address netip.Addr `yaml:"address" check:"required" show:"127.0.0.1"`
	// UDP ports: the first is for browsers, then two for each telephone or trunk in a call.
	Ports PortRange `yaml:"ports" check:"required" show:"40000-49999"`
	// The address for sound that others are told instead of the socket's own.
	PublicAddress NotYet `yaml:"public_address,omitempty"`
}

// Seed is the site that an empty database begins with.
type Seed struct {
	// The folder of that site; its sounds go to the data folder. Later changes go by "linedesk site
	// import|export|diff".
	Seed string `yaml:"seed,omitempty" example:"demo"`
}

// Speech is how texts become sound for which there is none yet.
type Speech struct {
	// The command prints a WAV file of its last argument, a text; {voice} is the voice of the language.
	Command []string `yaml:"command,omitempty"`
	// The voice of each language.
	Voices map[string]string `yaml:"voices,omitempty"`
}

// Journal is the record of everything that happens, as files in the data folder.
type Journal struct {
	// How long the files are kept after all in them is in the database.
	Keep time.Duration `yaml:"keep,omitempty" check:"min=24h,max=3650d"`
}

// Limits are the most that the server takes on. New calls above them are refused with 503.
type Limits struct {
	// Calls at once.
	Calls int `yaml:"calls,omitempty" check:"min=1,max=100000"`
	// Legs at once: a call has one for its caller and one for each telephone that it rings.
	Legs int `yaml:"legs,omitempty" check:"min=1,max=200000"`
}

// Log is what the server tells about itself, on standard error.
type Log struct {
	// How much: debug, info, warn or error.
	Level string `yaml:"level,omitempty" check:"oneof=debug|info|warn|error"`
	// As text, or as json.
	Format string `yaml:"format,omitempty" check:"oneof=text|json"`
}

// DefaultProcess is what counts where linedesk.yaml says nothing.
func DefaultProcess() Process {
	return Process{
		SIP: SIP{
			Domain: "linedesk", Strangers: "silent", Digest: []string{"MD5"}, MinExpires: time.Minute, KeepAlive: 25 * time.Second,
		},
		Speech:  DefaultSpeech(),
		Journal: Journal{Keep: 30 * 24 * time.Hour},
		Limits:  Limits{Calls: 2000, Legs: 20_000},
		Log:     Log{Level: "info", Format: "text"},
	}
}

// DefaultSpeech renders by espeak-ng. Its Mandarin voice is not "cmn", which reads most characters' pinyin as if they
// were English words (findings/espeak-ng-cmn.sh).
func DefaultSpeech() Speech {
	return Speech{
		Command: []string{"espeak-ng", "-v", "{voice}", "-z", "-s", "210", "--stdout", "--"},
		Voices:  map[string]string{"en": "en-us", "zh-CN": "cmn-latn-pinyin"},
	}
}
