package load

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a site's timezone is known on any machine
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/store/ticket"
)

var (
	stationPattern   = regexp.MustCompile(`^sip:[A-Za-z0-9._+-]{1,64}@(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$`)
	extensionPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)
	hostPattern      = regexp.MustCompile(`^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$`)
	numberPattern    = regexp.MustCompile(`^\+?[0-9A-Za-z*#._-]{1,64}$`)
	prefixPattern    = regexp.MustCompile(`^[A-Z]{1,6}$`)
	soundPattern     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\.wav$`)
)

var nodeType = reflect.TypeFor[flow.Node]()

// check looks at everything that one document alone cannot tell: dangling names, doubles, values that
// contradict each other.
func (l *loader) check() {
	l.checkSite()
	l.checkRoles()
	l.checkPeople()
	l.checkAgents()
	l.checkQueues()
	l.checkLines()
	l.checkNumbers()
	l.checkCodes()
	l.checkTicketKinds()
	l.checkPrompts()
	l.checkFlows()
}

// double notes entries of a list that have the same ID.
func double[T any, K comparable](d *document, list []T, id func(T) K, field string, path ...any) {
	first := map[K][]any{}
	for i, item := range list {
		k := id(item)
		var zero K
		if k == zero {
			continue // reported as missing
		}
		at := append(slices.Clone(path), i, field)
		if before, ok := first[k]; ok {
			p := params{"value": fmt.Sprint(k), "field": field, "line": strconv.Itoa(d.line(before...))}
			if file := d.fileOf(before); file != d.fileOf(at) {
				p["file"] = file
			}
			d.add(configs.ValueTwice, p, at...)
			continue
		}
		first[k] = at
	}
}

// dangling notes a name that names nothing in the documents of a kind. If that one could not be read,
// nobody knows, and one mistake there would be told a hundred times here.
func (l *loader) dangling(d *document, kind, what, name string, known []string, path ...any) {
	if l.docs[kind].broken {
		return
	}
	known = slices.DeleteFunc(known, func(s string) bool { return s == "" })
	slices.Sort(known)
	known = slices.Compact(known)
	d.add(configs.UnknownName, unknown(what, name, known), path...)
}

// unknown says that there is no such name, and which there are.
func unknown(what, name string, known []string) params {
	p := params{"what": what, "name": name}
	const few = 12
	switch near := nearest(name, known); {
	case near != "":
		p["near"] = near
	case len(known) > few:
		p["known"] = strings.Join(known[:few], ", ") + ", …"
	case len(known) > 0:
		p["known"] = strings.Join(known, ", ")
	}
	return p
}

// wrong says that a value is not what it should be.
func wrong(name, got, wanted string) params {
	return params{"name": name, "got": got, "wanted": wanted, "type": name}
}

func ids[T any, K ~string](list []T, id func(T) K) []string {
	names := make([]string, 0, len(list))
	for _, item := range list {
		names = append(names, string(id(item)))
	}
	return names
}

func (l *loader) checkSite() {
	s, d := l.site, l.docs["site"]
	if d.root == nil {
		s.Location = time.UTC
		return
	}
	var err error
	if s.Location, err = time.LoadLocation(s.Timezone); err != nil || s.Timezone == "Local" {
		s.Location = time.UTC
		d.add(configs.NoTimezone, params{"name": s.Timezone}, "site", "timezone")
	}
	if region, err := language.ParseRegion(s.Region); s.Region != "" && (err != nil || !region.IsCountry() || len(s.Region) != 2) {
		d.add(configs.NoCountry, params{"name": s.Region}, "site", "region")
	}
	for i, tag := range s.Languages {
		if t, err := language.Parse(tag); err != nil || t.String() != tag {
			p := params{"name": tag}
			if err == nil {
				p["near"] = t.String()
			}
			d.add(configs.NoLanguageTag, p, "site", "languages", i)
		}
	}
	if s.Language != "" && len(s.Languages) > 0 && !slices.Contains(s.Languages, s.Language) {
		l.dangling(d, "site", "language", s.Language, slices.Clone(s.Languages), "site", "language")
	}
	l.checkNames(d, s.Name, "site", "name")
}

// checkNames wants a name in each language of the site and in no other.
func (l *loader) checkNames(d *document, n configs.Names, path ...any) {
	if n == nil {
		return // reported as missing
	}
	for _, tag := range l.site.Languages {
		if strings.TrimSpace(n[tag]) == "" {
			d.add(configs.NameMissing, params{"language": tag, "known": strings.Join(l.site.Languages, ", ")}, path...)
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(n)) {
		if len(l.site.Languages) > 0 && !slices.Contains(l.site.Languages, tag) {
			l.dangling(d, "site", "language", tag, slices.Clone(l.site.Languages), append(slices.Clone(path), tag)...)
		}
	}
}

func (l *loader) checkRoles() {
	d := l.docs["roles"]
	for _, name := range slices.Sorted(maps.Keys(l.site.Roles)) {
		if !slugPattern.MatchString(name) {
			d.add(configs.BadName, params{"name": name, "what": "role", "wanted": wanted(reflect.TypeFor[string](), rules{slug: true})}, "roles", name)
		}
		l.checkNames(d, l.site.Roles[name].Names, "roles", name, "names")
	}
}

func (l *loader) checkPeople() {
	s := l.site
	users, teams := l.docs["users"], l.docs["teams"]
	double(users, s.Users, func(u configs.User) call.UserID { return u.ID }, "id", "users")
	double(teams, s.Teams, func(t configs.Team) string { return t.ID }, "id", "teams")
	userIDs := ids(s.Users, func(u configs.User) call.UserID { return u.ID })
	teamIDs := ids(s.Teams, func(t configs.Team) string { return t.ID })
	for i, t := range s.Teams {
		l.checkNames(teams, t.Names, "teams", i, "names")
		for j, lead := range t.Leads {
			if s.User(lead) == nil {
				l.dangling(teams, "users", "user", string(lead), userIDs, "teams", i, "leads", j)
			}
		}
	}
	for i, u := range s.Users {
		l.checkNames(users, u.Names, "users", i, "names")
		for j, r := range u.Roles {
			if _, ok := s.Roles[r]; !ok {
				l.dangling(users, "roles", "role", r, slices.Collect(maps.Keys(s.Roles)), "users", i, "roles", j)
			}
		}
		if u.Team != "" && !slices.Contains(teamIDs, u.Team) {
			l.dangling(users, "teams", "team", u.Team, teamIDs, "users", i, "team")
		}
		if u.Language != "" && !slices.Contains(s.Languages, u.Language) {
			l.dangling(users, "site", "language", u.Language, slices.Clone(s.Languages), "users", i, "language")
		}
		if u.Password != "" && u.PasswordHash != "" {
			users.add(configs.TwoSecrets, nil, "users", i, "password")
		}
		if u.PasswordHash != "" && !strings.HasPrefix(u.PasswordHash, "$argon2id$") {
			users.add(configs.NoHash, params{"user": string(u.ID)}, "users", i, "password_hash")
		}
	}
}

func (l *loader) checkAgents() {
	s, d := l.site, l.docs["agents"]
	double(d, s.Agents, func(a configs.Agent) call.AgentID { return a.ID }, "id", "agents")
	double(d, s.Agents, func(a configs.Agent) call.UserID { return a.User }, "user", "agents")
	double(d, s.Agents, func(a configs.Agent) call.Extension { return a.Extension }, "extension", "agents")
	queueIDs := ids(s.Queues, func(q configs.Queue) call.QueueID { return q.ID })
	for i, a := range s.Agents {
		if a.User != "" && s.User(a.User) == nil {
			l.dangling(d, "users", "user", string(a.User), ids(s.Users, func(u configs.User) call.UserID { return u.ID }), "agents", i, "user")
		}
		if a.Extension != "" && a.Station == "" && s.Extension(a.Extension) == nil {
			l.dangling(d, "extensions", "extension", string(a.Extension), ids(s.Extensions, func(e configs.Extension) call.Extension { return e.Ext }), "agents", i, "extension")
		}
		for j, q := range a.Queues {
			if s.Queue(q) == nil {
				l.dangling(d, "queues", "queue", string(q), queueIDs, "agents", i, "queues", j)
			}
		}
		if a.Station != "" && !stationPattern.MatchString(a.Station) {
			d.add(configs.WrongValue, wrong("station", a.Station, "a SIP address such as sip:1001@192.0.2.7:5060"), "agents", i, "station")
		}
		if a.SignedIn && a.Station == "" {
			d.add(configs.SignedInWithoutStation, nil, "agents", i, "signed_in")
		}
	}
}

func (l *loader) checkQueues() {
	s := l.site
	queues := l.docs["queues"]
	double(queues, s.Queues, func(q configs.Queue) call.QueueID { return q.ID }, "id", "queues")
	for i, q := range s.Queues {
		l.checkNames(queues, q.Names, "queues", i, "names")
		if q.Music == "" {
			queues.add(configs.NoMusic, nil, "queues", i)
		} else if _, ok := s.Prompts[q.Music]; !ok {
			l.dangling(queues, "prompts", "prompt", q.Music, slices.Collect(maps.Keys(s.Prompts)), "queues", i, "music")
		}
	}
}

func (l *loader) checkLines() {
	s := l.site
	ext, trunks, out := l.docs["extensions"], l.docs["trunks"], l.docs["outbound"]
	double(ext, s.Extensions, func(e configs.Extension) call.Extension { return e.Ext }, "extension", "extensions")
	for i, e := range s.Extensions {
		if e.Ext != "" && !extensionPattern.MatchString(string(e.Ext)) {
			ext.add(configs.WrongValue, wrong("extension", string(e.Ext), "1 to 32 letters, digits, . _ or -"), "extensions", i, "extension")
		}
	}
	double(trunks, s.Trunks, func(t configs.Trunk) call.TrunkID { return t.ID }, "id", "trunks")
	for i, t := range s.Trunks {
		l.checkNames(trunks, t.Names, "trunks", i, "names")
		if t.Host == "" && len(t.Allow) == 0 {
			trunks.add(configs.TrunkWithoutUse, nil, "trunks", i)
		}
		if t.Host != "" && !hostPattern.MatchString(t.Host) {
			trunks.add(configs.WrongValue, wrong("host", t.Host, "a name or address, with a port or without: sip.example.com, 192.0.2.1:5060"), "trunks", i, "host")
		}
		if t.Ping && t.Host == "" {
			trunks.add(configs.PingWithoutHost, nil, "trunks", i, "ping")
		}
	}
	if t := s.Outbound.Trunk; t != "" {
		switch trunk := s.Trunk(t); {
		case trunk == nil:
			l.dangling(out, "trunks", "trunk", string(t), ids(s.Trunks, func(t configs.Trunk) call.TrunkID { return t.ID }), "outbound", "trunk")
		case trunk.Host == "":
			out.add(configs.OutboundWithoutHost, params{"name": string(t)}, "outbound", "trunk")
		}
	}
}

// dialled is what a number is told from others by: the digits, and the trunk that they must come on.
func dialled(n configs.Number) string {
	if n.Trunk == "" || n.Dialled == "" {
		return n.Dialled
	}
	return n.Dialled + " on trunk " + string(n.Trunk)
}

func (l *loader) checkNumbers() {
	s, d := l.site, l.docs["numbers"]
	double(d, s.Numbers, dialled, "number", "numbers")
	for i, n := range s.Numbers {
		if n.Dialled != "" && !numberPattern.MatchString(n.Dialled) {
			d.add(configs.WrongValue, wrong("number", n.Dialled, "it as the trunk sends it: digits, with a + or without"), "numbers", i, "number")
		}
		if n.Flow != "" && s.Flows[n.Flow] == nil {
			flows := slices.Collect(maps.Keys(s.Flows))
			l.dangling(d, "numbers", "flow", string(n.Flow), ids(flows, func(f call.FlowID) call.FlowID { return f }), "numbers", i, "flow")
		}
		if n.Trunk != "" && s.Trunk(n.Trunk) == nil {
			l.dangling(d, "trunks", "trunk", string(n.Trunk), ids(s.Trunks, func(t configs.Trunk) call.TrunkID { return t.ID }), "numbers", i, "trunk")
		}
		if n.Names != nil {
			l.checkNames(d, n.Names, "numbers", i, "names")
		}
		for j, tag := range n.Languages {
			if !slices.Contains(s.Languages, tag) {
				l.dangling(d, "site", "language", tag, slices.Clone(s.Languages), "numbers", i, "languages", j)
			}
		}
	}
}

// ownReasons are reasons of a pause that the server gives itself: they cannot be chosen.
var ownReasons = []string{"missed", "link_lost"}

func (l *loader) checkCodes() {
	for kind, list := range map[string][]configs.Code{"dispositions": l.site.Dispositions, "pause_reasons": l.site.PauseReasons} {
		d := l.docs[kind]
		double(d, list, func(c configs.Code) string { return c.ID }, "id", kind)
		for i, c := range list {
			l.checkNames(d, c.Names, kind, i, "names")
			if kind == "pause_reasons" && slices.Contains(ownReasons, c.ID) {
				d.add(configs.OwnReason, params{"name": c.ID}, kind, i, "id")
			}
		}
	}
}

func (l *loader) checkTicketKinds() {
	d := l.docs["ticket_kinds"]
	double(d, l.site.TicketKinds, func(k configs.TicketKind) string { return k.ID }, "id", "ticket_kinds")
	double(d, l.site.TicketKinds, func(k configs.TicketKind) string { return k.Prefix }, "prefix", "ticket_kinds")
	for i, k := range l.site.TicketKinds {
		l.checkNames(d, k.Names, "ticket_kinds", i, "names")
		if k.Prefix != "" && !prefixPattern.MatchString(k.Prefix) {
			d.add(configs.WrongValue, wrong("prefix", k.Prefix, "1 to 6 capital letters, such as C"), "ticket_kinds", i, "prefix")
		}
		var states []string
		for j, st := range k.States {
			l.checkNames(d, st.Names, "ticket_kinds", i, "states", j, "names")
			if slices.Contains(states, st.ID) {
				d.add(configs.StateTwice, params{"name": st.ID}, "ticket_kinds", i, "states", j, "id")
			}
			if (st.ID == ticket.Closed) != st.Closed && (st.ID == ticket.Closed || st.ID == ticket.Open) {
				d.add(configs.StateClosed, params{"name": st.ID, "closed": strconv.FormatBool(st.Closed)}, "ticket_kinds", i, "states", j)
			}
			states = append(states, st.ID)
		}
		if len(states) > 0 && (states[0] != ticket.Open || !slices.Contains(states, ticket.Closed)) {
			d.add(configs.StatesIncomplete, nil, "ticket_kinds", i, "states")
		}
		for _, u := range slices.Sorted(maps.Keys(k.Due)) {
			if !slices.Contains(ticket.Urgencies(), u) {
				l.dangling(d, "ticket_kinds", "urgency", u, ticket.Urgencies(), "ticket_kinds", i, "due", u)
			}
		}
	}
}

func (l *loader) checkPrompts() {
	d := l.docs["prompts"]
	for _, name := range slices.Sorted(maps.Keys(l.site.Prompts)) {
		p := l.site.Prompts[name]
		if !slugPattern.MatchString(name) {
			d.add(configs.BadName, params{"name": name, "what": "prompt", "wanted": wanted(reflect.TypeFor[string](), rules{slug: true})}, "prompts", name)
		}
		switch {
		case p.File != "" && len(p.Texts) > 0:
			d.add(configs.PromptTwofold, nil, "prompts", name)
		case p.File == "" && len(p.Texts) == 0:
			d.add(configs.PromptEmpty, nil, "prompts", name)
		case p.File != "" && !soundPattern.MatchString(p.File):
			d.add(configs.WrongValue, wrong("file", p.File, "the name of a WAV file in the folder sounds, such as hold.wav"), "prompts", name, "file")
		case p.File != "" && l.hasSound != nil && !l.hasSound(p.File):
			d.add(configs.SoundMissing, params{"file": p.File}, "prompts", name, "file")
		}
		for _, tag := range slices.Sorted(maps.Keys(p.Texts)) {
			switch {
			case !slices.Contains(l.site.Languages, tag):
				l.dangling(d, "site", "language", tag, slices.Clone(l.site.Languages), "prompts", name, tag)
			case strings.TrimSpace(p.Texts[tag]) == "":
				d.add(configs.TextEmpty, params{"language": tag}, "prompts", name, tag)
			case utf8.RuneCountInString(p.Texts[tag]) > maxPromptText:
				d.add(configs.TextTooLong, params{"language": tag, "count": strconv.Itoa(utf8.RuneCountInString(p.Texts[tag])), "max": strconv.Itoa(maxPromptText)}, "prompts", name, tag)
			}
			checkSpoken(d, tag, p.Texts[tag], "prompts", name, tag)
		}
	}
}

const maxPromptText = 4000 // characters

func (l *loader) checkFlows() {
	refs := l.flowRefs()
	if l.docs["queues"].broken {
		refs.Queues = nil
	}
	if l.docs["ticket_kinds"].broken {
		refs.TicketKinds = nil
	}
	if l.docs["prompts"].broken {
		refs.Prompts = nil
	}
	for _, id := range slices.Sorted(maps.Keys(l.site.Flows)) {
		d := l.docs[KindFlow+"/"+string(id)]
		if d.broken {
			continue
		}
		for _, p := range flow.Check(l.site.Flows[id], refs) {
			path := make([]any, 0, len(p.Path))
			for _, step := range p.Path {
				path = append(path, step)
			}
			d.note(configs.Problem{Code: flowCode(p.Code), Params: p.Params, Detail: p.What + "; " + p.Fix}, d.file, d.line(path...), d.setting(path))
		}
	}
}

// flowCode is our name for what is wrong with a flow: what is not in force yet is so everywhere.
func flowCode(code string) configs.ProblemCode {
	if code == string(configs.NotYetInForce) {
		return configs.NotYetInForce
	}
	return configs.FlowProblem(code)
}

func (l *loader) flowRefs() flow.Refs {
	s := l.site
	refs := flow.Refs{
		Queues:      map[call.QueueID]bool{},
		TicketKinds: map[string]bool{},
		Prompts:     map[string]map[string]bool{},
		Language:    s.Language,
		Known:       s.Languages,
	}
	for _, q := range s.Queues {
		refs.Queues[q.ID] = true
	}
	for _, k := range s.TicketKinds {
		refs.TicketKinds[k.ID] = true
	}
	for name, p := range s.Prompts {
		refs.Prompts[name] = map[string]bool{"*": p.File != ""}
		for tag := range p.Texts {
			refs.Prompts[name][tag] = true
		}
	}
	return refs
}
