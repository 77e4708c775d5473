package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/linedesk/linedesk/agentdesk/proto"
)

// afterTime is how long a reading request waits for what it wants to see.
const afterTime = 2 * time.Second

// Written is what came of a route that gives nothing else.
type Written struct {
	Body struct {
		Seq uint64 `json:"seq" doc:"The journal's number of what was done: GET …?after=SEQ shows it"`
	}
}

// Wrote gives the journal's number of what a command did, or why it was not done.
func Wrote(seq uint64, err error) (*Written, error) {
	if err != nil {
		return nil, err
	}
	w := &Written{}
	w.Body.Seq = seq
	return w, nil
}

// Seq is the journal's number that everything reaches to by now. It stands for what is written to the database alone, and
// shows there at once.
func (s *Server) Seq() uint64 { return s.live.Version() }

// afterParam is the parameter that every GET takes.
var afterParam = huma.Param{
	Name: "after", In: "query", Schema: &huma.Schema{Type: "integer", Format: "int64", Minimum: new(float64)},
	Description: "Answer when what the journal has up to this number, the seq of a writing answer, shows here: within 2 s, or 504 not_yet",
}

// await waits until what the request wants to see shows, and takes that wish out of it.
func (s *Server) await(r *http.Request, rows bool) error {
	query := r.URL.Query()
	text, has := query.Get("after"), query.Has("after")
	if !has {
		return nil
	}
	query.Del("after")
	r.URL.RawQuery = query.Encode()
	seq, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return NewProblem(http.StatusUnprocessableEntity, proto.CodeBadValue, "query.after: write the seq of a writing answer", "field", "after")
	}
	ctx, cancel := context.WithTimeout(r.Context(), afterTime)
	defer cancel()
	err = s.live.WaitFor(ctx, seq)
	if err == nil && rows {
		err = s.AwaitRows(ctx, seq)
	}
	switch {
	case err == nil:
		return nil
	case r.Context().Err() != nil:
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return NewProblem(http.StatusGatewayTimeout, proto.CodeNotYet, "what was done by then does not show yet: ask again",
			"after", text, "seq", strconv.FormatUint(s.live.Version(), 10))
	}
	return err
}

// AwaitRows waits until the rows of every record up to a number are in the database, or the context ends.
func (s *Server) AwaitRows(ctx context.Context, seq uint64) error {
	if s.rows == nil {
		return nil
	}
	return s.rows(ctx, seq)
}
