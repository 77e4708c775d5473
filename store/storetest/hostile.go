package storetest

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// Hostile are texts as strangers send them: what breaks databases, pages, terminals and logs.
var Hostile = []string{
	"\x00", "a\x00b", "\x00\x00\x00", "\xff\xfe", "\xc3\x28", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80", "王\xe8\x8a", "\xce\xf7\xc1\xa6", // GBK 王芳 cut and whole
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&amp;&lt;", "javascript:alert(1)", "{{7*7}}", "${jndi:ldap://x}",
	"'; DROP TABLE calls; --", "' OR '1'='1", `"; --`, `\'; --`, "$1", "?", "%s%n", "%00", `\u0000`, `\x00`,
	"line\nline", "line\r\nline", "\rover", "tab\there", "\x1b[31mred\x1b[0m", "\x07\x08\x0b\x0c", "\x7f", "\u0080\u009f", "\u0085",
	"\u202egnp.exe", "\u2066x\u2069", "\u200b", "\ufeff", "\ufffe", "\uffff", "\U0010ffff", "e\u0301", strings.Repeat("\u0301", 500),
	"../../../../etc/passwd", "=cmd|'/c calc'!A0", "null", "NaN", "", " ", "　", "🏳️‍🌈", "ﷺ", strings.Repeat("长", 5000), strings.Repeat("9", 5000),
	strings.Repeat("\x00", 3000),
}

// HostileText proves that no text can make a write fail, and that what is written comes back clean.
func HostileText(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	st := open(t)
	var b store.Batch
	for i, s := range Hostile {
		id := call.ID(fmt.Sprintf("h-%03d", i))
		b.Calls = append(b.Calls, hostileCall(id, s))
		b.Tickets = append(b.Tickets, hostileTicket(call.TicketID(id), s))
		b.WrapUps = append(b.WrapUps, store.WrapUp{Call: id, Saved: true, Disposition: call.CodeID(s), Notes: s})
	}
	apply(ctx, t, st, b)
	for i, s := range Hostile {
		id := call.ID(fmt.Sprintf("h-%03d", i))
		c := must(st.Call(ctx, id))(t)
		if c.FromName != store.CleanLine(s) || c.From.Raw != store.CleanLine(s) || c.Notes != store.Clean(s) {
			t.Errorf("%q: the call has name %q, number %q, notes %q", s, c.FromName, c.From.Raw, c.Notes)
		}
		if got := c.Timeline[0].Digits; !utf8.ValidString(got) || strings.ContainsRune(got, 0) {
			t.Errorf("%q: the timeline has %q", s, got)
		}
		tk := must(st.Ticket(ctx, call.TicketID(id)))(t)
		if tk.Subject != store.CleanLine(s) || tk.Text != store.Clean(s) {
			t.Errorf("%q: the ticket has subject %q, text %q", s, tk.Subject, tk.Text)
		}
		hostileEdits(t, st, s)
	}
}

func hostileCall(id call.ID, s string) store.Call {
	c := FullCall(id, day)
	c.From, c.To, c.FromName, c.CustomerName = call.Number{Raw: s, E164: s}, call.Number{Raw: s}, s, s
	c.Customer, c.Queue, c.Agent = call.CustomerID(s), call.QueueID(s), call.AgentID(s)
	c.Extension, c.Trunk, c.Disposition, c.Notes = call.Extension(s), call.TrunkID(s), call.CodeID(s), s
	c.End = call.End{By: call.Side(s), Cause: call.Cause(s), SIP: 1 << 40, Q850: -1 << 40}
	c.Voicemail = &store.Voicemail{File: s}
	c.Timeline = []store.TimelineEntry{{At: day, Type: "flow_stepped", Node: s, Exit: s, Digits: s, By: s, Reason: s}}
	return c
}

func hostileTicket(id call.TicketID, s string) store.NewTicket {
	n := complaint(id)
	n.Subject, n.Text, n.Urgency, n.Recording = s, s, s, s
	n.Owner, n.Customer, n.Call, n.Queue = call.UserID(s), call.CustomerID(s), call.ID(s), call.QueueID(s)
	return n
}

// hostileEdits takes the ways that people write by.
func hostileEdits(t *testing.T, st store.Store, s string) {
	t.Helper()
	ctx := t.Context()
	c := must(st.CreateCustomer(ctx, store.Customer{
		Name: s, Company: s, Position: s, Grade: s, Email: s, Address: s, Notes: s, AccountManager: call.UserID(s),
		Tags: []string{s}, Phones: []store.Phone{{Kind: s, Raw: s, E164: s}},
	}, call.UserID(s)))(t)
	if c.Name != store.CleanLine(s) || c.Notes != store.Clean(s) {
		t.Errorf("%q: the customer has name %q, notes %q", s, c.Name, c.Notes)
	}
	same(t, must(st.Customer(ctx, c.ID))(t), c)
	if store.NumberKey(s) != "" {
		if got := must(st.CustomersByPhone(ctx, s))(t); len(got) == 0 {
			t.Errorf("%q: not found by this number", s)
		}
	}
	must(st.Customers(ctx, store.CustomerFilter{Q: s, Phone: s, Grade: s}))(t)
	must(st.Calls(ctx, store.CallFilter{Queue: call.QueueID(s), Number: s}))(t)
	ok(t, st.PutUser(ctx, store.User{ID: "u", Name: map[string]string{"en": s}, Roles: []string{s}, Team: s}))
	must(st.PutDocument(ctx, store.Document{Kind: "k", Name: "n", Body: s}))(t)
	must(st.Audit(ctx, store.AuditCustomer, s))(t)
}
