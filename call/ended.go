package call

// Side says whose doing the end of a call, leg or offer was.
type Side string

// The sides.
const (
	ByCaller Side = "caller" // the far party: who called in, or whom we called
	ByAgent  Side = "agent"
	BySystem Side = "system" // flow, queue limit, administrator
	ByTrunk  Side = "trunk"  // the carrier refused or failed
)

// Cause says why a call ended. A closed set; clients translate it.
type Cause string

// The causes of a call's end.
const (
	CauseHangup          Cause = "hangup"           // somebody hung up after an answer
	CauseAbandoned       Cause = "abandoned"        // the caller left while waiting in a queue or while the agent rang
	CauseLeftMenu        Cause = "left_menu"        // the caller left while in a flow
	CauseFlowEnded       Cause = "flow_ended"       // the flow came to its hang-up node
	CauseVoicemail       Cause = "voicemail"        // a message was left
	CauseBusy            Cause = "busy"             // outbound: 486/600
	CauseNoAnswer        Cause = "no_answer"        // outbound: rang out, 408/480
	CauseRejected        Cause = "rejected"         // outbound: 403/603 and the like
	CauseUnreachable     Cause = "unreachable"      // outbound: 404, 5xx, no route
	CauseCancelled       Cause = "cancelled"        // outbound: the agent gave up before an answer
	CauseAgentNoAnswer   Cause = "agent_no_answer"  // outbound: the agent's own phone was not answered
	CauseTransferred     Cause = "transferred"      // of a leg: its agent handed the call over
	CauseLost            Cause = "lost"             // the leg's network went away
	CauseServerRestarted Cause = "server restarted" // found open when the server came up again
	CauseServerStopped   Cause = "server_stopped"   // ended by an orderly stop
	CauseFailed          Cause = "failed"           // our fault; the log line has the reason
)

// End says how a call or leg ended.
type End struct {
	By    Side  `json:"by"`
	Cause Cause `json:"cause"`
	SIP   int   `json:"sip,omitempty"`  // status code, if one told us
	Q850  int   `json:"q850,omitempty"` // cause value of a Reason header (RFC 3326), if one told us
}
