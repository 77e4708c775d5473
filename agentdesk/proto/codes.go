package proto

// ErrorCode says what went wrong, in the answers of the HTTP API and of the websocket alike. It is stable, and the set
// is closed: clients have a text for each, see [Codes].
type ErrorCode string

// What can be wrong with any request.
const (
	CodeBadBody          ErrorCode = "bad_body"               // a command's body is not what it should be
	CodeBadCursor        ErrorCode = "bad_cursor"             // the cursor is not one that a list gave
	CodeBadHandshake     ErrorCode = "bad_handshake"          // not a websocket handshake
	CodeBadRequest       ErrorCode = "bad_request"            // the request cannot be read
	CodeBadSubprotocol   ErrorCode = "bad_subprotocol"        // the websocket asks for another protocol
	CodeBadValue         ErrorCode = "bad_value"              // a field says what it may not
	CodeError            ErrorCode = "error"                  // no code fits better
	CodeInvalid          ErrorCode = "invalid"                // the record would not be one
	CodeMethodNotAllowed ErrorCode = "method_not_allowed"     // the path does not take the method
	CodeMissingBody      ErrorCode = "missing_body"           // a command without the body it has
	CodeMissingField     ErrorCode = "missing_field"          // a field must be given
	CodeMissingParameter ErrorCode = "missing_parameter"      // a parameter must be given
	CodeNoSuchRoute      ErrorCode = "no_such_route"          // there is no such path
	CodeTooLarge         ErrorCode = "too_large"              // the request is too long
	CodeUnknownChannel   ErrorCode = "unknown_channel"        // the channels are desk and board
	CodeUnknownField     ErrorCode = "unknown_field"          // there is no such field
	CodeUnknownParameter ErrorCode = "unknown_parameter"      // there is no such parameter
	CodeUnsupportedMedia ErrorCode = "unsupported_media_type" // the body is of a kind that is not read
)

// Who asks, and what for.
const (
	CodeForbidden        ErrorCode = "forbidden"         // the roles do not allow it
	CodeForeignOrigin    ErrorCode = "foreign_origin"    // a page from elsewhere asks
	CodeSignedOut        ErrorCode = "signed_out"        // nobody is signed in
	CodeTooManyFailures  ErrorCode = "too_many_failures" // too many wrong passwords
	CodeWrongCredentials ErrorCode = "wrong_credentials" // user or password is wrong
)

// What is or is not there.
const (
	CodeChangedMeanwhile   ErrorCode = "changed_meanwhile" // somebody else has changed the record
	CodeExists             ErrorCode = "exists"            // there is one already
	CodeNotFound           ErrorCode = "not_found"         // there is none that the user may see
	CodeUnknownAgent       ErrorCode = "unknown_agent"
	CodeUnknownDisposition ErrorCode = "unknown_disposition"
	CodeUnknownExtension   ErrorCode = "unknown_extension"
	CodeUnknownFeature     ErrorCode = "unknown_feature" // no such feature code
	CodeUnknownReason      ErrorCode = "unknown_reason"  // of a pause
	CodeUnknownState       ErrorCode = "unknown_state"   // of an agent or a ticket
	CodeUnknownStationKind ErrorCode = "unknown_station_kind"
	CodeUnknownTicketKind  ErrorCode = "unknown_ticket_kind"
	CodeUnknownTarget      ErrorCode = "unknown_target" // the site has no such queue, agent, extension or flow
	CodeUnknownUser        ErrorCode = "unknown_user"
	CodeUnknownCommand     ErrorCode = "unknown_command" // a call cannot do that
)

