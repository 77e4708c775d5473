package store

import (
	"maps"

	"github.com/linedesk/linedesk/call"
)

// The Cleaned methods give a record with all of its text clean, as a database must store it. They
// share nothing that they change with the record they were called on.

// Cleaned is described above.
func (u User) Cleaned() User {
	u.Name = maps.Clone(u.Name)
	if u.Name == nil {
		u.Name = map[string]string{}
	}
	for lang, name := range u.Name {
		u.Name[lang] = CleanLine(name)
	}
	u.Roles = cleanLines(u.Roles)
	u.ID, u.Agent, u.Team = line(u.ID), line(u.Agent), CleanLine(u.Team)
	u.PasswordHash = CleanLine(u.PasswordHash)
	u.Language, u.Theme = CleanLine(u.Language), CleanLine(u.Theme)
	return u
}

// Cleaned is described above. Numbers without any text in them are left out.
func (c Customer) Cleaned() Customer {
	for _, s := range []*string{
		&c.Name, &c.Company, &c.Position, &c.Grade, &c.Language, &c.Email, &c.Region,
		&c.DoNotCallFrom, &c.DoNotCallTo,
	} {
		*s = CleanLine(*s)
	}
	c.Address, c.Notes = Clean(c.Address), Clean(c.Notes)
	c.ID, c.AccountManager = line(c.ID), line(c.AccountManager)
	c.Tags = cleanLines(c.Tags)
	phones := make([]Phone, 0, len(c.Phones))
	for _, p := range c.Phones {
		p.Kind, p.Raw, p.E164 = CleanLine(p.Kind), CleanLine(p.Raw), CleanLine(p.E164)
		p.Extension = CleanLine(p.Extension)
		if p.Raw == "" {
			p.Raw = p.E164
		}
		if p.Raw != "" {
			phones = append(phones, p)
		}
	}
	c.Phones = phones
	return c
}

// Cleaned is described above.
func (t Ticket) Cleaned() Ticket {
	t.Kind, t.Subject, t.State = CleanLine(t.Kind), CleanLine(t.Subject), CleanLine(t.State)
	t.ID, t.Call = line(t.ID), line(t.Call)
	t.Owner, t.Customer, t.CreatedBy = line(t.Owner), line(t.Customer), line(t.CreatedBy)
	t.Phone = cleanNumber(t.Phone)
	t.Queue, t.Urgency, t.Recording = line(t.Queue), CleanLine(t.Urgency), CleanLine(t.Recording)
	t.Text = Clean(t.Text)
	return t
}

// Cleaned is described above. What only Calls.Call gives is not touched: it is cleaned as it is written.
func (c Call) Cleaned() Call {
	c.ID, c.Direction, c.End = line(c.ID), line(c.Direction), cleanEnd(c.End)
	c.From, c.To = cleanNumber(c.From), cleanNumber(c.To)
	c.FromName, c.CustomerName = CleanLine(c.FromName), CleanLine(c.CustomerName)
	c.Customer, c.Queue, c.Agent = line(c.Customer), line(c.Queue), line(c.Agent)
	c.Extension, c.Trunk = line(c.Extension), line(c.Trunk)
	c.Disposition, c.Notes = line(c.Disposition), Clean(c.Notes)
	if c.Voicemail != nil {
		v := *c.Voicemail
		v.File, v.Ticket = CleanLine(v.File), line(v.Ticket)
		c.Voicemail = &v
	}
	return c
}

// Cleaned is described above.
func (w WrapUp) Cleaned() WrapUp {
	w.Call = line(w.Call)
	w.Disposition, w.Notes = line(w.Disposition), Clean(w.Notes)
	return w
}

// Cleaned is described above. The hash is that of the clean body.
func (d Document) Cleaned() Document {
	d.Kind, d.Name, d.By = line(d.Kind), line(d.Name), line(d.By)
	d.Body = Clean(d.Body)
	d.Hash = HashBody(d.Body)
	return d
}

// maxSlug is the longest ID or slug that is kept: databases limit what an index takes, and a longer one
// is no ID of ours.
const maxSlug = 128

func line[S ~string](s S) S { return S(cut(CleanLine(string(s)), maxSlug)) }

// maxCode bounds status codes that peers sent, so that they fit their column. Real ones are below 1000.
const maxCode = 1 << 16

func cleanEnd(e call.End) call.End {
	e.By, e.Cause = line(e.By), line(e.Cause)
	e.SIP, e.Q850 = max(0, min(e.SIP, maxCode)), max(0, min(e.Q850, maxCode))
	return e
}

func cleanNumber(n call.Number) call.Number {
	return call.Number{Raw: CleanLine(n.Raw), E164: CleanLine(n.E164)}
}

func cleanLines(in []string) []string {
	out := make([]string, 0, len(in))
	for _, s := range in {
		if s = CleanLine(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// CleanID is a key as it is stored, for looking up what a client sent.
func CleanID[S ~string](id S) string { return string(line(id)) }

// Cleaned is described above.
func (s AgentState) Cleaned() AgentState {
	s.Agent, s.Status, s.Reason = line(s.Agent), line(s.Status), line(s.Reason)
	s.Queue, s.Call = line(s.Queue), line(s.Call)
	return s
}

// Cleaned is described above.
func (s AgentSegment) Cleaned() AgentSegment {
	s.Call, s.Agent, s.Queue = line(s.Call), line(s.Agent), line(s.Queue)
	s.Kind, s.End, s.TransferredTo = line(s.Kind), line(s.End), line(s.TransferredTo)
	return s
}
