package web

import (
	"slices"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// SeesCall tells whether a call is the principal's to see: who took any part in it may.
func (who *Principal) SeesCall(r *store.Call) bool {
	return who.Sees(ReadCall, r.Agent) ||
		slices.ContainsFunc(r.Segments, func(sg store.Segment) bool { return who.Sees(ReadCall, sg.Agent) })
}

// MayHear tells whether the principal may hear what was recorded of a call: a message in a queue's voicemail has no agent
// yet; those who serve the queue may hear it.
func (who *Principal) MayHear(agent call.AgentID, queue call.QueueID) bool {
	return who.Sees(PlayRecording, agent) || (agent == "" && who.SeesQueue(PlayRecording, queue)) ||
		(agent == "" && queue == "" && who.Rights[PlayRecording] > configs.ScopeNone)
}

// RecordingOf is where the message that a ticket is about can be heard; "": there is none, or not for this principal.
func (who *Principal) RecordingOf(t *store.Ticket) string {
	if t.Recording == "" || t.Call == "" || !who.MayHear("", t.Queue) {
		return ""
	}
	return RecordingURL(t.Call)
}

// RecordingURL is where the sound of a call is played.
func RecordingURL(id call.ID) string { return Prefix + "/calls/" + string(id) + "/recording" }
