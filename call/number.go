package call

// Direction tells who began a call.
type Direction string

// The directions of a call.
const (
	Inbound  Direction = "inbound"  // a trunk brought it
	Outbound Direction = "outbound" // an agent placed it, out through a trunk
	Internal Direction = "internal" // extension to extension
)

// Number is a telephone number as it came and as it is known worldwide.
type Number struct {
	Raw  string `json:"raw"`  // as the line carried it, or as somebody typed it; cleaned of control characters
	E164 string `json:"e164"` // "+8613800000001"; empty if not a valid number
}

// Party is one side of a call.
type Party struct {
	Number Number `json:"number"`
	Name   string `json:"name,omitempty"` // display name: valid UTF-8, no control characters, at most 128 characters
}

// StationKind tells what an agent speaks through.
type StationKind string

// The kinds of station.
const (
	StationSIP    StationKind = "sip"    // a registered SIP phone
	StationWebRTC StationKind = "webrtc" // the browser of the desk
	StationPSTN   StationKind = "pstn"   // any number, dialled through a trunk
	StationStatic StationKind = "static" // a fixed SIP address, taken as up
)

// Station is what an agent speaks through in this shift.
type Station struct {
	Kind      StationKind `json:"kind"`
	Extension Extension   `json:"extension,omitempty"` // for sip
	Number    string      `json:"number,omitempty"`    // for pstn
	URI       string      `json:"uri,omitempty"`       // for static
}

// UpByItself tells of stations that nothing ever tells us about, so that they count as up: a fixed address, a
// number behind a trunk.
func (s Station) UpByItself() bool { return s.Kind == StationStatic || s.Kind == StationPSTN }
