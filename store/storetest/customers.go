package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

func wangFang() store.Customer {
	return store.Customer{
		ID: "c-wang", Name: "王芳", Company: "华东贸易有限公司", Position: "采购经理", Grade: "AAA", Language: "zh-CN",
		Email: "wang@example.cn", Address: "上海市\n浦东新区", Region: "华东", AccountManager: "amy", Tags: []string{"vip"}, Notes: "喜欢上午",
		Phones: []store.Phone{
			{Kind: "mobile", Raw: "138 0000 0001", E164: "+8613800000001", Primary: true},
			{Kind: "work", Raw: "021-5555 1234", E164: "+862155551234"},
			{Kind: "other", Raw: "8001"},
		},
		DoNotCallFrom: "12:00", DoNotCallTo: "14:00", CreatedAt: day, UpdatedAt: day,
	}
}

// Customers is the suite for store.Customers.
func Customers(t *testing.T, open Open) {
	t.Helper()
	t.Run("Records", func(t *testing.T) { customerRecords(t, open) })
	t.Run("Search", func(t *testing.T) { customerSearch(t, open) })
	t.Run("Audit", func(t *testing.T) { customerAudit(t, open) })
}

func customerRecords(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	t.Run("what is created is there, whole", func(t *testing.T) {
		st := open(t)
		want := wangFang()
		made := must(st.CreateCustomer(ctx, want, "amy"))(t)
		want.Version = 1
		same(t, made, want)
		same(t, must(st.Customer(ctx, "c-wang"))(t), want)
		_, err := st.Customer(ctx, "nobody")
		fails(t, err, store.ErrNotFound)
		_, err = st.CreateCustomer(ctx, want, "amy")
		fails(t, err, store.ErrExists)
	})
	t.Run("ID, version and times are given", func(t *testing.T) {
		st := open(t)
		c := must(st.CreateCustomer(ctx, store.Customer{Name: "Smith"}, "amy"))(t)
		if c.ID == "" || c.Version != 1 || c.CreatedAt.IsZero() || c.UpdatedAt != c.CreatedAt || c.Tags == nil || c.Phones == nil {
			t.Fatalf("got %+v", c)
		}
		same(t, must(st.Customer(ctx, c.ID))(t), c)
	})
	t.Run("update replaces the record and what it is found by", func(t *testing.T) {
		st := open(t)
		c := must(st.CreateCustomer(ctx, wangFang(), "amy"))(t)
		c.Grade, c.Phones = "AA", []store.Phone{{Kind: "mobile", Raw: "13900000002", E164: "+8613900000002"}}
		next := must(st.UpdateCustomer(ctx, c, "ben"))(t)
		if next.Version != 2 || !next.CreatedAt.Equal(day) || next.UpdatedAt.Equal(day) {
			t.Fatalf("got version %d, created %v, updated %v", next.Version, next.CreatedAt, next.UpdatedAt)
		}
		same(t, must(st.Customer(ctx, c.ID))(t), next)
		if got := must(st.CustomersByPhone(ctx, "+8613800000001"))(t); len(got) != 0 {
			t.Fatalf("still found by the old number: %v", got)
		}
		same(t, must(st.CustomersByPhone(ctx, "+8613900000002"))(t), []store.Customer{next})
	})
	t.Run("an update from an old version is a conflict", func(t *testing.T) {
		st := open(t)
		read := must(st.CreateCustomer(ctx, wangFang(), "amy"))(t)
		must(st.UpdateCustomer(ctx, read, "amy"))(t)
		_, err := st.UpdateCustomer(ctx, read, "ben")
		fails(t, err, store.ErrConflict)
		_, err = st.UpdateCustomer(ctx, store.Customer{ID: "nobody", Version: 1}, "ben")
		fails(t, err, store.ErrNotFound)
	})
	t.Run("of several who update at once one wins", func(t *testing.T) {
		st := open(t)
		read := must(st.CreateCustomer(ctx, wangFang(), "amy"))(t)
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() { _, errs[i] = st.UpdateCustomer(ctx, read, "amy") })
		}
		wg.Wait()
		var won int
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, store.ErrConflict) {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Fatalf("%d of %d updates went through, want 1", won, len(errs))
		}
	})
	t.Run("too many numbers are refused", func(t *testing.T) {
		st := open(t)
		c := wangFang()
		c.Phones = slices.Repeat([]store.Phone{{Raw: "1"}}, store.MaxPhones+1)
		_, err := st.CreateCustomer(ctx, c, "amy")
		fails(t, err, store.ErrInvalid)
	})
}

