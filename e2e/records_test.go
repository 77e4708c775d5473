package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// page is the shape of every collection.
type page[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

// number is a telephone number as the API shows it.
type number struct {
	Raw  string `json:"raw"`
	E164 string `json:"e164"`
}

// callRow is a call of GET /calls.
type callRow struct {
	ID           string     `json:"id"`
	Direction    string     `json:"direction"`
	State        string     `json:"state"`
	From         number     `json:"from"`
	FromName     string     `json:"from_name"`
	To           number     `json:"to"`
	Customer     string     `json:"customer"`
	CustomerName string     `json:"customer_name"`
	Queue        string     `json:"queue"`
	Agent        string     `json:"agent"`
	Extension    string     `json:"extension"`
	Trunk        string     `json:"trunk"`
	ArrivedAt    time.Time  `json:"arrived_at"`
	AnsweredAt   *time.Time `json:"answered_at"`
	QueuedAt     *time.Time `json:"queued_at"`
	BridgedAt    *time.Time `json:"bridged_at"`
	EndedAt      *time.Time `json:"ended_at"`
	End          *ending    `json:"end"`
	WaitMS       int64      `json:"wait_ms"`
	RingMS       int64      `json:"ring_ms"`
	TalkMS       int64      `json:"talk_ms"`
	HoldMS       int64      `json:"hold_ms"`
	WrapUpMS     int64      `json:"wrap_up_ms"`
	Voicemail    bool       `json:"voicemail"`
}

type ending struct {
	By    string `json:"by"`
	Cause string `json:"cause"`
	SIP   int    `json:"sip"`
}

func (r callRow) String() string {
	return fmt.Sprintf("call %s from %s to %s, queue %q, agent %q, end %+v", r.ID, r.From.Raw, r.To.Raw, r.Queue, r.Agent, r.End)
}

// callDetail is GET /calls/{id}.
type callDetail struct {
	callRow
	Timeline []timelineEntry `json:"timeline"`
	Segments []segment       `json:"segments"`
	Legs     []leg           `json:"legs"`
	Quality  *quality        `json:"quality"`

	Recording *struct {
		URL        string `json:"url"`
		DurationMS int64  `json:"duration_ms"`
		Ticket     string `json:"ticket"`
	} `json:"recording"`
}

type timelineEntry struct {
	At     time.Time `json:"at"`
	Type   string    `json:"type"`
	Agent  string    `json:"agent"`
	Queue  string    `json:"queue"`
	Node   string    `json:"node"`
	Exit   string    `json:"exit"`
	Digits string    `json:"digits"`
	Reason string    `json:"reason"`
}

type segment struct {
	Queue  string `json:"queue"`
	Agent  string `json:"agent"`
	End    string `json:"end"`
	TalkMS int64  `json:"talk_ms"`
}

type leg struct {
	Agent   string  `json:"agent"`
	End     *ending `json:"end"`
	Quality quality `json:"quality"`
}

type quality struct {
	PacketsIn  uint64  `json:"packets_in"`
	PacketsOut uint64  `json:"packets_out"`
	LossPct    float64 `json:"loss_pct"`
	MOS        float64 `json:"mos"`
	Codec      string  `json:"codec"`
}

// calls lists all finished calls that a filter lets through, page by page.
func (c *client) calls(filter string) ([]callRow, error) {
	var all []callRow
	for cursor := ""; ; {
		var p page[callRow]
		if err := c.do(http.MethodGet, "/calls?limit=200&"+filter+"&cursor="+url.QueryEscape(cursor), nil, &p); err != nil {
			return nil, err
		}
		all = append(all, p.Items...)
		if p.Next == nil {
			return all, nil
		}
		cursor = *p.Next
	}
}

// logged waits for the row of a call from or to a number, which must be there within 2 s of its end, and
// be the only one.
func (c *client) logged(number string) callRow {
	c.t.Helper()
	var rows []callRow
	eventually(c.t, 2*time.Second, "the log of the call of "+number, func() (err error) {
		rows, err = c.calls("number=" + url.QueryEscape(number))
		if err == nil && len(rows) != 1 {
			err = fmt.Errorf("there are %d: %v", len(rows), rows)
		}
		return err
	})
	return rows[0]
}

// loggedAs waits for the row of a call by its ID.
func (c *client) loggedAs(id string) callRow {
	c.t.Helper()
	var d callDetail
	eventually(c.t, aMoment, "the log of call "+id, func() error {
		if err := c.do(http.MethodGet, "/calls/"+id, nil, &d); err != nil {
			return err
		}
		if d.EndedAt == nil {
			return fmt.Errorf("it goes on: %v", d.State)
		}
		return nil
	})
	return d.callRow
}

// detail is everything about a call.
func (c *client) detail(id string) callDetail {
	c.t.Helper()
	var d callDetail
	c.must(http.MethodGet, "/calls/"+id, nil, &d)
	return d
}

// timesAddUp sees that a logged call's times agree with one another. Each is cut to whole milliseconds.
func timesAddUp(r callRow) error {
	if r.EndedAt == nil || r.End == nil {
		return fmt.Errorf("%v has no end", r)
	}
	moments := []*time.Time{&r.ArrivedAt, r.AnsweredAt, r.QueuedAt, r.BridgedAt, r.EndedAt}
	last := moments[0]
	for _, m := range moments[1:] {
		if m != nil {
			if m.Before(*last) {
				return fmt.Errorf("%v: its moments are not in order: %v", r, moments)
			}
			last = m
		}
	}
	within := func(name string, got int64, from, to *time.Time) error {
		want := int64(0)
		if from != nil && to != nil {
			want = to.Sub(*from).Milliseconds()
		}
		if d := got - want; d < -2 || d > 2 {
			return fmt.Errorf("%v: %s is %d ms and should be %d", r, name, got, want)
		}
		return nil
	}
	if r.QueuedAt != nil {
		left := r.BridgedAt
		if left == nil {
			left = r.EndedAt
		}
		if err := within("wait", r.WaitMS, r.QueuedAt, left); err != nil {
			return err
		}
	}
	return within("talk and hold", r.TalkMS+r.HoldMS, r.BridgedAt, r.EndedAt)
}

// inOrder sees that a timeline has these entries in this order, whatever lies between them. An entry is a
// type, or type and what it must say: "flow_stepped digits=2".
func inOrder(tb testing.TB, timeline []timelineEntry, want ...string) {
	tb.Helper()
	i := 0
	for _, e := range timeline {
		if i < len(want) && hasAll(" "+e.String()+" ", strings.Fields(want[i])...) {
			i++
		}
	}
	if i < len(want) {
		tb.Errorf("the timeline misses %q, or has it out of order: %v", want[i], timeline)
	}
}

func (e timelineEntry) String() string {
	words := []string{e.Type}
	for _, f := range [][2]string{{"agent", e.Agent}, {"queue", e.Queue}, {"node", e.Node}, {"exit", e.Exit}, {"digits", e.Digits}, {"reason", e.Reason}} {
		if f[1] != "" {
			words = append(words, f[0]+"="+f[1])
		}
	}
	return strings.Join(words, " ")
}

// agentRow is an agent of GET /agents.
type agentRow struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Reason string `json:"reason"`
	Call   *struct {
		ID    string `json:"id"`
		Peer  number `json:"peer"`
		State string `json:"state"`
	} `json:"call"`
}

