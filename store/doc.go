// Package store defines what is kept: customers, calls, tickets, users, web sessions, site documents
// and how far the call log has got. It has the records and one interface; the databases behind it are
// in store/sqlite and store/postgres, and store/open chooses by URL.
//
// The package knows no SQL. What every database must do is said here and proved by store/storetest,
// which both databases pass. Text is cleaned on its way in by [Clean] and [CleanLine], so that nothing
// a caller sends can make an insert fail.
package store
