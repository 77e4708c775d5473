package load

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linedesk/linedesk/configs"
)

// Process reads linedesk.yaml and checks it as a whole. The process is nil if there are problems.
func Process(file string) (*configs.Process, configs.Problems) {
	body, err := os.ReadFile(file)
	if err != nil {
		problem := configs.NewProblem(configs.ProcessMissing, params{"error": rootCause(err)})
		if errors.Is(err, os.ErrPermission) {
			problem = configs.NewProblem(configs.Unreadable, params{"error": rootCause(err)})
		}
		problem.File = file
		return nil, configs.Problems{problem}
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
		keys = append(keys, differences(a.Field(i), b.Field(i), strings.TrimPrefix(path+"."+key, "."))...)
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
		d.add(configs.DataIsFile, params{"file": p.Data}, "data")
	}
	checkDatabase(p, d)
	checkSockets(p, d)
	if (p.HTTP.Cert == "") != (p.HTTP.Key == "") {
		d.add(configs.HalfCertificate, nil, "http")
	}
	checkFile(d, p.HTTP.Cert, "http", "cert")
	checkFile(d, p.HTTP.Key, "http", "key")
	if p.Site.Seed != "" {
		if info, err := os.Stat(p.Site.Seed); err != nil || !info.IsDir() {
			d.add(configs.NoFolder, params{"folder": p.Site.Seed}, "site", "seed")
		}
	}
	for i, o := range p.HTTP.Origins {
		isWeb := strings.HasPrefix(o, "http://") || strings.HasPrefix(o, "https://")
		if err := http.NewCrossOriginProtection().AddTrustedOrigin(o); err != nil || !isWeb {
			d.add(configs.NoOrigin, params{"name": o}, "http", "origins", i)
		}
	}
	if len(p.Speech.Command) == 0 {
		d.add(configs.SpeechEmpty, nil, "speech", "command")
	}
}

func checkFile(d *document, file string, path ...any) {
	if file == "" {
		return
	}
	f, err := os.Open(file)
	if err != nil {
		d.add(configs.FileUnreadable, params{"file": file, "error": rootCause(err)}, path...)
		return
	}
	if err := f.Close(); err != nil {
		d.add(configs.FileNotClosed, params{"file": file, "error": rootCause(err)}, path...)
	}
}

func checkDatabase(p *configs.Process, d *document) {
	scheme, _, isURL := strings.Cut(p.Database, "://")
	if !isURL {
		return // a path
	}
	if scheme != "postgres" && scheme != "postgresql" && scheme != "sqlite" {
		d.add(configs.DatabaseUnknown, params{"got": scheme}, "database")
		return
	}
	if _, err := url.Parse(p.Database); err != nil {
		d.add(configs.DatabaseURL, nil, "database")
	}
}

// checkSockets wants addresses that can be written into messages: SIP and SDP tell the other side where to send.
func checkSockets(p *configs.Process, d *document) {
	if !p.SIP.UDP.IsValid() && !p.SIP.TCP.IsValid() && p.HTTP.Listen.IsValid() {
		d.add(configs.SIPNowhere, nil, "sip")
	}
	for key, a := range map[string]netip.AddrPort{"udp": p.SIP.UDP, "tcp": p.SIP.TCP} {
		if a.IsValid() && a.Addr().IsUnspecified() {
			d.add(configs.UnspecifiedAddress, params{"name": "sip." + key, "got": a.String()}, "sip", key)
		}
	}
	checkSignalling(p, d)
	if p.RTP.Address.IsValid() && p.RTP.Address.IsUnspecified() {
		d.add(configs.UnspecifiedAddress, params{"name": "rtp.address", "got": p.RTP.Address.String()}, "rtp", "address")
	}
	if port := p.SIP.UDP.Port(); port != 0 && port >= p.RTP.Ports.First && port <= p.RTP.Ports.Last {
		d.add(configs.SoundPortsHoldSIP, params{"ports": p.RTP.Ports.String(), "port": strconv.Itoa(int(port))}, "rtp", "ports")
	}
	if p.HTTP.Listen.IsValid() && p.SIP.TCP.Port() != 0 && p.HTTP.Listen == p.SIP.TCP {
		d.add(configs.SameSocket, params{"at": p.SIP.TCP.String()}, "sip", "tcp")
	}
}

// leastKeepAlive is the shortest time between two questions whether a telephone is there: more often is a load.
const leastKeepAlive = 5 * time.Second

// checkSignalling looks at how telephones and trunks are spoken to.
func checkSignalling(p *configs.Process, d *document) {
	if a := p.SIP.PublicAddress; a.IsValid() {
		switch {
		case a.IsUnspecified():
			d.add(configs.UnspecifiedAddress, params{"name": "sip.public_address", "got": a.String()}, "sip", "public_address")
		case p.SIP.UDP.IsValid() && p.SIP.UDP.Addr().Is4() != a.Is4() || p.SIP.TCP.IsValid() && p.SIP.TCP.Addr().Is4() != a.Is4():
			d.add(configs.PublicAddressFamily, params{"name": "sip.public_address", "got": a.String()}, "sip", "public_address")
		}
	}
	for i, name := range p.SIP.Digest {
		if slices.Contains(p.SIP.Digest[:i], name) {
			d.add(configs.DigestTwice, params{"name": name}, "sip", "digest", i)
		}
	}
	if t := p.SIP.KeepAlive; t > 0 && t < leastKeepAlive {
		d.add(configs.WrongValue, wrong("sip.keep_alive", t.String(), "a time from 5s to 1h, or 0 for never"), "sip", "keep_alive")
	}
}