// What a desk or a call cannot do as it stands.
const (
	CodeAgentBusy          ErrorCode = "agent_busy"          // the agent is on a call
	CodeAnswerAtPhone      ErrorCode = "answer_at_phone"     // the station is a telephone, answered there
	CodeBadDigits          ErrorCode = "bad_digits"          // not keys of a telephone
	CodeBadNotes           ErrorCode = "bad_notes"           // too long, or unreadable
	CodeBadNumber          ErrorCode = "bad_number"          // no telephone number
	CodeBadSDP             ErrorCode = "bad_sdp"             // the browser's description of its sound
	CodeBadSubject         ErrorCode = "bad_subject"         // missing, too long, or unreadable
	CodeBadTarget          ErrorCode = "bad_target"          // a call can not be handed over to that
	CodeBadText            ErrorCode = "bad_text"            // too long, or unreadable
	CodeCallOver           ErrorCode = "call_over"           // everybody has left
	CodeCallOverloaded     ErrorCode = "call_overloaded"     // the call cannot keep up with what it is told
	CodeDeskElsewhere      ErrorCode = "desk_elsewhere"      // another page of the user has the desk
	CodeExtensionTaken     ErrorCode = "extension_taken"     // it belongs to another agent
	CodeNoAgent            ErrorCode = "no_agent"            // the user is no agent
	CodeNoDesk             ErrorCode = "no_desk"             // the page has not subscribed to the desk
	CodeNoExtension        ErrorCode = "no_extension"        // the agent has none of its own
	CodeNoOutboundTrunk    ErrorCode = "no_outbound_trunk"   // the site has no line for outbound calls
	CodeNotSignedIn        ErrorCode = "not_signed_in"       // the agent's shift has not begun
	CodeConsulting         ErrorCode = "consulting"          // somebody is asked beside the call already
	CodeNoSlot             ErrorCode = "no_slot"             // as many calls are parked as may be
	CodeNotConsulting      ErrorCode = "not_consulting"      // nobody is asked beside the call
	CodeNotParked          ErrorCode = "not_parked"          // the slot is empty
	CodeNotTalking         ErrorCode = "not_talking"         // nobody talks on the call
	CodeNotYourCall        ErrorCode = "not_your_call"       // the agent has no part in it
	CodeOfferOver          ErrorCode = "offer_over"          // answered, withdrawn or missed
	CodeQueueFull          ErrorCode = "queue_full"          // as many wait as may
	CodeStationUnreachable ErrorCode = "station_unreachable" // the agent's phone or browser is not there
	CodeTargetBusy         ErrorCode = "target_busy"         // the colleague is on a call, or wraps one up
	CodeTargetOff          ErrorCode = "target_off"          // the colleague is not there, or not within reach
)

// What the server cannot do now.
const (
	CodeBusy            ErrorCode = "busy"              // too many sign-ins at once
	CodeClientGone      ErrorCode = "client_gone"       // nobody waits for the answer
	CodeFailed          ErrorCode = "failed"            // the server made a mistake
	CodeNotReady        ErrorCode = "not_ready"         // it cannot take calls
	CodeNotYet          ErrorCode = "not_yet"           // what was waited for does not show in time
	CodeServerStops     ErrorCode = "server_stops"      // it restarts
	CodeTooManyCalls    ErrorCode = "too_many_calls"    // as many as it takes
	CodeTooManyCommands ErrorCode = "too_many_commands" // of one page, unanswered
	CodeTooManySockets  ErrorCode = "too_many_sockets"  // of one user, or of all
	CodeTooSlow         ErrorCode = "too_slow"          // not done in time
	CodeUnavailable     ErrorCode = "unavailable"       // the log says why
)

