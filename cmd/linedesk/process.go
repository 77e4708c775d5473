package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/load"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/store"
)

// processSetup is what linedesk.yaml says, as a setup.
func processSetup(p *configs.Process) (setup, error) {
	level := new(slog.LevelVar)
	if err := setLevel(level, p.Log.Level); err != nil {
		return setup{}, err
	}
	s := setup{
		data: p.Data, db: p.Database, http: p.HTTP.Listen.String(), origins: p.HTTP.Origins,
		sip: sipSettings(p),
		rtp: p.RTP.Address, rtpMin: p.RTP.Ports.First, rtpMax: p.RTP.Ports.Last,
		calls: p.Limits.Calls, keep: p.Journal.Keep, speech: p.Speech, log: newLog(level, p.Log.Format), process: p, level: level,
	}
	if p.HTTP.Cert != "" {
		cert, err := readCertificate(p)
		if err != nil {
			return setup{}, err
		}
		s.cert = new(certificate)
		s.cert.current.Store(cert)
		s.tls = &tls.Config{GetCertificate: s.cert.get, MinVersion: tls.VersionTLS12}
	}
	if p.Site.Seed != "" {
		s.seed = func(ctx context.Context, st store.Store) error { return seedSite(ctx, st, p.Site.Seed, p.Data) }
	}
	return s, nil
}

// sipSettings is what linedesk.yaml says of signalling, in the words of the sip room.
func sipSettings(p *configs.Process) sip.Config {
	c := sip.Config{
		UDP: p.SIP.UDP, TCP: p.SIP.TCP, Domain: p.SIP.Domain, Advertise: p.SIP.PublicAddress,
		Algorithms: p.SIP.Digest, MinExpires: p.SIP.MinExpires, KeepAlive: p.SIP.KeepAlive, MaxLegs: p.Limits.Legs,
	}
	if p.SIP.Strangers == "forbidden" {
		c.Strangers = sip.StrangersForbidden
	}
	if c.KeepAlive == 0 {
		c.KeepAlive = -1 // never: there 0 is the default
	}
	return c
}

// certificate is the web server's. A reload replaces it: certificates are renewed more often than servers
// are restarted.
type certificate struct {
	current atomic.Pointer[tls.Certificate]
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return c.current.Load(), nil
}

func readCertificate(p *configs.Process) (*tls.Certificate, error) {
	cert, err := tls.LoadX509KeyPair(p.HTTP.Cert, p.HTTP.Key)
	if err != nil {
		return nil, fmt.Errorf("read the certificate for https: %w", err)
	}
	return &cert, nil
}

// seedSite imports a site's folder into a database that has none. Sounds that the data folder lacks are
// added at every start: it may be a new one before a database that has its site.
func seedSite(ctx context.Context, st store.Store, folder, data string) error {
	published, err := st.Published(ctx)
	if err != nil {
		return err
	}
	if len(published) == 0 {
		return importSite(ctx, st, folder, data, io.Discard)
	}
	return configs.AddSounds(soundsOf(folder), soundFolder(data))
}

// soundsOf gives the sounds in a site's folder.
func soundsOf(folder string) fs.FS { return os.DirFS(filepath.Join(folder, configs.SoundsFolder)) }

// importSite checks a site's folder as a whole and makes it the site. Its sounds go first: documents
// without them could not be heard.
func importSite(ctx context.Context, st store.Store, from, data string, out io.Writer) error {
	folder := os.DirFS(from)
	site, problems := load.Site(folder, ".")
	if err := problems.Err(); err != nil {
		return fmt.Errorf("the site has mistakes, nothing is imported:\n%w", err)
	}
	docs, err := load.Documents(folder, ".")
	if err != nil {
		return err
	}
	if err := configs.CopySounds(soundsOf(from), soundFolder(data)); err != nil {
		return err
	}
	changes, err := st.ImportDocuments(ctx, docs, "import")
	if err != nil {
		return err
	}
	for _, c := range changes {
		fmt.Fprintf(out, "%s %s, version %d\n", load.Label(store.Document{Kind: c.Kind, Name: c.Name}), c.Change, c.Version)
	}
	if len(changes) == 0 {
		fmt.Fprintln(out, "nothing changed")
	}
	return syncUsers(ctx, st, site, false)
}

// runCheck lists all mistakes of the process file and of the site that it would begin with.
func runCheck(_ context.Context, args []string, out io.Writer) error {
	flags, file := processFlags("linedesk check")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *file == "" {
		return errNoConfig
	}
	if err := load.Check(*file).Err(); err != nil {
		return fmt.Errorf("the configuration has mistakes:\n%w", err)
	}
	_, err := fmt.Fprintln(out, "no mistakes found")
	return err
}

// runMigrate brings the database up to date and ends.
func runMigrate(ctx context.Context, args []string, out io.Writer) error {
	process, err := configFlag("linedesk migrate", args)
	if err != nil {
		return err
	}
	st, err := openStoreOf(ctx, process)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	_, err = fmt.Fprintln(out, "the database is up to date")
	return err
}

func openStoreOf(ctx context.Context, p *configs.Process) (store.Store, error) {
	url := p.Database
	if url == "" {
		if err := os.MkdirAll(p.Data, 0o750); err != nil {
			return nil, fmt.Errorf("make the data folder: %w", err)
		}
		url = filepath.Join(p.Data, "linedesk.db")
	}
	return openStore(ctx, url, slog.Default())
}

// runSite imports, exports or compares the site's documents.
func runSite(ctx context.Context, args []string, out io.Writer) error {
	usage := errors.New("write: site import|export|diff --config FILE FOLDER")
	if len(args) == 0 {
		return usage
	}
	flags := flag.NewFlagSet("linedesk site "+args[0], flag.ContinueOnError)
	file := flags.String("config", "", "the process file")
	if err := flags.Parse(args[1:]); err != nil {
		return errUsage
	}
	if flags.NArg() != 1 {
		return usage
	}
	process, err := loadProcess(*file)
	if err != nil {
		return err
	}
	st, err := openStoreOf(ctx, process)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	folder := flags.Arg(0)
	switch args[0] {
	case "import":
		return importSite(ctx, st, folder, process.Data, out)
	case "export":
		return exportSite(ctx, st, folder, process.Data, out)
	case "diff":
		return diffSite(ctx, st, folder, out)
	}
	return usage
}

// exportSite writes the published documents and the sounds into a folder, over what is there.
func exportSite(ctx context.Context, st store.Store, folder, data string, out io.Writer) error {
	docs, err := st.Published(ctx)
	if err != nil {
		return err
	}
	for name, body := range load.Files(docs) {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
			return err
		}
	}
	if err := configs.CopySounds(os.DirFS(soundFolder(data)), filepath.Join(folder, configs.SoundsFolder)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d documents and the sounds written to %s\n", len(docs), folder)
	return err
}

// diffSite says what importing a folder would change.
func diffSite(ctx context.Context, st store.Store, folder string, out io.Writer) error {
	have, err := st.Published(ctx)
	if err != nil {
		return err
	}
	want, err := load.Documents(os.DirFS(folder), ".")
	if err != nil {
		return err
	}
	diff := load.Diff(have, want)
	if diff == "" {
		diff = "nothing would change\n"
	}
	_, err = io.WriteString(out, diff)
	return err
}
