package crm

import (
	"context"
	"net/http"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// customerItem is a customer.
type customerItem struct {
	ID             string          `json:"id"`
	Name           string          `json:"name"`
	Company        string          `json:"company"`
	Position       string          `json:"position"`
	Grade          string          `json:"grade" doc:"AAA, AA, A, B, or empty"`
	Language       string          `json:"language"`
	Email          string          `json:"email"`
	Address        string          `json:"address"`
	Region         string          `json:"region"`
	AccountManager string          `json:"account_manager" doc:"User"`
	Tags           []string        `json:"tags" nullable:"false"`
	Notes          string          `json:"notes"`
	Phones         []customerPhone `json:"phones" nullable:"false"`
	DoNotCallFrom  string          `json:"do_not_call_from" doc:"HH:MM in the site's time zone"`
	DoNotCallTo    string          `json:"do_not_call_to"`
	Version        int             `json:"version"`
	CreatedAt      string          `json:"created_at" format:"date-time"`
	UpdatedAt      string          `json:"updated_at" format:"date-time"`
	Seq            uint64          `json:"seq,omitempty" doc:"Of a writing answer: the journal's number of what was done, for ?after"`
}

type customerPhone struct {
	Kind string `json:"kind" enum:"mobile,work,home,other"`
	Raw  string `json:"raw" minLength:"1" maxLength:"64" doc:"As it was typed"`
	E164 string `json:"e164" required:"false" maxLength:"32" doc:"Made by the server"`
	// Extension is read out of raw, as 8001 in 010-62345678转8001.
	Extension string `json:"extension,omitempty" maxLength:"16" doc:"Behind the number; made by the server"`
	Primary   bool   `json:"primary,omitempty"`
}

// CustomerFields are what a client may set; absent ones stay as they are.
type CustomerFields struct {
	Name           *string          `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Company        *string          `json:"company,omitempty" maxLength:"200"`
	Position       *string          `json:"position,omitempty" maxLength:"200"`
	Grade          *string          `json:"grade,omitempty" enum:"AAA,AA,A,B,"`
	Language       *string          `json:"language,omitempty" maxLength:"35"`
	Email          *string          `json:"email,omitempty" maxLength:"254"`
	Address        *string          `json:"address,omitempty" maxLength:"500"`
	Region         *string          `json:"region,omitempty" maxLength:"100"`
	AccountManager *string          `json:"account_manager,omitempty" maxLength:"64"`
	Tags           *[]string        `json:"tags,omitempty" maxItems:"50"`
	Notes          *string          `json:"notes,omitempty" maxLength:"20000"`
	Phones         *[]customerPhone `json:"phones,omitempty" maxItems:"20"`
	DoNotCallFrom  *string          `json:"do_not_call_from,omitempty" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$|^$"`
	DoNotCallTo    *string          `json:"do_not_call_to,omitempty" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$|^$"`
}

type customersInput struct {
	Limit   int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor  string `query:"cursor" maxLength:"512"`
	Phone   string `query:"phone" maxLength:"64" doc:"Whole number, in any form"`
	Q       string `query:"q" maxLength:"100" doc:"Part of a name or company, or the last digits of a number"`
	Grade   string `query:"grade" enum:"AAA,AA,A,B"`
	Manager string `query:"manager" maxLength:"64"`
}

type customersOutput struct{ Body web.Collection[customerItem] }

// CustomerPath names a customer.
type CustomerPath struct {
	ID string `path:"id" maxLength:"64"`
}

type customerOutput struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     customerItem
}

type createCustomerInput struct {
	Body CustomerFields
}

type patchCustomerInput struct {
	CustomerPath
	IfMatch string `header:"If-Match" maxLength:"200"`
	Body    struct {
		CustomerFields
		Version int `json:"version,omitempty" minimum:"1" doc:"The one that was read; or use If-Match"`
	}
}

type auditOutput struct{ Body web.Collection[auditItem] }

type auditItem struct {
	At      string              `json:"at" format:"date-time"`
	By      string              `json:"by"`
	Action  string              `json:"action"`
	Changes []store.FieldChange `json:"changes" nullable:"false"`
}

