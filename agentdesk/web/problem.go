package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/ticket"
	"github.com/linedesk/linedesk/switchboard"
)

// Problem is an error as clients see it (RFC 9457). Code and Params are stable: pages translate them.
// Detail is English, for logs.
type Problem struct { //nolint:errname // the word of RFC 9457
	Type   string            `json:"type" doc:"Always about:blank: the code tells"`
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Code   proto.ErrorCode   `json:"code" doc:"Stable name of what went wrong"`
	Params map[string]string `json:"params,omitempty" doc:"What the text of the error may name"`
	Detail string            `json:"detail,omitempty" doc:"English, for logs"`
	Errors []FieldProblem    `json:"errors,omitempty" doc:"Each mistake in the request"`

	retryAfter time.Duration
}

// FieldProblem is one mistake in a request.
type FieldProblem struct {
	Code     proto.ErrorCode `json:"code"`
	Location string          `json:"location" doc:"Such as body.reason or query.limit"`
	Detail   string          `json:"detail"`
}

// TransformSchema implements huma.SchemaTransformer: clients get the closed list of codes.
func (*Problem) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema { return withCodes(s) }

// TransformSchema implements huma.SchemaTransformer.
func (*FieldProblem) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return withCodes(s)
}

// withCodes adds the codes of [proto.Codes] to a schema that has one as "code".
func withCodes(s *huma.Schema) *huma.Schema {
	code := s.Properties["code"]
	for _, c := range slices.Sorted(maps.Keys(proto.Codes)) {
		code.Enum = append(code.Enum, string(c))
	}
	return s
}

func (p *Problem) Error() string { return string(p.Code) + ": " + p.Detail }

// GetStatus makes it huma's error.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is RFC 9457's own.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders adds Retry-After (RFC 9110, 10.2.3), in whole seconds.
func (p *Problem) GetHeaders() http.Header {
	if p.retryAfter <= 0 {
		return nil
	}
	secs := int64((p.retryAfter + time.Second - 1) / time.Second)
	return http.Header{"Retry-After": {strconv.FormatInt(secs, 10)}}
}

// NewProblem makes a Problem; pairs are parameter and value.
func NewProblem(status int, code proto.ErrorCode, detail string, pairs ...string) *Problem {
	p := &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
	for i := 0; i+1 < len(pairs); i += 2 {
		if p.Params == nil {
			p.Params = make(map[string]string)
		}
		p.Params[pairs[i]] = pairs[i+1]
	}
	return p
}

// NotFound says that there is no such thing, or none that the principal may see.
func NotFound(what, id string) *Problem {
	return NewProblem(http.StatusNotFound, proto.CodeNotFound, fmt.Sprintf("there is no %s %q that you may see", what, id),
		"object", what, "id", id)
}

// AsProblem turns any error of a handler or command into what the client gets. What is our own fault is
// logged, and the client learns no more than that.
func (s *Server) AsProblem(ctx context.Context, err error) *Problem {
	var p *Problem
	var refused *switchboard.RefusedError
	var rule *ticket.RefusedError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refused):
		p = NewProblem(cmp.Or(refused.Status, http.StatusConflict), proto.ErrorCode(refused.Code), refused.Error())
		p.Params = maps.Clone(refused.Params)
		return p
	case errors.As(err, &rule):
		return NewProblem(http.StatusUnprocessableEntity, proto.ErrorCode(rule.Code), rule.Error(), rule.Params...)
	case errors.Is(err, store.ErrNotFound):
		return NewProblem(http.StatusNotFound, proto.CodeNotFound, err.Error())
	case errors.Is(err, store.ErrConflict):
		return NewProblem(http.StatusConflict, proto.CodeChangedMeanwhile, "somebody else has changed it since you read it: read it again")
	case errors.Is(err, store.ErrExists):
		return NewProblem(http.StatusConflict, proto.CodeExists, err.Error())
	case errors.Is(err, store.ErrBadCursor):
		return NewProblem(http.StatusUnprocessableEntity, proto.CodeBadCursor, store.ErrBadCursor.Error())
	case errors.Is(err, store.ErrInvalid):
		return NewProblem(http.StatusUnprocessableEntity, proto.CodeInvalid, err.Error())
	case errors.Is(err, context.Canceled):
		return NewProblem(499, proto.CodeClientGone, "the client went away")
	case errors.Is(err, context.DeadlineExceeded):
		s.log.WarnContext(ctx, "answer took too long", slog.Any("error", err))
		return NewProblem(http.StatusServiceUnavailable, proto.CodeTooSlow, "the server did not get it done in time")
	}
	s.log.ErrorContext(ctx, "request not carried out", slog.Any("error", err))
	return NewProblem(http.StatusServiceUnavailable, proto.CodeUnavailable, "the server could not do it now; its log says why")
}

