package configs

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
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
}

// RTP is where sound is received.
type RTP struct {
	Address netip.Addr `yaml:"address" check:"required"`
	Ports   PortRange  `yaml:"ports" check:"required"`
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
}

// Log is what the server tells about itself, on standard error.
type Log struct {
	Level  string `yaml:"level,omitempty" check:"oneof=debug|info|warn|error"`
	Format string `yaml:"format,omitempty" check:"oneof=text|json"`
}

// DefaultProcess is what counts where linedesk.yaml says nothing.
func DefaultProcess() Process {
	return Process{
		SIP:     SIP{Domain: "linedesk"},
		Speech:  DefaultSpeech(),
		Journal: Journal{Keep: 30 * 24 * time.Hour},
		Limits:  Limits{Calls: 2000},
		Log:     Log{Level: "info", Format: "text"},
	}
}

// DefaultSpeech renders by espeak-ng.
func DefaultSpeech() Speech {
	return Speech{
		Command: []string{"espeak-ng", "-v", "{voice}", "-z", "-s", "210", "--stdout", "--"},
		Voices:  map[string]string{"en": "en-us", "zh-CN": "cmn"},
	}
}

// LoadProcess reads linedesk.yaml and checks it as a whole. The process is nil if there are problems.
func LoadProcess(file string) (*Process, Problems) {
	body, err := os.ReadFile(file)
	if err != nil {
		fix := "name the file with --config; configs/linedesk.yaml is an example"
		if errors.Is(err, os.ErrPermission) {
			fix = "make it readable for the user that the server runs as"
		}
		return nil, Problems{{File: file, What: "cannot be read: " + rootCause(err), Fix: fix}}
	}
	return parseProcess(file, body)
}

func parseProcess(file string, body []byte) (*Process, Problems) {
	p, problems := readProcess(file, body)
	if len(problems) > 0 {
		return nil, problems
	}
	return p, nil
}

// Differences are the keys, such as "log.level", for which another process file says something else.
func (p *Process) Differences(other *Process) []string {
	return differences(reflect.ValueOf(p).Elem(), reflect.ValueOf(other).Elem(), "")
}

func differences(a, b reflect.Value, path string) []string {
	if a.Kind() != reflect.Struct || takesText(a.Type()) {
		if reflect.DeepEqual(a.Interface(), b.Interface()) {
			return nil
		}
		return []string{path}
	}
	var keys []string
	fields := fieldsOf(a.Type())
	for _, key := range keysOf(a.Type()) {
		i := fields[key].index
		keys = append(keys, differences(a.Field(i), b.Field(i), join(path, key))...)
	}
	return keys
}

// Check lists all mistakes of a process file and of the site's folder that it names.
func Check(file string) Problems {
	body, err := os.ReadFile(file)
	if err != nil {
		_, problems := LoadProcess(file) // which says it in its own words
		return problems
	}
	p, problems := readProcess(file, body)
	if info, err := os.Stat(p.Site.Seed); err == nil && info.IsDir() {
		_, more := LoadSite(os.DirFS(p.Site.Seed), ".")
		for _, m := range more {
			m.File = filepath.Join(p.Site.Seed, m.File)
			problems = append(problems, m)
		}
	}
	return problems
}

// readProcess reads as much as can be read.
func readProcess(file string, body []byte) (*Process, Problems) {
	var problems Problems
	d := readDocument(file, body, &problems)
	p := DefaultProcess()
	p.File = file
	d.decode(&p)
	if !d.broken {
		p.check(d, filepath.Dir(file))
	}
	return &p, problems.sorted()
}