func (m *Room) registerCustomers(s *web.Server) {
	web.Handle(s, web.Op{
		Method: http.MethodGet, Path: "/customers", ID: "list-customers", Access: web.Needs(web.ReadCustomer), Rows: true,
		Summary: "Customers, newest first; by number or by part of a name",
	}, m.listCustomers)
	web.Handle(s, web.Op{
		Method: http.MethodPost, Path: "/customers", ID: "create-customer", Access: web.Needs(web.WriteCustomer), Status: http.StatusCreated,
		Summary: "Make a customer",
	}, m.createCustomer)
	web.Handle(s, web.Op{Method: http.MethodGet, Path: "/customers/{id}", ID: "get-customer", Access: web.Needs(web.ReadCustomer), Rows: true, Summary: "One customer"}, m.getCustomer)
	web.Handle(s, web.Op{
		Method: http.MethodPatch, Path: "/customers/{id}", ID: "patch-customer", Access: web.Needs(web.WriteCustomer),
		Summary: "Change a customer: absent fields stay",
	}, m.patchCustomer)
	web.Handle(s, web.Op{
		Method: http.MethodGet, Path: "/customers/{id}/audit", ID: "audit-customer", Access: web.Needs(web.ReadAudit), Rows: true,
		Summary: "Who changed what, newest first",
	}, m.auditCustomer)
}

func shownCustomer(who *web.Principal, r *store.Customer) customerItem {
	it := customerItem{
		ID: string(r.ID), Name: r.Name, Company: r.Company, Position: r.Position, Grade: r.Grade, Language: r.Language,
		Email: r.Email, Address: r.Address, Region: r.Region, AccountManager: string(r.AccountManager),
		Tags: append([]string{}, r.Tags...), Notes: r.Notes, Phones: []customerPhone{}, DoNotCallFrom: r.DoNotCallFrom,
		DoNotCallTo: r.DoNotCallTo, Version: r.Version, CreatedAt: view.JSONTime(r.CreatedAt), UpdatedAt: view.JSONTime(r.UpdatedAt),
	}
	for _, p := range r.Phones {
		n := who.Shown(call.Number{Raw: p.Raw, E164: p.E164})
		it.Phones = append(it.Phones, customerPhone{Kind: p.Kind, Raw: n.Raw, E164: n.E164, Extension: p.Extension, Primary: p.Primary})
	}
	return it
}

// seesCustomer: a customer is its account manager's; one without a manager is everybody's who may see
// customers at all.
func seesCustomer(who *web.Principal, action string, r *store.Customer) bool {
	return who.SeesUser(action, r.AccountManager) || (r.AccountManager == "" && who.Rights[action] > configs.ScopeNone)
}

