package sip

import (
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/transport"
)

// binding is one contact of an extension: a phone, as far as we know where it is.
type binding struct {
	ext     call.Extension
	contact string         // the URI that it wants to be called by
	flow    transport.Flow // where its REGISTER came from: through a NAT, the only way back
	path    []string       // RFC 3327: proxies to go by
	callID  string
	cseq    uint32
	expires time.Duration // since the endpoint's start

	pinged   time.Duration // when it was last asked
	answered bool          // it has answered a ping: from then on not answering means that it is gone
	misses   int           // pings since then without an answer
}

// maxContacts bounds the phones of one extension.
const maxContacts = 10

// target is where to send a request for a contact.
type target struct {
	ext  call.Extension
	uri  string
	flow transport.Flow
	path []string
}

func (b *binding) target() target {
	return target{ext: b.ext, uri: b.contact, flow: b.flow, path: b.path}
}