func (p *Process) check(d *document, dir string) {
	for _, path := range []*string{&p.Data, &p.HTTP.Cert, &p.HTTP.Key, &p.Site.Seed} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
	if info, err := os.Stat(p.Data); p.Data != "" && err == nil && !info.IsDir() {
		d.add(fmt.Sprintf("data: %s is a file", p.Data), "name a folder; it is made if it is not there", "data")
	}
	p.checkDatabase(d)
	p.checkSockets(d)
	if (p.HTTP.Cert == "") != (p.HTTP.Key == "") {
		d.add("http has only one of cert and key", "give both for https, or none", "http")
	}
	checkFile(d, p.HTTP.Cert, "http", "cert")
	checkFile(d, p.HTTP.Key, "http", "key")
	if p.Site.Seed != "" {
		if info, err := os.Stat(p.Site.Seed); err != nil || !info.IsDir() {
			d.add(fmt.Sprintf("site.seed: there is no folder %s", p.Site.Seed), "name a folder like configs/demo, or remove the key", "site", "seed")
		}
	}
	for i, o := range p.HTTP.Origins {
		isWeb := strings.HasPrefix(o, "http://") || strings.HasPrefix(o, "https://")
		if err := http.NewCrossOriginProtection().AddTrustedOrigin(o); err != nil || !isWeb {
			d.add(fmt.Sprintf("%q is no origin", o), "write it as https://desk.example.com, without a path", "http", "origins", i)
		}
	}
	if len(p.Speech.Command) == 0 {
		d.add("speech.command is empty", "remove it for espeak-ng, or write a command and its arguments", "speech", "command")
	}
}

func checkFile(d *document, file string, path ...any) {
	if file == "" {
		return
	}
	f, err := os.Open(file)
	if err != nil {
		d.add(fmt.Sprintf("the file %s cannot be read: %s", file, rootCause(err)), "put it there, readable for the user that the server runs as", path...)
		return
	}
	if err := f.Close(); err != nil {
		d.add(fmt.Sprintf("the file %s cannot be closed: %s", file, rootCause(err)), "look at the disk", path...)
	}
}

func (p *Process) checkDatabase(d *document) {
	scheme, _, isURL := strings.Cut(p.Database, "://")
	if !isURL {
		return // a path
	}
	if scheme != "postgres" && scheme != "postgresql" && scheme != "sqlite" {
		d.add(fmt.Sprintf("database: there is no kind of database %q", scheme),
			"write postgres://USER:PASSWORD@HOST/NAME or sqlite:///PATH, or remove the key", "database")
		return
	}
	if _, err := url.Parse(p.Database); err != nil {
		// The URL itself may hold a password, so neither it nor the error is shown.
		d.add("database is no valid URL", "write postgres://USER:PASSWORD@HOST/NAME, with special characters of the password as %XX", "database")
	}
}

// checkSockets wants addresses that can be written into messages: SIP and SDP tell the other side where to send.
func (p *Process) checkSockets(d *document) {
	if !p.SIP.UDP.IsValid() && !p.SIP.TCP.IsValid() && p.HTTP.Listen.IsValid() {
		d.add("sip has neither udp nor tcp", "add udp: ADDRESS:5060", "sip")
	}
	for key, a := range map[string]netip.AddrPort{"udp": p.SIP.UDP, "tcp": p.SIP.TCP} {
		if a.IsValid() && a.Addr().IsUnspecified() {
			d.add(fmt.Sprintf("sip.%s is %s, which no telephone could send to", key, a), "write the address of this machine that telephones reach", "sip", key)
		}
	}
	if p.RTP.Address.IsValid() && p.RTP.Address.IsUnspecified() {
		d.add(fmt.Sprintf("rtp.address is %s, which no telephone could send to", p.RTP.Address), "write the address of this machine that telephones reach", "rtp", "address")
	}
	if port := p.SIP.UDP.Port(); port != 0 && port >= p.RTP.Ports.First && port <= p.RTP.Ports.Last {
		d.add(fmt.Sprintf("rtp.ports %s holds the port of sip.udp, %d", p.RTP.Ports, port), "take another range, such as 40000-49999", "rtp", "ports")
	}
	if p.HTTP.Listen.IsValid() && p.SIP.TCP.IsValid() && p.HTTP.Listen == p.SIP.TCP {
		d.add(fmt.Sprintf("http.listen and sip.tcp are both %s", p.SIP.TCP), "give each a port of its own", "sip", "tcp")
	}
}