// waitAgent waits until an agent is in a status, as the board shows it.
func (c *client) waitAgent(id, status, reason string) {
	c.t.Helper()
	eventually(c.t, aMoment, "agent "+id+" is "+status+" "+reason, func() error {
		var p page[agentRow]
		if err := c.do(http.MethodGet, "/agents", nil, &p); err != nil {
			return err
		}
		for _, a := range p.Items {
			if a.ID == id {
				if a.Status == status && a.Reason == reason {
					return nil
				}
				return fmt.Errorf("it is %s %s", a.Status, a.Reason)
			}
		}
		return fmt.Errorf("there is no such agent")
	})
}

// liveCall waits until the call of a number is in a state, and gives it.
func (c *client) liveCall(number, state string) callRow {
	c.t.Helper()
	var found callRow
	eventually(c.t, aMoment, "the call of "+number+" is "+state, func() error {
		rows, err := c.calls("live=true&number=" + url.QueryEscape(number))
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.State == state {
				found = r
				return nil
			}
		}
		return fmt.Errorf("there is %v", rows)
	})
	return found
}

// notCount makes an error of a number of rows other than wanted.
func notCount[T any](err error, rows []T, want int) error {
	if err == nil && len(rows) != want {
		err = fmt.Errorf("there are %d, not %d: %v", len(rows), want, rows[:min(len(rows), 5)])
	}
	return err
}
