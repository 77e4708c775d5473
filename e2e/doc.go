// Package e2e drives the whole system from outside: SIP phones, SIPp and a real browser against the
// program as it is shipped. Its tests are the product's promises; its scripts stand behind the Makefile.
package e2e
