package load

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a site's timezone is known on any machine
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/sip/ivr/flow"
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
	l.checkHours()
	l.checkCodes()
	l.checkTicketKinds()
	l.checkPrompts()
	l.checkFlows()
}

// double notes entries of a list that have the same ID.
func double[T any, K comparable](d *document, list []T, id func(T) K, field string, path ...any) {
	first := map[K]int{}
	for i, item := range list {
		k := id(item)
		var zero K
		if k == zero {
			continue // reported as missing
		}
		at := append(slices.Clone(path), i, field)
		if line, ok := first[k]; ok {
			d.add(fmt.Sprintf("%v is there twice, first in line %d", k, line), "give each "+field+" once", at...)
			continue
		}
		first[k] = d.line(at...)
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
	fix := "there are none yet: add it"
	switch near := nearest(name, known); {
	case near != "":
		fix = fmt.Sprintf("did you mean %s?", near)
	case len(known) > 12:
		fix = "write one of: " + strings.Join(known[:12], ", ") + ", …"
	case len(known) > 0:
		fix = "write one of: " + strings.Join(known, ", ")
	}
	d.add(fmt.Sprintf("there is no %s %q", what, name), fix, path...)
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
		d.add(fmt.Sprintf("there is no timezone %q", s.Timezone), "write a name such as Asia/Shanghai or Europe/Berlin", "site", "timezone")
	}
	if region, err := language.ParseRegion(s.Region); s.Region != "" && (err != nil || !region.IsCountry() || len(s.Region) != 2) {
		d.add(fmt.Sprintf("there is no country %q", s.Region), "write two letters such as CN or DE (ISO 3166-1)", "site", "region")
	}
	for i, tag := range s.Languages {
		if t, err := language.Parse(tag); err != nil || t.String() != tag {
			fix := "write a tag such as en or zh-CN (BCP 47)"
			if err == nil {
				fix = "write " + t.String()
			}
			d.add(fmt.Sprintf("%q is no language tag", tag), fix, "site", "languages", i)
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
			d.add("the name in "+tag+" is missing", fmt.Sprintf("add %s: NAME; the site speaks %s", tag, strings.Join(l.site.Languages, ", ")), path...)
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
			d.add(fmt.Sprintf("%q is no name for a role", name), "write "+wanted(reflect.TypeFor[string](), rules{slug: true}), "roles", name)
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
			users.add("both password and password_hash are given", "keep password_hash only", "users", i, "password")
		}
		if u.PasswordHash != "" && !strings.HasPrefix(u.PasswordHash, "$argon2id$") {
			users.add("password_hash is no argon2id hash", "leave it out, and set the password with: linedesk user password --config FILE "+string(u.ID), "users", i, "password_hash")
		}
	}
}

func (l *loader) checkAgents() {
	s, d := l.site, l.docs["agents"]
	double(d, s.Agents, func(a configs.Agent) call.AgentID { return a.ID }, "id", "agents")
	double(d, s.Agents, func(a configs.Agent) call.UserID { return a.User }, "user", "agents")
	double(d, s.Agents, func(a configs.Agent) call.Extension { return a.Extension }, "extension", "agents")
	queueIDs := ids(s.Queues, func(q configs.Queue) call.QueueID { return q.ID })
	skillIDs := ids(s.Skills, func(k configs.Skill) call.SkillID { return k.ID })
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
		for j, k := range a.Skills {
			if !slices.Contains(skillIDs, string(k)) {
				l.dangling(d, "skills", "skill", string(k), skillIDs, "agents", i, "skills", j)
			}
		}
		if a.Station != "" && !stationPattern.MatchString(a.Station) {
			d.add(fmt.Sprintf("station is %q", a.Station), "write a SIP address such as sip:1001@192.0.2.7:5060", "agents", i, "station")
		}
		if a.SignedIn && a.Station == "" {
			d.add("signed_in without a station: there would be nothing to ring", "add station: sip:NAME@ADDRESS:PORT, or remove signed_in", "agents", i, "signed_in")
		}
	}
}

