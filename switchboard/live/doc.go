// Package live keeps in memory what is going on now and today's figures: queues, agents and calls in
// progress. Boards, desks, the API and /metrics read it.
//
// It is a projection of the journal and nothing else: [Live.Apply] takes one record, reads no clock and
// asks nobody. What it shows agrees with the call log, because both fold a call with call/history: a call
// belongs to the day on which it arrived, by the site's timezone; its wait is the time in queues until the
// first bridge ([Call.Waited]; a queue's figures have of it the stay in that queue), and who waits again after
// an agent's phone was lost was answered all the same; it was abandoned if the caller left while it waited or
// while an agent rang.
package live