// Codes says of each code which HTTP statuses it comes with, and which parameters, that a text may name, it can have.
var Codes = map[ErrorCode]struct {
	Status []int
	Params []string
}{
	CodeBadBody:          {Status: []int{422}},
	CodeBadCursor:        {Status: []int{422}},
	CodeBadHandshake:     {Status: []int{400, 403, 405, 500}},
	CodeBadRequest:       {Status: []int{400}, Params: []string{"field"}},
	CodeBadSubprotocol:   {Status: []int{400}},
	CodeBadValue:         {Status: []int{400, 422}, Params: []string{"field"}},
	CodeError:            {Status: []int{406, 500}, Params: []string{"field"}},
	CodeInvalid:          {Status: []int{422}, Params: []string{"field"}},
	CodeMethodNotAllowed: {Status: []int{405}, Params: []string{"allow"}},
	CodeMissingBody:      {Status: []int{422}},
	CodeMissingField:     {Status: []int{422}, Params: []string{"field"}},
	CodeMissingParameter: {Status: []int{422}, Params: []string{"field"}},
	CodeNoSuchRoute:      {Status: []int{404}},
	CodeTooLarge:         {Status: []int{413}, Params: []string{"field"}},
	CodeUnknownChannel:   {Status: []int{422}, Params: []string{"ch"}},
	CodeUnknownField:     {Status: []int{422}, Params: []string{"field"}},
	CodeUnknownParameter: {Status: []int{422}, Params: []string{"field"}},
	CodeUnsupportedMedia: {Status: []int{415}, Params: []string{"field"}},

	CodeForbidden:        {Status: []int{403}, Params: []string{"right"}},
	CodeForeignOrigin:    {Status: []int{403}},
	CodeSignedOut:        {Status: []int{401}},
	CodeTooManyFailures:  {Status: []int{429}, Params: []string{"retry_after_ms"}},
	CodeWrongCredentials: {Status: []int{401}},

	CodeChangedMeanwhile:   {Status: []int{409, 412}, Params: []string{"version"}},
	CodeExists:             {Status: []int{409}},
	CodeNotFound:           {Status: []int{404}, Params: []string{"object", "id"}},
	CodeUnknownAgent:       {Status: []int{404}, Params: []string{"agent"}},
	CodeUnknownCommand:     {Status: []int{409}, Params: []string{"call", "offer"}},
	CodeUnknownDisposition: {Status: []int{422}, Params: []string{"disposition"}},
	CodeUnknownExtension:   {Status: []int{422}, Params: []string{"extension"}},
	CodeUnknownFeature:     {Status: []int{404}, Params: []string{"code"}},
	CodeUnknownReason:      {Status: []int{422}, Params: []string{"reason"}},
	CodeUnknownState:       {Status: []int{422}, Params: []string{"state", "kind"}},
	CodeUnknownStationKind: {Status: []int{422}, Params: []string{"kind"}},
	CodeUnknownTicketKind:  {Status: []int{422}, Params: []string{"kind"}},
	CodeUnknownTarget:      {Status: []int{422}, Params: []string{"target"}},
	CodeUnknownUser:        {Status: []int{422}, Params: []string{"user"}},

	CodeAgentBusy:          {Status: []int{409}, Params: []string{"status"}},
	CodeAnswerAtPhone:      {Status: []int{409}, Params: []string{"call", "offer"}},
	CodeBadDigits:          {Status: []int{422}, Params: []string{"digits"}},
	CodeBadNotes:           {Status: []int{422}, Params: []string{"max"}},
	CodeBadNumber:          {Status: []int{422}, Params: []string{"number"}},
	CodeBadSDP:             {Status: []int{422}, Params: []string{"reason"}},
	CodeBadSubject:         {Status: []int{422}, Params: []string{"max"}},
	CodeBadTarget:          {Status: []int{422}, Params: []string{"target", "why"}},
	CodeBadText:            {Status: []int{422}, Params: []string{"max"}},
	CodeCallOver:           {Status: []int{409}, Params: []string{"call", "offer"}},
	CodeCallOverloaded:     {Status: []int{503}, Params: []string{"call"}},
	CodeDeskElsewhere:      {Status: []int{409}},
	CodeExtensionTaken:     {Status: []int{409}, Params: []string{"extension"}},
	CodeNoAgent:            {Status: []int{409}},
	CodeNoDesk:             {Status: []int{409}},
	CodeNoExtension:        {Status: []int{422}},
	CodeNoOutboundTrunk:    {Status: []int{409}},
	CodeNotSignedIn:        {Status: []int{409}},
	CodeConsulting:         {Status: []int{409}, Params: []string{"call", "offer"}},
	CodeNoSlot:             {Status: []int{409}, Params: []string{"max"}},
	CodeNotConsulting:      {Status: []int{409}, Params: []string{"call", "offer"}},
	CodeNotParked:          {Status: []int{409}, Params: []string{"call", "offer", "slot"}},
	CodeNotTalking:         {Status: []int{409}, Params: []string{"call", "offer"}},
	CodeNotYourCall:        {Status: []int{409}, Params: []string{"call", "offer"}},
	CodeOfferOver:          {Status: []int{409}, Params: []string{"call", "offer"}},
	CodeQueueFull:          {Status: []int{409}, Params: []string{"target"}},
	CodeStationUnreachable: {Status: []int{409}, Params: []string{"station"}},
	CodeTargetBusy:         {Status: []int{409}, Params: []string{"target", "status"}},
	CodeTargetOff:          {Status: []int{409}, Params: []string{"target"}},

	CodeBusy:            {Status: []int{503}},
	CodeClientGone:      {Status: []int{499}},
	CodeFailed:          {Status: []int{500}},
	CodeNotReady:        {Status: []int{503}},
	CodeNotYet:          {Status: []int{504}, Params: []string{"after", "seq"}},
	CodeServerStops:     {Status: []int{503}},
	CodeTooManyCalls:    {Status: []int{503}},
	CodeTooManyCommands: {Status: []int{429}},
	CodeTooManySockets:  {Status: []int{503}},
	CodeTooSlow:         {Status: []int{408, 503}},
	CodeUnavailable:     {Status: []int{503}},
}
