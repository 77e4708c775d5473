package acd

import (
	"fmt"

	"github.com/linedesk/linedesk/call"
)

// mintOffer makes the ID of an offer, a UUIDv7 (RFC 9562, 5.7) whose time is the record's and whose
// other bits are no chance: which offer of the step it is, the record's number, the node's salt. So the
// same records give the same IDs, and no two offers share one.
func (m *Machine) mintOffer() call.OfferID {
	n := uint64(m.minted)
	m.minted++
	ms := uint64(m.now.UnixMilli()) & (1<<48 - 1)
	high := ms<<16 | 7<<12 | n&0xfff
	low := 0b10<<62 | m.seq&(1<<26-1)<<36 | n>>12&0xf<<32 | uint64(m.salt)
	return call.OfferID(fmt.Sprintf("%08x-%04x-%04x-%04x-%012x",
		high>>32, high>>16&0xffff, high&0xffff, low>>48, low&(1<<48-1)))
}