func (l *loader) checkQueues() {
	s := l.site
	queues, skills := l.docs["queues"], l.docs["skills"]
	double(queues, s.Queues, func(q configs.Queue) call.QueueID { return q.ID }, "id", "queues")
	double(skills, s.Skills, func(k configs.Skill) call.SkillID { return k.ID }, "id", "skills")
	for i, k := range s.Skills {
		l.checkNames(skills, k.Names, "skills", i, "names")
	}
	for i, q := range s.Queues {
		l.checkNames(queues, q.Names, "queues", i, "names")
		if q.Music == "" {
			queues.add("the queue has no music: waiting callers would hear nothing", "add music: PROMPT, such as hold_music", "queues", i)
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
			ext.add(fmt.Sprintf("extension is %q", e.Ext), "write 1 to 32 letters, digits, . _ or -", "extensions", i, "extension")
		}
	}
	double(trunks, s.Trunks, func(t configs.Trunk) call.TrunkID { return t.ID }, "id", "trunks")
	for i, t := range s.Trunks {
		l.checkNames(trunks, t.Names, "trunks", i, "names")
		if t.Host == "" && len(t.Allow) == 0 {
			trunks.add("the trunk has neither allow nor host: no call could use it", "add allow: [ADDRESSES] for calls in, host: NAME for calls out", "trunks", i)
		}
		if t.Host != "" && !hostPattern.MatchString(t.Host) {
			trunks.add(fmt.Sprintf("host is %q", t.Host), "write a name or address, with a port or without: sip.example.com, 192.0.2.1:5060", "trunks", i, "host")
		}
		if t.Ping && t.Host == "" {
			trunks.add("ping without a host: there is nobody to ask", "add host, or remove ping", "trunks", i, "ping")
		}
	}
	if t := s.Outbound.Trunk; t != "" {
		switch trunk := s.Trunk(t); {
		case trunk == nil:
			l.dangling(out, "trunks", "trunk", string(t), ids(s.Trunks, func(t configs.Trunk) call.TrunkID { return t.ID }), "outbound", "trunk")
		case trunk.Host == "":
			out.add(fmt.Sprintf("the trunk %q has no host: no call can leave by it", t), "add its host in trunks.yaml, or name another trunk", "outbound", "trunk")
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
			d.add(fmt.Sprintf("number is %q", n.Dialled), "write it as the trunk sends it: digits, with a + or without", "numbers", i, "number")
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

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func (l *loader) checkHours() {
	d := l.docs["hours"]
	double(d, l.site.Hours, func(h configs.Hours) string { return h.ID }, "id", "hours")
	for i, h := range l.site.Hours {
		l.checkNames(d, h.Names, "hours", i, "names")
		for _, day := range slices.Sorted(maps.Keys(h.Weekly)) {
			if !slices.Contains(weekdays, day) {
				d.add(fmt.Sprintf("there is no day %q", day), "write one of: "+strings.Join(weekdays, ", "), "hours", i, "weekly", day)
			}
		}
		double(d, h.Holidays, func(h configs.Holiday) configs.Date { return h.Date }, "date", "hours", i, "holidays")
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
				d.add(fmt.Sprintf("%q is a reason that the server gives by itself", c.ID), "choose another id", kind, i, "id")
			}
		}
	}
}

// The states that every kind of ticket has: a new one is open, and it can be closed.
const (
	stateOpen   = "open"
	stateClosed = "closed"
)

var urgencies = []string{"normal", "urgent", "very_urgent"}

func (l *loader) checkTicketKinds() {
	d := l.docs["ticket_kinds"]
	double(d, l.site.TicketKinds, func(k configs.TicketKind) string { return k.ID }, "id", "ticket_kinds")
	double(d, l.site.TicketKinds, func(k configs.TicketKind) string { return k.Prefix }, "prefix", "ticket_kinds")
	for i, k := range l.site.TicketKinds {
		l.checkNames(d, k.Names, "ticket_kinds", i, "names")
		if k.Prefix != "" && !prefixPattern.MatchString(k.Prefix) {
			d.add(fmt.Sprintf("prefix is %q", k.Prefix), "write 1 to 6 capital letters, such as C", "ticket_kinds", i, "prefix")
		}
		var states []string
		for j, st := range k.States {
			l.checkNames(d, st.Names, "ticket_kinds", i, "states", j, "names")
			if slices.Contains(states, st.ID) {
				d.add(fmt.Sprintf("the state %q is there twice", st.ID), "keep one", "ticket_kinds", i, "states", j, "id")
			}
			if (st.ID == stateClosed) != st.Closed && (st.ID == stateClosed || st.ID == stateOpen) {
				d.add(fmt.Sprintf("the state %q has closed: %v", st.ID, st.Closed), "write closed: true on the states in which a ticket is over", "ticket_kinds", i, "states", j)
			}
			states = append(states, st.ID)
		}
		if len(states) > 0 && (states[0] != stateOpen || !slices.Contains(states, stateClosed)) {
			d.add("the states must begin with open and have closed among them", "write open first, closed last, others between", "ticket_kinds", i, "states")
		}
		for _, u := range slices.Sorted(maps.Keys(k.Due)) {
			if !slices.Contains(urgencies, u) {
				l.dangling(d, "ticket_kinds", "urgency", u, slices.Clone(urgencies), "ticket_kinds", i, "due", u)
			}
		}
	}
}

func (l *loader) checkPrompts() {
	d := l.docs["prompts"]
	for _, name := range slices.Sorted(maps.Keys(l.site.Prompts)) {
		p := l.site.Prompts[name]
		if !slugPattern.MatchString(name) {
			d.add(fmt.Sprintf("%q is no name for a prompt", name), "write "+wanted(reflect.TypeFor[string](), rules{slug: true}), "prompts", name)
		}
		switch {
		case p.File != "" && len(p.Texts) > 0:
			d.add("the prompt has both a file and texts", "keep one of them", "prompts", name)
		case p.File == "" && len(p.Texts) == 0:
			d.add("the prompt has no text", "add a text per language, or file: NAME.wav", "prompts", name)
		case p.File != "" && !soundPattern.MatchString(p.File):
			d.add(fmt.Sprintf("file is %q", p.File), "write the name of a WAV file in the folder sounds, such as hold.wav", "prompts", name, "file")
		case p.File != "" && l.hasSound != nil && !l.hasSound(p.File):
			d.add(fmt.Sprintf("the file %s/%s is missing", configs.SoundsFolder, p.File), "put it there, or give texts instead", "prompts", name, "file")
		}
		for _, tag := range slices.Sorted(maps.Keys(p.Texts)) {
			switch {
			case !slices.Contains(l.site.Languages, tag):
				l.dangling(d, "site", "language", tag, slices.Clone(l.site.Languages), "prompts", name, tag)
			case strings.TrimSpace(p.Texts[tag]) == "":
				d.add(fmt.Sprintf("the text in %s is empty", tag), "write what is to be said, or remove the line", "prompts", name, tag)
			case utf8.RuneCountInString(p.Texts[tag]) > maxPromptText:
				d.add(fmt.Sprintf("the text in %s has %d characters", tag, utf8.RuneCountInString(p.Texts[tag])), fmt.Sprintf("keep it below %d: a caller must listen to it", maxPromptText), "prompts", name, tag)
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
	if l.docs["skills"].broken {
		refs.Skills = nil
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
			d.add(p.What, p.Fix, path...)
		}
	}
}

func (l *loader) flowRefs() flow.Refs {
	s := l.site
	refs := flow.Refs{
		Queues:      map[call.QueueID]bool{},
		Skills:      map[call.SkillID]bool{},
		TicketKinds: map[string]bool{},
		Prompts:     map[string]map[string]bool{},
		Language:    s.Language,
		Known:       s.Languages,
	}
	for _, q := range s.Queues {
		refs.Queues[q.ID] = true
	}
	for _, k := range s.Skills {
		refs.Skills[k.ID] = true
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