func (m *Room) listCustomers(ctx context.Context, in *customersInput) (*customersOutput, error) {
	who := web.PrincipalOf(ctx)
	page, err := m.store.Customers(ctx, store.CustomerFilter{
		Q: in.Q, Phone: m.phoneQuery(who, in.Phone), Grade: in.Grade, Manager: call.UserID(in.Manager),
		Of: who.UsersInSight(web.ReadCustomer), Cursor: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := &customersOutput{Body: web.Collection[customerItem]{Items: []customerItem{}, Next: web.Next(page.Next)}}
	for i := range page.Items {
		out.Body.Items = append(out.Body.Items, shownCustomer(who, &page.Items[i]))
	}
	return out, nil
}

// phoneQuery reads a number as the site's people type it.
func (m *Room) phoneQuery(who *web.Principal, phone string) string {
	if phone == "" {
		return ""
	}
	if n := store.Normalise(phone, who.Site.Region); n.E164 != "" {
		return n.E164
	}
	return phone
}

func (m *Room) customerFor(ctx context.Context, who *web.Principal, action, id string) (store.Customer, error) {
	r, err := m.store.Customer(ctx, call.CustomerID(id))
	if err != nil {
		return r, web.AsNotFound(err, "customer", id)
	}
	if !seesCustomer(who, action, &r) {
		return r, web.NotFound("customer", id)
	}
	return r, nil
}

func (m *Room) getCustomer(ctx context.Context, in *CustomerPath) (*customerOutput, error) {
	who := web.PrincipalOf(ctx)
	r, err := m.customerFor(ctx, who, web.ReadCustomer, in.ID)
	if err != nil {
		return nil, err
	}
	return &customerOutput{ETag: web.ETag(r.Version), Body: shownCustomer(who, &r)}, nil
}

func (m *Room) createCustomer(ctx context.Context, in *createCustomerInput) (*customerOutput, error) {
	who := web.PrincipalOf(ctx)
	if in.Body.Name == nil {
		return nil, web.NewProblem(http.StatusUnprocessableEntity, proto.CodeMissingField, "body.name: this field must be given", "field", "name")
	}
	var r store.Customer
	if err := m.fill(who, &r, &in.Body); err != nil {
		return nil, err
	}
	r, err := m.store.CreateCustomer(ctx, r, who.User.ID)
	if err != nil {
		return nil, err
	}
	out := shownCustomer(who, &r)
	out.Seq = m.web.Seq()
	return &customerOutput{
		ETag: web.ETag(r.Version), Location: web.Prefix + "/customers/" + string(r.ID), Body: out,
	}, nil
}

func (m *Room) patchCustomer(ctx context.Context, in *patchCustomerInput) (*customerOutput, error) {
	who := web.PrincipalOf(ctx)
	r, err := m.customerFor(ctx, who, web.WriteCustomer, in.ID)
	if err != nil {
		return nil, err
	}
	if err := web.CheckVersion(r.Version, in.IfMatch, in.Body.Version); err != nil {
		return nil, err
	}
	if err := m.fill(who, &r, &in.Body.CustomerFields); err != nil {
		return nil, err
	}
	if r, err = m.store.UpdateCustomer(ctx, r, who.User.ID); err != nil {
		return nil, err
	}
	m.desks.CustomerChanged(r.ID)
	out := shownCustomer(who, &r)
	out.Seq = m.web.Seq()
	return &customerOutput{ETag: web.ETag(r.Version), Body: out}, nil
}

// fill sets what the client gave.
func (m *Room) fill(who *web.Principal, r *store.Customer, f *CustomerFields) error {
	for to, from := range map[*string]*string{
		&r.Name: f.Name, &r.Company: f.Company, &r.Position: f.Position, &r.Grade: f.Grade, &r.Language: f.Language,
		&r.Email: f.Email, &r.Address: f.Address, &r.Region: f.Region, &r.Notes: f.Notes,
		&r.DoNotCallFrom: f.DoNotCallFrom, &r.DoNotCallTo: f.DoNotCallTo,
	} {
		if from != nil {
			*to = *from
		}
	}
	if f.AccountManager != nil {
		id := call.UserID(*f.AccountManager)
		if id != "" && who.Site.User(id) == nil {
			return web.NewProblem(http.StatusUnprocessableEntity, proto.CodeUnknownUser, "body.account_manager: there is no such user", "user", string(id))
		}
		r.AccountManager = id
	}
	if f.Tags != nil {
		r.Tags = append([]string{}, *f.Tags...)
	}
	if f.Phones == nil {
		return nil
	}
	if who.Masked() && len(r.Phones) > 0 {
		return web.NewProblem(http.StatusForbidden, proto.CodeForbidden, "who sees numbers masked cannot change them", "right", web.UnmaskNumber)
	}
	r.Phones = []store.Phone{}
	for _, p := range *f.Phones {
		r.Phones = append(r.Phones, store.ReadPhones(store.Phone{Kind: p.Kind, Raw: p.Raw, Primary: p.Primary}, who.Site.Region)...)
	}
	return nil
}

func (m *Room) auditCustomer(ctx context.Context, in *CustomerPath) (*auditOutput, error) {
	who := web.PrincipalOf(ctx)
	if _, err := m.customerFor(ctx, who, web.ReadAudit, in.ID); err != nil {
		return nil, err
	}
	return m.audit(ctx, store.AuditCustomer, in.ID)
}

func (m *Room) audit(ctx context.Context, what store.AuditObject, id string) (*auditOutput, error) {
	entries, err := m.store.Audit(ctx, what, id)
	if err != nil {
		return nil, err
	}
	out := &auditOutput{Body: web.Collection[auditItem]{Items: []auditItem{}}}
	for _, e := range entries {
		out.Body.Items = append(out.Body.Items, auditItem{
			At: view.JSONTime(e.At), By: string(e.By), Action: e.Action, Changes: append([]store.FieldChange{}, e.Changes...),
		})
	}
	return out, nil
}
