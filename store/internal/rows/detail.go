package rows

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// detail is what of a call is read one by one only.
type detail struct {
	Segments []store.Segment       `json:"segments,omitempty"`
	Legs     []store.Leg           `json:"legs,omitempty"`
	Timeline []store.TimelineEntry `json:"timeline,omitempty"`
	Quality  *call.Quality         `json:"quality,omitempty"`
}

// detailOf gives the JSON of a call's detail, as json.Marshal would write it. It is written by hand:
// a timeline's many sparse fields and times were the dearest part of a call's row. Its texts come out clean. The object serves one call after another.
func (w *object) detailOf(c *store.Call) string {
	w.b = w.b[:0]
	w.open()
	array(w, "segments", c.Segments, segmentFields)
	array(w, "legs", c.Legs, legFields)
	array(w, "timeline", c.Timeline, entryFields)
	if c.Quality != nil {
		w.inner("quality", func() { qualityFields(w, c.Quality) })
	}
	w.close()
	return string(w.b)
}

func segmentFields(w *object, s *store.Segment) {
	w.text("offer", store.CleanID(s.Offer))
	w.text("queue", store.CleanID(s.Queue))
	w.text("agent", store.CleanID(s.Agent))
	w.text("why", store.CleanLine(s.Why))
	w.at("offered_at", &s.OfferedAt)
	w.at("ringing_at", s.RingingAt)
	w.at("answered_at", s.AnsweredAt)
	w.at("bridged_at", s.BridgedAt)
	w.at("ended_at", s.EndedAt)
	w.text("end", store.CleanID(s.End))
	w.number("talk_ms", s.TalkMS)
	w.number("hold_ms", s.HoldMS)
	w.number("wrap_up_ms", s.WrapUpMS)
	w.number("consult_ms", s.ConsultMS)
	w.text("kind", store.CleanID(s.Kind))
	w.text("transferred_to", store.CleanID(s.TransferredTo))
}

func legFields(w *object, l *store.Leg) {
	w.text("id", store.CleanID(l.ID))
	w.text("agent", store.CleanID(l.Agent))
	w.at("started_at", &l.StartedAt)
	w.at("ended_at", l.EndedAt)
	if e := l.End; e != nil {
		w.inner("end", func() {
			w.text("by", store.CleanID(e.By))
			w.text("cause", store.CleanID(e.Cause))
			w.number("sip", int64(e.SIP))
			w.number("q850", int64(e.Q850))
		})
	}
	w.inner("quality", func() { qualityFields(w, &l.Quality) })
}

func qualityFields(w *object, q *call.Quality) {
	w.number("packets_in", int64(q.PacketsIn))
	w.number("packets_out", int64(q.PacketsOut))
	w.number("lost", int64(q.Lost))
	w.fraction("loss_pct", q.LossPct)
	w.fraction("jitter_ms", q.JitterMS)
	w.fraction("rtt_ms", q.RTTMS)
	w.fraction("mos", q.MOS)
	w.text("codec", store.CleanLine(q.Codec))
}

func entryFields(w *object, e *store.TimelineEntry) {
	w.at("at", &e.At)
	w.number("seq", int64(e.Seq))
	w.text("type", store.CleanLine(e.Type))
	w.text("agent", store.CleanID(e.Agent))
	w.text("queue", store.CleanID(e.Queue))
	w.text("customer", store.CleanID(e.Customer))
	w.text("ticket", store.CleanID(e.Ticket))
	w.text("leg", store.CleanID(e.Leg))
	w.text("flow", store.CleanID(e.Flow))
	w.text("node", store.CleanLine(e.Node))
	w.text("exit", store.CleanLine(e.Exit))
	w.text("digits", store.CleanLine(e.Digits))
	w.text("by", store.CleanLine(e.By))
	w.text("reason", store.CleanLine(e.Reason))
	w.number("sip", int64(e.SIP))
	w.number("version", int64(e.Version))
	w.number("priority", int64(e.Priority))
	if e.Muted {
		w.key("muted")
		w.b = append(w.b, "true"...)
	}
	w.text("to", store.CleanID(e.To))
}

// object writes JSON objects, leaving out the fields that are zero.
type object struct{ b []byte }

func (w *object) open()  { w.b = append(w.b, '{') }
func (w *object) close() { w.b = append(w.b, '}') }

// key begins a field; names are ours and need no quoting.
func (w *object) key(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

func (w *object) inner(name string, fields func()) {
	w.key(name)
	w.open()
	fields()
	w.close()
}

func array[T any](w *object, name string, of []T, fields func(*object, *T)) {
	if len(of) == 0 {
		return
	}
	w.key(name)
	w.b = append(w.b, '[')
	for i := range of {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.open()
		fields(w, &of[i])
		w.close()
	}
	w.b = append(w.b, ']')
}

func (w *object) text(name, s string) {
	if s == "" {
		return
	}
	w.key(name)
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c > '~' {
			quoted, _ := json.Marshal(s) // a string can always be written
			w.b = append(w.b, quoted...)
			return
		}
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, s...)
	w.b = append(w.b, '"')
}

func (w *object) number(name string, n int64) {
	if n != 0 {
		w.key(name)
		w.b = strconv.AppendInt(w.b, n, 10)
	}
}

func (w *object) fraction(name string, f float64) {
	if f != 0 && !math.IsNaN(f) && !math.IsInf(f, 0) { // JSON has no word for those
		w.key(name)
		w.b = strconv.AppendFloat(w.b, f, 'g', -1, 64)
	}
}

func (w *object) at(name string, t *time.Time) {
	if t == nil || t.IsZero() {
		return
	}
	w.key(name)
	w.b = append(w.b, '"')
	w.b = t.AppendFormat(w.b, time.RFC3339Nano)
	w.b = append(w.b, '"')
}