func customerSearch(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	st := open(t)
	wang := must(st.CreateCustomer(ctx, wangFang(), "amy"))(t)
	wife := wangFang()
	wife.ID, wife.Name, wife.Company, wife.Grade, wife.AccountManager = "c-li", "李强", "", "A", "ben"
	wife.Phones = []store.Phone{{Kind: "home", Raw: "021 55551234", E164: "+862155551234"}}
	wife.CreatedAt = day.Add(time.Second)
	li := must(st.CreateCustomer(ctx, wife, "amy"))(t)
	smith := must(st.CreateCustomer(ctx, store.Customer{
		ID: "c-smith", Name: "John Smith", Company: "Acme_100% Ltd", CreatedAt: day.Add(2 * time.Second),
		Phones: []store.Phone{{Kind: "work", Raw: "+44 20 7946 0958", E164: "+442079460958"}},
	}, "amy"))(t)

	for _, c := range []struct {
		number string
		want   []store.Customer
	}{
		{"+8613800000001", []store.Customer{wang}},
		{"138 0000 0001", []store.Customer{wang}},
		{"13800000001", []store.Customer{wang}},
		{"021-55551234", []store.Customer{wang, li}},
		{"+862155551234", []store.Customer{wang, li}},
		{"8001", []store.Customer{wang}},
		{"+442079460958", []store.Customer{smith}},
		{"3800000001", nil},
		{"", nil},
		{"\x00", nil},
		{"' OR 1=1 --", nil},
	} {
		t.Run("by number "+c.number, func(t *testing.T) {
			same(t, must(st.CustomersByPhone(ctx, c.number))(t), c.want)
		})
	}
	for _, c := range []struct {
		name string
		f    store.CustomerFilter
		want []store.Customer
	}{
		{"everybody, newest first", store.CustomerFilter{}, []store.Customer{smith, li, wang}},
		{"Chinese name", store.CustomerFilter{Q: "王芳"}, []store.Customer{wang}},
		{"one character", store.CustomerFilter{Q: "强"}, []store.Customer{li}},
		{"part of a Chinese company", store.CustomerFilter{Q: "贸易"}, []store.Customer{wang}},
		{"any case", store.CustomerFilter{Q: "sMITH"}, []store.Customer{smith}},
		{"wide letters", store.CustomerFilter{Q: "ｓｍｉｔｈ"}, []store.Customer{smith}},
		{"last digits", store.CustomerFilter{Q: "1234"}, []store.Customer{li, wang}},
		{"last digits with blanks", store.CustomerFilter{Q: "46 0958"}, []store.Customer{smith}},
		{"two digits are no number's end", store.CustomerFilter{Q: "34"}, []store.Customer{}},
		{"signs that SQL knows are text", store.CustomerFilter{Q: "_100%"}, []store.Customer{smith}},
		{"percent alone", store.CustomerFilter{Q: "%"}, []store.Customer{smith}},
		{"quote", store.CustomerFilter{Q: "'; DROP TABLE customers"}, []store.Customer{}},
		{"NUL", store.CustomerFilter{Q: "a\x00\xff"}, []store.Customer{}},
		{"phone", store.CustomerFilter{Phone: "8001"}, []store.Customer{wang}},
		{"grade", store.CustomerFilter{Grade: "A"}, []store.Customer{li}},
		{"of managers", store.CustomerFilter{Of: []call.UserID{"amy"}}, []store.Customer{smith, wang}},
		{"of nobody's managers", store.CustomerFilter{Of: []call.UserID{}}, []store.Customer{smith}},
		{"manager", store.CustomerFilter{Manager: "amy"}, []store.Customer{wang}},
		{"both", store.CustomerFilter{Q: "1234", Manager: "ben"}, []store.Customer{li}},
	} {
		t.Run(c.name, func(t *testing.T) {
			same(t, must(st.Customers(ctx, c.f))(t), store.Page[store.Customer]{Items: c.want})
		})
	}
	t.Run("pages hold everybody once", func(t *testing.T) {
		var got []store.Customer
		f := store.CustomerFilter{Limit: 1}
		for range 5 {
			p := must(st.Customers(ctx, f))(t)
			got = append(got, p.Items...)
			if f.Cursor = p.Next; p.Next == "" {
				break
			}
		}
		same(t, got, []store.Customer{smith, li, wang})
	})
	t.Run("limits and cursors are checked", func(t *testing.T) {
		for _, n := range []int{-1, 201} {
			_, err := st.Customers(ctx, store.CustomerFilter{Limit: n})
			fails(t, err, store.ErrInvalid)
		}
		_, err := st.Customers(ctx, store.CustomerFilter{Cursor: "rubbish"})
		fails(t, err, store.ErrBadCursor)
	})
}

func customerAudit(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	st := open(t)
	c := must(st.CreateCustomer(ctx, wangFang(), "amy"))(t)
	c.Grade, c.Notes = "AA", ""
	c = must(st.UpdateCustomer(ctx, c, "ben"))(t)
	must(st.UpdateCustomer(ctx, c, "carl"))(t) // nothing changes: no entry
	got := must(st.Audit(ctx, store.AuditCustomer, string(c.ID)))(t)
	if len(got) != 2 {
		t.Fatalf("%d entries, want 2: %+v", len(got), got)
	}
	edit, made := got[0], got[1]
	if made.Action != "create" || made.By != "amy" || made.Of != "c-wang" || made.At.IsZero() {
		t.Errorf("got %+v for the creation", made)
	}
	if edit.Action != "update" || edit.By != "ben" || edit.ID <= made.ID {
		t.Errorf("got %+v for the edit", edit)
	}
	var changes []string
	for _, ch := range edit.Changes {
		changes = append(changes, fmt.Sprintf("%s: %s → %s", ch.Field, ch.From, ch.To))
	}
	same(t, changes, []string{`grade: "AAA" → "AA"`, `notes: "喜欢上午" → null`})
	if got := must(st.Audit(ctx, store.AuditTicket, string(c.ID)))(t); len(got) != 0 {
		t.Errorf("a customer's entries under tickets: %+v", got)
	}
}