// wire gives the error as the desk protocol has it.
func (p *Problem) wire() *proto.Error {
	return &proto.Error{Code: p.Code, Params: p.Params, Detail: p.Detail}
}

// humaProblem is huma's maker of errors: what it finds wrong with a request before our handlers see it.
// The values are left out: one of them may be a password.
func humaProblem(status int, msg string, errs ...error) huma.StatusError {
	p := NewProblem(status, codeOf(status), msg)
	for _, err := range errs {
		if err == nil {
			continue
		}
		var own *Problem
		if errors.As(err, &own) {
			return own
		}
		d := &huma.ErrorDetail{Message: err.Error()}
		if ed, ok := err.(huma.ErrorDetailer); ok { //nolint:errorlint // huma's contract: the error itself
			d = ed.ErrorDetail()
		}
		p.Errors = append(p.Errors, fieldProblem(d))
	}
	slices.SortStableFunc(p.Errors, func(a, b FieldProblem) int { return cmp.Compare(a.Location, b.Location) })
	if len(p.Errors) > 0 {
		first := p.Errors[0]
		p.Code, p.Detail = first.Code, first.Detail
		if _, field, ok := strings.Cut(first.Location, "."); ok {
			p.Params = map[string]string{"field": field}
		}
	}
	return p
}

// fieldProblem reads huma's messages, which are all that it gives.
func fieldProblem(d *huma.ErrorDetail) FieldProblem {
	f := FieldProblem{Code: proto.CodeBadValue, Location: d.Location, Detail: d.Location + ": " + d.Message}
	const missing = "expected required property "
	switch {
	case d.Message == "unexpected property":
		f.Code = proto.CodeUnknownField
		f.Detail = d.Location + ": there is no such field"
	case d.Message == "unknown query parameter":
		f.Code = proto.CodeUnknownParameter
	case strings.HasPrefix(d.Message, missing):
		name, _, _ := strings.Cut(strings.TrimPrefix(d.Message, missing), " ")
		f.Code, f.Location = proto.CodeMissingField, d.Location+"."+name
		f.Detail = f.Location + ": this field must be given"
	case strings.HasPrefix(d.Message, "required "):
		f.Code = proto.CodeMissingParameter
	}
	return f
}

func codeOf(status int) proto.ErrorCode {
	switch status {
	case http.StatusBadRequest:
		return proto.CodeBadRequest
	case http.StatusRequestEntityTooLarge:
		return proto.CodeTooLarge
	case http.StatusUnsupportedMediaType:
		return proto.CodeUnsupportedMedia
	case http.StatusRequestTimeout:
		return proto.CodeTooSlow
	case http.StatusUnprocessableEntity:
		return proto.CodeInvalid
	case http.StatusNotFound:
		return proto.CodeNotFound
	}
	return proto.CodeError
}

func init() {
	// huma keeps these for the whole process; no other package of ours uses it.
	huma.NewError = humaProblem
	huma.ValidateStrictCasing = true
}

// WriteProblem answers a request that huma does not handle.
func WriteProblem(w http.ResponseWriter, p *Problem) {
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// AsNotFound names what was not found.
func AsNotFound(err error, what, id string) error {
	if errors.Is(err, store.ErrNotFound) {
		return NotFound(what, id)
	}
	return err
}
