package load

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/linedesk/linedesk/configs"
)

// demoWith is the demo site with some files replaced ("" removes one).
func demoWith(tb testing.TB, files map[string]string) fs.FS {
	tb.Helper()
	site := fstest.MapFS{}
	err := fs.WalkDir(configs.DemoFS(), configs.DemoDir, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := fs.ReadFile(configs.DemoFS(), file)
		site[strings.TrimPrefix(file, configs.DemoDir+"/")] = &fstest.MapFile{Data: body}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	for file, body := range files {
		if body == "" {
			delete(site, file)
			continue
		}
		site[file] = &fstest.MapFile{Data: []byte(body)}
	}
	return site
}

// demoEdit is the demo site with a piece of text in one file replaced.
func demoEdit(tb testing.TB, file, old, fresh string) fs.FS {
	tb.Helper()
	body, err := fs.ReadFile(configs.DemoFS(), configs.DemoDir+"/"+file)
	if err != nil {
		tb.Fatal(err)
	}
	if !strings.Contains(string(body), old) {
		tb.Fatalf("%s has no %q", file, old)
	}
	return demoWith(tb, map[string]string{file: strings.Replace(string(body), old, fresh, 1)})
}

// Every mistake is told with file, line, what is wrong and what to write.
func TestBrokenSitesAreToldWithLineAndRemedy(t *testing.T) {
	for _, test := range []struct {
		name, file, old, fresh string
		want                   string
	}{
		{"not YAML", "queues.yaml", "queues:", "queues: [", `queues.yaml:2: not valid YAML: did not find expected node content; check indentation, colons and quotes there`},
		{"tab", "numbers.yaml", "  - {number: 4000", "\t- {number: 4000", `numbers.yaml:3: not valid YAML: found character that cannot start any token; check indentation, colons and quotes there`},
		{"second document", "teams.yaml", "teams:", "x: 1\n---\nteams:", `teams.yaml:3: not valid YAML: a second document begins; check indentation, colons and quotes there`},
		{"a list", "teams.yaml", "teams:\n", "", `teams.yaml:2: the file is a list; write "key: value" lines`},
		{"misspelt top key", "queues.yaml", "queues:", "queus:", `queues.yaml:2: unknown key "queus"; did you mean queues?`},
		{"missing top key", "queues.yaml", "queues:", "queus:", `queues.yaml:2: queues is missing; add queues: a list`},
		{"misspelt key", "queues.yaml", "ring_timeout: 15s", "ring_timout: 15s", `queues.yaml:6: unknown key "ring_timout" in queues[0]; did you mean ring_timeout?`},
		{"unknown key", "queues.yaml", "weight: 0 ", "colour: red ", `queues.yaml:5: unknown key "colour" in queues[0]; remove it, or write one of: id, names, strategy, weight, ring_timeout, wrap_up, max_misses, max_waiting, service_level, music`},
		{"double key", "queues.yaml", "    weight: 0 ", "    weight: 0\n    weight: 1 ", `queues.yaml:6: queues[0].weight is given twice, first in line 5; keep one of them`},
		{"wrong type", "queues.yaml", "max_misses: 3 ", "max_misses: three ", `queues.yaml:8: queues[0].max_misses is "three"; write a whole number from 0 to 100`},
		{"out of range", "queues.yaml", "ring_timeout: 15s ", "ring_timeout: 15m ", `queues.yaml:6: queues[0].ring_timeout is "15m"; write a time such as 15s, 2m, 24h or 30d from 3s to 5m`},
		{"no unit", "queues.yaml", "wrap_up: 15s ", "wrap_up: 15 ", `queues.yaml:7: queues[0].wrap_up is "15"; write a time such as 15s, 2m, 24h or 30d of at most 1h`},
		{"a list for a word", "queues.yaml", "id: sales", "id: [sales]", `queues.yaml:3: queues[0].id is a list; write a short name of a–z, 0–9, _ and -, at most 64, beginning with a letter or digit`},
		{"bad slug", "queues.yaml", "id: sales", "id: Sales Team", `queues.yaml:3: queues[0].id is "Sales Team"; write a short name of a–z, 0–9, _ and -, at most 64, beginning with a letter or digit`},
		{"a word for a list", "teams.yaml", "teams:", "teams: none\nx:", `teams.yaml:2: teams is "none"; write a list: lines that begin with -`},
		{"empty required", "queues.yaml", "id: support", "id:", `queues.yaml:11: queues[1].id is empty; write a short name of a–z, 0–9, _ and -, at most 64, beginning with a letter or digit`},
		{"missing key", "extensions.yaml", "extension: 1007, ", "", `extensions.yaml:9: extensions[6].extension is missing; add extension: text, in quotes if it is a word such as true or a sign`},
		{"alias", "queues.yaml", "names: {en: Sales, zh-CN: 销售}", "names: &n {en: Sales, zh-CN: 销售}", `queues.yaml:4: anchors (&) and aliases (*) are not taken here; write the value out, or put it in quotes`},
		{"control character", "queues.yaml", "en: Sales", `en: "Sa\u0007les"`, `queues.yaml:4: queues[0].names.en is "Sa\ales"; write text, in quotes if it is a word such as true or a sign`},
		{"wrong word", "trunks.yaml", "transport: udp", "transport: ucp", `trunks.yaml:8: trunks[0].transport is "ucp"; write one of: udp, tcp`},
		{"wrong range of addresses", "trunks.yaml", "127.0.0.0/8", "127.0.0.0/64", `trunks.yaml:6: trunks[0].allow[0] is "127.0.0.0/64"; write an address range, such as 192.0.2.0/24`},
		{"not a bool", "trunks.yaml", "ping: off", "ping: sometimes", `trunks.yaml:10: trunks[0].ping is "sometimes"; write true or false`},
		{"bad host", "trunks.yaml", "host: 127.0.0.1:5080", "host: sip.example.com/x", `trunks.yaml:7: host is "sip.example.com/x"; write a name or address, with a port or without: sip.example.com, 192.0.2.1:5060`},
		{"missing name", "queues.yaml", "zh-CN: 销售", "de: Verkauf", `queues.yaml:4: the name in zh-CN is missing; add zh-CN: NAME; the site speaks zh-CN, en`},
		{"unknown language", "queues.yaml", "zh-CN: 销售", "zh-cn: 销售", `queues.yaml:4: there is no language "zh-cn"; did you mean zh-CN?`},
		{"double id", "queues.yaml", "id: support", "id: sales", `queues.yaml:11: sales is there twice, first in line 3; give each id once`},
		{"double extension", "extensions.yaml", "extension: 1002", "extension: 1001", `extensions.yaml:4: 1001 is there twice, first in line 3; give each extension once`},
		{"double number", "numbers.yaml", "number: 4001", "number: 4000", `numbers.yaml:4: 4000 is there twice, first in line 3; give each number once`},
		{"dangling flow", "numbers.yaml", "flow: main", "flow: mian", `numbers.yaml:3: there is no flow "mian"; did you mean main?`},
		{"dangling queue", "agents.yaml", "queues: [sales, support]", "queues: [slaes, support]", `agents.yaml:3: there is no queue "slaes"; did you mean sales?`},
		{"dangling user", "agents.yaml", "user: amy", "user: amanda", `agents.yaml:3: there is no user "amanda"; write one of: admin, agent1005, agent1006, agent1007, agent1008, agent1009, agent1010, agent1011, agent1012, agent1013, agent1014, agent1015, …`},
		{"dangling extension", "agents.yaml", "extension: 1001", "extension: 9999", `agents.yaml:3: there is no extension "9999"; write one of: 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, …`},
		{"not in force: skills", "agents.yaml", "queues: [sales, support]", "queues: [sales, support], skills: [english]", `agents.yaml:3: agents[0].skills is not yet in force; leave it out`},
		{"not in force: strategy", "queues.yaml", "weight: 0 ", "strategy: random ", `queues.yaml:5: queues[0].strategy is not yet in force; leave it out`},
		{"not in force: ping", "agents.yaml", "user: amy", "user: amy, ping: on", `agents.yaml:3: agents[0].ping is not yet in force; leave it out`},
		{"not in force: skills of a node", "flows/sales.yaml", "queue: sales", "queue: sales\n    skills: [english]", `flows/sales.yaml:9: skills is not yet in force; leave it out`},
		{"dangling role", "users.yaml", "roles: [lead]", "roles: [leader]", `users.yaml:6: there is no role "leader"; did you mean lead?`},
		{"dangling team", "users.yaml", "team: sales", "team: sails", `users.yaml:8: there is no team "sails"; did you mean sales?`},
		{"dangling lead", "teams.yaml", "leads: [lena]", "leads: [lina]", `teams.yaml:5: there is no user "lina"; did you mean lena?`},
		{"dangling music", "queues.yaml", "music: hold_music", "music: holdmusic", `queues.yaml:10: there is no prompt "holdmusic"; did you mean hold_music?`},
		{"dangling trunk", "outbound.yaml", "trunk: demo", "trunk: dmeo", `outbound.yaml:3: there is no trunk "dmeo"; did you mean demo?`},
		{"unknown right", "roles.yaml", "use:desk", "use:dekc", `roles.yaml:6: there is no right "use:dekc"; did you mean use:desk?`},
		{"unknown timezone", "site.yaml", "Asia/Shanghai", "Asia/Schanghai", `site.yaml:4: there is no timezone "Asia/Schanghai"; write a name such as Asia/Shanghai or Europe/Berlin`},
		{"unknown country", "site.yaml", "region: CN", "region: China", `site.yaml:5: there is no country "China"; write two letters such as CN or DE (ISO 3166-1)`},
		{"bad language tag", "site.yaml", "languages: [zh-CN, en]", "languages: [zh-CN, en, zh_TW]", `site.yaml:7: "zh_TW" is no language tag; write zh-TW`},
		{"two secrets", "users.yaml", "password: demo-sun", "password: demo-sun, password_hash: $argon2id$x", `users.yaml:5: both password and password_hash are given; keep password_hash only`},
		{"not a hash", "users.yaml", "password: demo-sun", "password_hash: 5f4dcc3b5aa765d61d8327deb882cf99", `users.yaml:5: password_hash is no argon2id hash; leave it out, and set the password with: linedesk user password --config FILE sun`},
		{"signed in without a station", "agents.yaml", "user: amy", "user: amy, signed_in: true", `agents.yaml:3: signed_in without a station: there would be nothing to ring; add station: sip:NAME@ADDRESS:PORT, or remove signed_in`},
		{"bad station", "agents.yaml", "user: amy", "user: amy, station: 1001@here", `agents.yaml:3: station is "1001@here"; write a SIP address such as sip:1001@192.0.2.7:5060`},
		{"server's own reason", "pause_reasons.yaml", "id: break", "id: missed", `pause_reasons.yaml:3: "missed" is a reason that the server gives by itself; choose another id`},
		{"ticket without open", "ticket_kinds.yaml", "{id: open, names: {en: Registered, zh-CN: 已登记}}", "{id: new, names: {en: Registered, zh-CN: 已登记}}", `ticket_kinds.yaml:8: the states must begin with open and have closed among them; write open first, closed last, others between`},
		{"unknown urgency", "ticket_kinds.yaml", "very_urgent: 4h", "veryurgent: 4h", `ticket_kinds.yaml:14: there is no urgency "veryurgent"; did you mean very_urgent?`},
		{"double prefix", "ticket_kinds.yaml", "prefix: S", "prefix: C", `ticket_kinds.yaml:17: C is there twice, first in line 7; give each prefix once`},
		{"missing sound", "prompts.yaml", "hold.wav", "jazz.wav", `prompts.yaml:33: the file sounds/jazz.wav is missing; put it there, or give texts instead`},
		{"path in a sound", "prompts.yaml", "hold.wav", "../../etc/x.wav", `prompts.yaml:33: file is "../../etc/x.wav"; write the name of a WAV file in the folder sounds, such as hold.wav`},
		{"empty text", "prompts.yaml", "en: We did not get a valid key.", `en: ""`, `prompts.yaml:10: the text in en is empty; write what is to be said, or remove the line`},
		{"number in a Chinese text", "prompts.yaml", "每天二十四小时", "每天24小时", `prompts.yaml:12: the text in zh-CN has the number 24, which speech commands say wrong; write 二十四, or 二四, digit by digit`},
		{"number in an English text", "prompts.yaml", "Please call again later", "Please call 95555 later", `prompts.yaml:22: the text in en has the number 95555, which speech commands say wrong; write it in words, or its digits with blanks between them: 9 5 5 5 5`},
		{"prompt without text", "prompts.yaml", "    en: We did not get a valid key.\n", "", `flows/main.yaml:9: the prompt "wrong_key" has no text in en; add the text to the prompts of the site, or take the language out of the flow`},
		{"misspelt node", "flows/main.yaml", "failed: support", "failed: spport", `flows/main.yaml:13: the exit "failed" leads to the node "spport", which is not there; write one of: end, full, information, menu, sales, support`},
		{"missing exit", "flows/main.yaml", ", failed: support", "", `flows/main.yaml:13: the exit "failed" is missing; add under exits: failed: NODE, where NODE is one of: end, full, information, menu, sales, support`},
		{"unreachable node", "flows/main.yaml", "exits: {done: end}", "exits: {done: menu}", `flows/main.yaml:35: no exit leads to the node "end"; lead an exit to it, or remove it`},
		{"unknown prompt", "flows/main.yaml", "[main_menu]", "[mainmenu]", `flows/main.yaml:8: there is no prompt "mainmenu"; add it to the prompts of the site, or write one of: agent_lost, beep, hold_music, leave_message, main_menu, message_kept, no_message, not_signed_in, paused, please_wait, queue_full, ready, …`},
		{"unknown type", "flows/main.yaml", "type: menu", "type: mneu", `flows/main.yaml:7: there is no type of node "mneu"; write one of: collect, echo, hangup, menu, queue, say, voicemail`},
		{"key of another type", "flows/main.yaml", "    prompts: [self_service]", "    prompts: [self_service]\n    every: 10s", `flows/main.yaml:17: every means nothing on a say node; remove it; a say node takes: prompts, barge_in, exits`},
		{"unknown queue in a flow", "flows/sales.yaml", "queue: sales", "queue: sale", `flows/sales.yaml:8: there is no queue "sale"; write one of: sales, support`},
		{"empty flow", "flows/echo.yaml", "start: echo\nnodes:", "start: echo\nnode:", `flows/echo.yaml:2: the flow has no nodes; write at least one under nodes:`},
	} {
		t.Run(test.name, func(t *testing.T) {
			site, problems := Site(demoEdit(t, test.file, test.old, test.fresh), ".")
			if site != nil {
				t.Error("a site was made of it all the same")
			}
			got := strings.Split(problems.Error(), "\n")
			if !slices.Contains(got, test.want) {
				t.Errorf("got\n%s\nwant among them\n%s", strings.Join(got, "\n"), test.want)
			}
		})
	}
}

func TestBrokenFoldersAreTold(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"missing file", map[string]string{"numbers.yaml": ""}, `numbers.yaml: the file is missing; write it, beginning with "numbers:"; configs/demo/numbers.yaml is an example`},
		{"misspelt file", map[string]string{"queus.yaml": "queues: []"}, `queus.yaml: this is no site document; did you mean queues.yaml?`},
		{"stray file", map[string]string{"flows/old/main.yaml": "x: 1"}, `flows/old/main.yaml: this is no site document; remove it, or name it one of: site.yaml, teams.yaml, users.yaml, agents.yaml, queues.yaml, extensions.yaml, trunks.yaml, outbound.yaml, numbers.yaml, prompts.yaml, dispositions.yaml, pause_reasons.yaml, ticket_kinds.yaml, roles.yaml, flows/NAME.yaml`},
		{"bad flow name", map[string]string{"flows/Main Menu.yaml": "start: x\nnodes: {x: {type: hangup}}"}, `flows/Main Menu.yaml: "Main Menu" is no name for a flow; name the file with a–z, 0–9, _ and -`},
		{"not in force", map[string]string{"skills.yaml": "skills: []"}, `skills.yaml: skills is not yet in force; leave it out`},
		{"not text", map[string]string{"teams.yaml": "teams: \xff\xfe"}, `teams.yaml: the file is not UTF-8 text; save it as UTF-8`},
		{"empty", map[string]string{"users.yaml": "# nothing\n"}, `users.yaml: users is missing; add users: a list`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, problems := Site(demoWith(t, test.files), ".")
			if got := strings.Split(problems.Error(), "\n"); !slices.Contains(got, test.want) {
				t.Errorf("got\n%s\nwant among them\n%s", strings.Join(got, "\n"), test.want)
			}
		})
	}
	// What cannot be read is told once, not by all that refer to it.
	for _, file := range []string{"site.yaml", "users.yaml", "queues.yaml", "prompts.yaml", "roles.yaml", "flows/main.yaml", "trunks.yaml", "ticket_kinds.yaml"} {
		if _, problems := Site(demoWith(t, map[string]string{file: "x: ["}), "."); len(problems) != 1 || problems[0].File != file {
			t.Errorf("one unreadable file:\n%v", problems)
		}
	}
	if _, problems := Site(os.DirFS(t.TempDir()), "nowhere"); len(problems) == 0 {
		t.Error("a folder that is not there is no problem")
	}
}

