package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Problem is one mistake in a configuration. Code and Params say it to programs, so that pages can say it in
// their reader's language; Detail says it in English: what is wrong, and what to write instead.
type Problem struct {
	Code   ProblemCode `json:"code"`
	Params Params      `json:"params,omitempty"`
	// Path is the setting: "queues/support.ring_timeout" is a key of the queue "support", "sip.udp" one of
	// linedesk.yaml. Empty: the file as a whole.
	Path   string `json:"path,omitempty"`
	File   string `json:"file,omitempty"` // as it was opened, or the document: "queues/support"
	Line   int    `json:"line,omitempty"` // 0: the file as a whole
	Detail string `json:"detail"`
}

// Params are what a problem's sentence is about, by name.
type Params map[string]string

// NewProblem makes a problem whose place is not known yet. The code must be one of [ProblemCodes].
func NewProblem(code ProblemCode, params Params) Problem {
	s := sentences[code]
	return Problem{Code: code, Params: params, Detail: fill(s.what, params) + "; " + fill(s.fix, params)}
}

// fill takes the first form of which all parameters are given: {x} stands for one as it is, <x> for one in quotes.
func fill(forms []string, params Params) string {
	for _, form := range forms {
		if text, ok := fillOne(form, params); ok {
			return text
		}
	}
	return ""
}

func fillOne(form string, params Params) (text string, ok bool) {
	var b strings.Builder
	for {
		at := strings.IndexAny(form, "{<")
		if at < 0 {
			b.WriteString(form)
			return b.String(), true
		}
		end := at + strings.IndexAny(form[at:], "}>")
		value, given := params[form[at+1:end]]
		if !given {
			return "", false
		}
		if form[at] == '<' {
			value = strconv.Quote(value)
		}
		b.WriteString(form[:at])
		b.WriteString(value)
		form = form[end+1:]
	}
}

func (p Problem) String() string {
	where := p.File
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return where + ": " + p.Detail
}

// Problems is all that is wrong, sorted by file and line. Empty: nothing.
type Problems []Problem //nolint:errname // a list, which can be read as one error

// Error gives one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, 0, len(ps))
	for _, p := range ps {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// Err is nil if there are no problems. (A nil Problems in an error is not a nil error.)
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Sorted gives the problems by file and line, each once.
func (ps Problems) Sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Detail, b.Detail))
	})
	return slices.CompactFunc(ps, func(a, b Problem) bool {
		return a.File == b.File && a.Line == b.Line && a.Detail == b.Detail
	})
}
