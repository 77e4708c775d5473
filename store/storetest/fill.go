package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// Fill writes n customers, n calls and n tickets, so that a database's plan is that of real use.
func Fill(tb testing.TB, st store.Store, n int) {
	tb.Helper()
	var calls []store.Call
	var tickets []store.NewTicket
	for i := range n {
		e164 := fmt.Sprintf("+86138%08d", i)
		_, err := st.CreateCustomer(tb.Context(), store.Customer{
			Name: fmt.Sprint("客户", i), Company: fmt.Sprint("公司", i%100),
			Phones: []store.Phone{{Kind: "mobile", Raw: e164[3:], E164: e164}, {Kind: "work", Raw: fmt.Sprintf("021%08d", i)}},
		}, "amy")
		if err != nil {
			tb.Fatal(err)
		}
		k := store.NewTicket{Series: "C-1", Ticket: store.Ticket{
			ID: call.TicketID(fmt.Sprintf("fill-%06d", i)), Kind: "complaint", Phone: call.Number{Raw: e164[3:], E164: e164},
		}}
		if i%2 == 0 {
			k.Customer, k.Phone = call.CustomerID(fmt.Sprint("c-", i)), call.Number{}
		}
		tickets = append(tickets, k)
		c := FullCall(call.ID(fmt.Sprintf("fill-%06d", i)), day.Add(time.Duration(i)*time.Second))
		c.From = call.Number{Raw: e164[3:], E164: e164}
		c.Queue, c.Agent = call.QueueID(fmt.Sprint("q-", i%10)), call.AgentID(fmt.Sprint("a-", i%100))
		c.Customer, c.Unfinished = call.CustomerID(fmt.Sprint("c-", i%1000)), i%500 == 0
		calls = append(calls, c)
	}
	p, err := st.Position(tb.Context(), node, store.ProjectionCalls)
	if err != nil {
		tb.Fatal(err)
	}
	b := store.Batch{From: p.Applied, Position: store.Position{Applied: p.Applied + 1, Safe: p.Applied + 2, At: day}, Calls: calls, Tickets: tickets}
	if err := st.Apply(tb.Context(), node, store.ProjectionCalls, b); err != nil {
		tb.Fatal(err)
	}
}

// IndexedTickets are the lists of tickets that must not read the whole table.
var IndexedTickets = map[string]store.TicketFilter{
	"of a customer":                {Customer: "c-7"},
	"left by a number":             {Phone: "+8613800000123"},
	"of a customer and its number": {Customer: "c-7", Phone: "+8613800000123", Open: true},
}

// IndexedLists are the lists of calls that must not read the whole table.
var IndexedLists = map[string]store.CallFilter{
	"newest":         {},
	"a time":         {From: day.Add(time.Minute), To: day.Add(time.Hour)},
	"of a queue":     {Queue: "q-3"},
	"of an agent":    {Agent: "a-42"},
	"of a customer":  {Customer: "c-7"},
	"with a number":  {Number: "+8613800000123"},
	"not wrapped up": {Unfinished: true},
}
