package load

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

	"github.com/linedesk/linedesk/configs"
)

// Process reads linedesk.yaml and checks it as a whole. The process is nil if there are problems.
func Process(file string) (*configs.Process, configs.Problems) {
	body, err := os.ReadFile(file)
	if err != nil {
		fix := "name the file with --config; configs/linedesk.yaml is an example"
		if errors.Is(err, os.ErrPermission) {
			fix = "make it readable for the user that the server runs as"
		}
		return nil, configs.Problems{{File: file, What: "cannot be read: " + rootCause(err), Fix: fix}}
	}
	return parseProcess(file, body)
}

func parseProcess(file string, body []byte) (*configs.Process, configs.Problems) {
	p, problems := readProcess(file, body)
	if len(problems) > 0 {
		return nil, problems
	}
	return p, nil
}

// Differences are the keys, such as "log.level", for which two process files say something else.
func Differences(a, b *configs.Process) []string {
	return differences(reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem(), "")
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
func Check(file string) configs.Problems {
	body, err := os.ReadFile(file)
	if err != nil {
		_, problems := Process(file) // which says it in its own words
		return problems
	}
	p, problems := readProcess(file, body)
	if info, err := os.Stat(p.Site.Seed); err == nil && info.IsDir() {
		_, more := Site(os.DirFS(p.Site.Seed), ".")
		for _, m := range more {
			m.File = filepath.Join(p.Site.Seed, m.File)
			problems = append(problems, m)
		}
	}
	return problems
}

// readProcess reads as much as can be read.
func readProcess(file string, body []byte) (*configs.Process, configs.Problems) {
	var problems configs.Problems
	d := readDocument(file, body, &problems)
	p := configs.DefaultProcess()
	p.File = file
	d.decode(&p)
	if !d.broken {
		checkProcess(&p, d, filepath.Dir(file))
	}
	return &p, problems.Sorted()
}

func checkProcess(p *configs.Process, d *document, dir string) {
	for _, path := range []*string{&p.Data, &p.HTTP.Cert, &p.HTTP.Key, &p.Site.Seed} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
	if info, err := os.Stat(p.Data); p.Data != "" && err == nil && !info.IsDir() {
		d.add(fmt.Sprintf("data: %s is a file", p.Data), "name a folder; it is made if it is not there", "data")
	}
	checkDatabase(p, d)
	checkSockets(p, d)
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

func checkDatabase(p *configs.Process, d *document) {
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
func checkSockets(p *configs.Process, d *document) {
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
