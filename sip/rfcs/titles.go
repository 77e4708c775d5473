package main

// groups are the parts of the page, in their order.
var groups = []string{"Signalling", "Session description", "Media", "Web and the rest"}

// titles gives the title of each RFC that we cite, as the RFC index has it, and its part of the page.
var titles = map[string]struct{ title, group string }{
	"2069": {"An Extension to HTTP: Digest Access Authentication", "Signalling"},
	"2543": {"SIP: Session Initiation Protocol", "Signalling"},
	"2617": {"HTTP Authentication: Basic and Digest Access Authentication", "Signalling"},
	"3261": {"SIP: Session Initiation Protocol", "Signalling"},
	"3262": {"Reliability of Provisional Responses in Session Initiation Protocol (SIP)", "Signalling"},
	"3263": {"Session Initiation Protocol (SIP): Locating SIP Servers", "Signalling"},
	"3311": {"The Session Initiation Protocol (SIP) UPDATE Method", "Signalling"},
	"3325": {"Private Extensions to the Session Initiation Protocol (SIP) for Asserted Identity within Trusted Networks", "Signalling"},
	"3326": {"The Reason Header Field for the Session Initiation Protocol (SIP)", "Signalling"},
	"3327": {"Session Initiation Protocol (SIP) Extension Header Field for Registering Non-Adjacent Contacts", "Signalling"},
	"3515": {"The Session Initiation Protocol (SIP) Refer Method", "Signalling"},
	"3581": {"An Extension to the Session Initiation Protocol (SIP) for Symmetric Response Routing", "Signalling"},
	"3960": {"Early Media and Ringing Tone Generation in the Session Initiation Protocol (SIP)", "Signalling"},
	"3966": {"The tel URI for Telephone Numbers", "Signalling"},
	"3986": {"Uniform Resource Identifier (URI): Generic Syntax", "Signalling"},
	"4028": {"Session Timers in the Session Initiation Protocol (SIP)", "Signalling"},
	"4475": {"Session Initiation Protocol (SIP) Torture Test Messages", "Signalling"},
	"5118": {"Session Initiation Protocol (SIP) Torture Test Messages for Internet Protocol Version 6 (IPv6)", "Signalling"},
	"5589": {"Session Initiation Protocol (SIP) Call Control - Transfer", "Signalling"},
	"5621": {"Message Body Handling in the Session Initiation Protocol (SIP)", "Signalling"},
	"5626": {"Managing Client-Initiated Connections in the Session Initiation Protocol (SIP)", "Signalling"},
	"6026": {"Correct Transaction Handling for 2xx Responses to Session Initiation Protocol (SIP) INVITE Requests", "Signalling"},
	"7118": {"The WebSocket Protocol as a Transport for the Session Initiation Protocol (SIP)", "Signalling"},
	"7616": {"HTTP Digest Access Authentication", "Signalling"},
	"8760": {"The Session Initiation Protocol (SIP) Digest Access Authentication Scheme", "Signalling"},

	"3264": {"An Offer/Answer Model with Session Description Protocol (SDP)", "Session description"},
	"3605": {"Real Time Control Protocol (RTCP) attribute in Session Description Protocol (SDP)", "Session description"},
	"4566": {"SDP: Session Description Protocol", "Session description"},
	"8866": {"SDP: Session Description Protocol", "Session description"},

	"2361": {"WAVE and AVI Codec Registries", "Media"},
	"3550": {"RTP: A Transport Protocol for Real-Time Applications", "Media"},
	"3551": {"RTP Profile for Audio and Video Conferences with Minimal Control", "Media"},
	"3711": {"The Secure Real-time Transport Protocol (SRTP)", "Media"},
	"4733": {"RTP Payload for DTMF Digits, Telephony Tones, and Telephony Signals", "Media"},
	"5761": {"Multiplexing RTP Data and Control Packets on a Single Port", "Media"},
	"7874": {"WebRTC Audio Codec and Processing Requirements", "Media"},
	"8445": {"Interactive Connectivity Establishment (ICE): A Protocol for Network Address Translator (NAT) Traversal", "Media"},

	"3339":    {"Date and Time on the Internet: Timestamps", "Web and the rest"},
	"6177":    {"IPv6 Address Assignment to End Sites", "Web and the rest"},
	"6265bis": {"Cookies: HTTP State Management Mechanism (a draft)", "Web and the rest"},
	"6455":    {"The WebSocket Protocol", "Web and the rest"},
	"9106":    {"Argon2 Memory-Hard Function for Password Hashing and Proof-of-Work Applications", "Web and the rest"},
	"9110":    {"HTTP Semantics", "Web and the rest"},
	"9457":    {"Problem Details for HTTP APIs", "Web and the rest"},
	"9562":    {"Universally Unique IDentifiers (UUIDs)", "Web and the rest"},
}
