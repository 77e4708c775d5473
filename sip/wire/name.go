package wire

// Name is a header field that the code asks for. Others are kept by their text only.
type Name uint8

// The header fields that we read.
const (
	Other Name = iota
	Accept
	Allow
	Authorization
	CallID
	Contact
	ContentEncoding
	ContentLength
	ContentType
	CSeq
	Event
	Expires
	From
	MaxForwards
	MinExpires
	MinSE
	PAssertedIdentity
	Path
	ProxyAuthenticate
	ProxyAuthorization
	ProxyRequire
	RAck
	Reason
	RecordRoute
	ReferTo
	Replaces
	Require
	RetryAfter
	Route
	RSeq
	SessionExpires
	Supported
	To
	UserAgent
	Via
	WWWAuthenticate
	names // how many there are
)

// byName knows each field by its long name and, where it has one, its compact form (RFC 3261, 7.3.3),
// in lower case.
var byName = map[string]Name{
	"accept": Accept, "allow": Allow, "authorization": Authorization, "call-id": CallID, "i": CallID,
	"contact": Contact, "m": Contact, "content-encoding": ContentEncoding, "e": ContentEncoding,
	"content-length": ContentLength, "l": ContentLength, "content-type": ContentType, "c": ContentType,
	"cseq": CSeq, "event": Event, "o": Event, "expires": Expires, "from": From, "f": From,
	"max-forwards": MaxForwards, "min-expires": MinExpires, "min-se": MinSE,
	"p-asserted-identity": PAssertedIdentity, "path": Path, "proxy-authenticate": ProxyAuthenticate,
	"proxy-authorization": ProxyAuthorization, "proxy-require": ProxyRequire, "rack": RAck,
	"reason": Reason, "record-route": RecordRoute, "refer-to": ReferTo, "r": ReferTo, "replaces": Replaces,
	"require": Require, "retry-after": RetryAfter, "route": Route, "rseq": RSeq,
	"session-expires": SessionExpires, "x": SessionExpires, "supported": Supported, "k": Supported,
	"to": To, "t": To, "user-agent": UserAgent, "via": Via, "v": Via, "www-authenticate": WWWAuthenticate,
}

// once tells the fields that a message may have only once (RFC 3261, 20: those without a list form).
// A second one is a fault: which of the two counts would be up to the reader (RFC 4475, 3.3.8, 3.3.9).
var once = [names]bool{
	CallID: true, ContentLength: true, ContentType: true, CSeq: true, Event: true, Expires: true, From: true,
	MaxForwards: true, MinExpires: true, MinSE: true, RAck: true, ReferTo: true, Replaces: true,
	RSeq: true, SessionExpires: true, To: true,
}

func nameOf(s string) Name {
	var low [24]byte
	if len(s) > len(low) {
		return Other
	}
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		low[i] = c
	}
	return byName[string(low[:len(s)])]
}
