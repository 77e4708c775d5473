// Package live keeps in memory what is going on now and today's figures: queues, agents and calls in
// progress. Boards, desks, the API and /metrics read it.
//
// It is a projection of the journal and nothing else: [Live.Apply] takes one record, reads no clock and
// asks nobody. What it shows agrees with the call log, because both use the same definitions: a call
// belongs to the day on which it arrived, by the site's timezone; its wait runs from CallQueued to
// Bridged or to its end; it was abandoned if the caller left while it waited or while an agent rang.
package live
