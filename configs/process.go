package configs

import (
	"net/netip"
	"time"
)

// Process is linedesk.yaml: what a server needs to know of its machine. Every key is explained there.
// Paths are absolute or as seen from the folder of the file.
type Process struct {
	File     string  `yaml:"-"` // that it was read from
	Data     string  `yaml:"data" check:"required"`
	Database string  `yaml:"database,omitempty"` // "" is SQLite in the data folder
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
	Listen  netip.AddrPort `yaml:"listen" check:"required"`
	Cert    string         `yaml:"cert,omitempty"` // PEM files; both or none
	Key     string         `yaml:"key,omitempty"`
	Origins []string       `yaml:"origins,omitempty"` // from which pages may open desk sockets, besides the server's own
}

// SIP is where signalling is received and what it is known as.
type SIP struct {
	UDP    netip.AddrPort `yaml:"udp,omitempty"`
	TCP    netip.AddrPort `yaml:"tcp,omitempty"`
	Domain string         `yaml:"domain,omitempty"` // realm of the extensions

	PublicAddress netip.Addr    `yaml:"public_address,omitempty"`
	Strangers     string        `yaml:"strangers,omitempty" check:"oneof=silent|forbidden"`
	Digest        []string      `yaml:"digest,omitempty" check:"oneof=MD5|SHA-256,min=1"`
	MinExpires    time.Duration `yaml:"min_expires,omitempty" check:"min=10s,max=1h"`
	KeepAlive     time.Duration `yaml:"keep_alive,omitempty" check:"max=1h"`
}

// RTP is where sound is received.
type RTP struct {
	Address netip.Addr `yaml:"address" check:"required"`
	Ports   PortRange  `yaml:"ports" check:"required"`

	PublicAddress NotYet `yaml:"public_address,omitempty"`
}

// Seed is the site that an empty database begins with.
type Seed struct {
	Seed string `yaml:"seed,omitempty"`
}

// Speech renders texts for which there is no sound yet.
type Speech struct {
	// Command prints a WAV file of a text that it gets as its last argument. {voice} stands for the
	// voice of the language.
	Command []string          `yaml:"command,omitempty"`
	Voices  map[string]string `yaml:"voices,omitempty"` // language tag → voice
}

// Journal is how long the record of everything is kept as files.
type Journal struct {
	Keep time.Duration `yaml:"keep,omitempty" check:"min=24h,max=3650d"`
}

// Limits are the most that the server takes on.
type Limits struct {
	Calls int `yaml:"calls,omitempty" check:"min=1,max=100000"` // at once; more are refused with 503
	Legs  int `yaml:"legs,omitempty" check:"min=1,max=200000"`  // at once; a call has one of its caller and one of each telephone that it rings
}

// Log is what the server tells about itself, on standard error.
type Log struct {
	Level  string `yaml:"level,omitempty" check:"oneof=debug|info|warn|error"`
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