// Ten mistakes in five files are ten lines of one answer.
func TestAllMistakesComeAtOnce(t *testing.T) {
	_, problems := Site(demoWith(t, map[string]string{
		"queues.yaml":   "queues:\n  - id: sales\n    names: {en: Sales, zh-CN: 销售}\n    ring_timout: 1s\n    music: jazz\n",
		"numbers.yaml":  "numbers:\n  - {number: 4000, flow: nope}\n  - {number: 4000, flow: main}\n",
		"outbound.yaml": "outbound: {trunk: nope}\n",
		"trunks.yaml":   "trunks: yes\n",
	}), ".")
	files := map[string]int{}
	for _, p := range problems {
		files[p.File]++
		if p.Code == "" || p.Detail == "" {
			t.Errorf("%+v says too little", p)
		}
		if p.Line == 0 && p.Code != configs.FileMissing {
			t.Errorf("%v has no line", p)
		}
	}
	for _, file := range []string{"queues.yaml", "numbers.yaml", "trunks.yaml", "agents.yaml", "flows/main.yaml"} {
		if files[file] == 0 {
			t.Errorf("nothing about %s in\n%v", file, problems)
		}
	}
}

func TestBrokenProcessFilesAreTold(t *testing.T) {
	good, err := os.ReadFile("testdata/linedesk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, test := range []struct {
		name, old, fresh string
		want             string
	}{
		{"misspelt key", "data: ", "dta: ", `linedesk.yaml:15: unknown key "dta"; did you mean data?`},
		{"missing key", "data: ", "dta: ", `linedesk.yaml:15: data is missing; add data: text, in quotes if it is a word such as true or a sign`},
		{"misspelt inner key", "  udp: ", "  upd: ", `linedesk.yaml:33: unknown key "upd" in sip; did you mean udp?`},
		{"no port", "listen: 127.0.0.1:8080", "listen: 127.0.0.1", `linedesk.yaml:23: http.listen is "127.0.0.1"; write an IP address with a port, such as 127.0.0.1:8080`},
		{"a name", "listen: 127.0.0.1:8080", "listen: localhost:8080", `linedesk.yaml:23: http.listen is "localhost:8080"; write an IP address with a port, such as 127.0.0.1:8080`},
		{"no address to send to", "udp: 127.0.0.1:5060", "udp: 0.0.0.0:5060", `linedesk.yaml:33: sip.udp is 0.0.0.0:5060, which no telephone could send to; write the address of this machine that telephones reach`},
		{"no address for sound", "address: 127.0.0.1", `address: "::"`, `linedesk.yaml:40: rtp.address is ::, which no telephone could send to; write the address of this machine that telephones reach`},
		{"one port", "ports: 40000-49999", "ports: 40000", `linedesk.yaml:42: rtp.ports is "40000"; write a range of ports, such as 40000-49999`},
		{"ports in use", "ports: 40000-49999", "ports: 5000-5999", `linedesk.yaml:42: rtp.ports 5000-5999 holds the port of sip.udp, 5060; take another range, such as 40000-49999`},
		{"same socket", "listen: 127.0.0.1:8080", "listen: 127.0.0.1:5060", `linedesk.yaml:34: http.listen and sip.tcp are both 127.0.0.1:5060; give each a port of its own`},
		{"half a certificate", "  # cert: /etc/linedesk/desk.crt", "  cert: nowhere.crt", `linedesk.yaml:20: http has only one of cert and key; give both for https, or none`},
		{"missing file", "  # cert: /etc/linedesk/desk.crt", "  cert: nowhere.crt", "linedesk.yaml:25: the file " + filepath.Join(dir, "nowhere.crt") + ` cannot be read: no such file or directory; put it there, readable for the user that the server runs as`},
		{"missing folder", "# site:\n#   seed: demo", "site:\n  seed: nowhere", "linedesk.yaml:47: site.seed: there is no folder " + filepath.Join(dir, "nowhere") + `; name a folder like configs/demo, or remove the key`},
		{"public address of the other kind", "# domain: linedesk", `public_address: "2001:db8::7"`, `linedesk.yaml:36: sip.public_address is 2001:db8::7, but the sockets have addresses of the other kind (IPv4, IPv6); write an address of their kind, or remove the key`},
		{"no public address", "# domain: linedesk", "public_address: 0.0.0.0", `linedesk.yaml:36: sip.public_address is 0.0.0.0, which no telephone could send to; write the address of this machine that telephones reach`},
		{"not in force", "ports: 40000-49999", "ports: 40000-49999\n  public_address: 192.0.2.7", `linedesk.yaml:43: rtp.public_address is not yet in force; leave it out`},
		{"unknown policy", "# domain: linedesk", "strangers: welcome", `linedesk.yaml:36: sip.strangers is "welcome"; write one of: silent, forbidden`},
		{"unknown digest", "# domain: linedesk", "digest: [MD5, SHA-512]", `linedesk.yaml:36: sip.digest[1] is "SHA-512"; write one of: MD5, SHA-256`},
		{"digest twice", "# domain: linedesk", "digest: [MD5, MD5]", `linedesk.yaml:36: MD5 is there twice; name each algorithm once`},
		{"too often", "# domain: linedesk", "keep_alive: 1s", `linedesk.yaml:36: sip.keep_alive is "1s"; write a time from 5s to 1h, or 0 for never`},
		{"short registrations", "# domain: linedesk", "min_expires: 1s", `linedesk.yaml:36: sip.min_expires is "1s"; write a time such as 15s, 2m, 24h or 30d from 10s to 1h`},
		{"no legs", "# limits:\n#   calls: 2000", "limits:\n  legs: 0", `linedesk.yaml:61: limits.legs is "0"; write a whole number from 1 to 200000`},
		{"unknown database", `# database: ""`, "database: mysql://localhost/x", `linedesk.yaml:18: database: there is no kind of database "mysql"; write postgres://USER:PASSWORD@HOST/NAME or sqlite:///PATH, or remove the key`},
		{"bad database URL", `# database: ""`, `database: "postgres://u:pass%zzword@h/n"`, `linedesk.yaml:18: database is no valid URL; write postgres://USER:PASSWORD@HOST/NAME, with special characters of the password as %XX`},
		{"bad origin", "# origins: [https://desk.example.com]", "origins: [desk.example.com]", `linedesk.yaml:28: "desk.example.com" is no origin; write it as https://desk.example.com, without a path`},
		{"unknown level", "# log:\n#   level: info ", "log:\n  level: verbose ", `linedesk.yaml:65: log.level is "verbose"; write one of: debug, info, warn, error`},
		{"out of range", "# limits:\n#   calls: 2000", "limits:\n  calls: 0", `linedesk.yaml:61: limits.calls is "0"; write a whole number from 1 to 100000`},
		{"too short", "# journal:\n#   keep: 30d", "journal:\n  keep: 1h", `linedesk.yaml:57: journal.keep is "1h"; write a time such as 15s, 2m, 24h or 30d from 24h to 3650d`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(string(good), test.old) {
				t.Fatalf("linedesk.yaml has no %q", test.old)
			}
			file := filepath.Join(dir, "linedesk.yaml")
			if err := os.WriteFile(file, []byte(strings.Replace(string(good), test.old, test.fresh, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			p, problems := Process(file)
			if p != nil {
				t.Error("a process was made of it all the same")
			}
			got := strings.Split(strings.ReplaceAll(problems.Error(), file, "linedesk.yaml"), "\n")
			if !slices.Contains(got, test.want) {
				t.Errorf("got\n%s\nwant among them\n%s", strings.Join(got, "\n"), test.want)
			}
		})
	}
	if _, problems := Process(filepath.Join(dir, "no.yaml")); len(problems) != 1 || !strings.Contains(problems.Error(), "no.yaml: cannot be read: no such file or directory; name the file with --config") {
		t.Errorf("a file that is not there: %v", problems)
	}
}
