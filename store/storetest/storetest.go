// Package storetest is what every database must pass: one suite, run on the real thing.
//
// It also finds a real PostgreSQL for whoever tests against one: see [Postgres].
package storetest

import (
	"testing"

	"github.com/linedesk/linedesk/store"
)

// Open gives an empty store for one test and closes it afterwards.
type Open func(t *testing.T) store.Store

// Run runs the whole suite.
func Run(t *testing.T, open Open) {
	t.Helper()
	for _, s := range []struct {
		name string
		test func(*testing.T, Open)
	}{
		{"Users", Users},
		{"Sessions", Sessions},
		{"Customers", Customers},
		{"Calls", Calls},
		{"Agents", Agents},
		{"Tickets", Tickets},
		{"Documents", Documents},
		{"Positions", Positions},
		{"HostileText", HostileText},
	} {
		t.Run(s.name, func(t *testing.T) { s.test(t, open) })
	}
}
