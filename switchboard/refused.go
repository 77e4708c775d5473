package switchboard

import (
	"slices"
	"strings"
)

// RefusedError is an answer to a command that can not be carried out. Clients translate the code.
type RefusedError struct {
	Code   string            // stable, such as "agent_busy"
	Params map[string]string // what the text may name
	Status int               // the HTTP status that fits
}

func (e *RefusedError) Error() string {
	var params []string
	for k, v := range e.Params {
		params = append(params, k+"="+v)
	}
	slices.Sort(params)
	return strings.Join(append([]string{"refused: " + e.Code}, params...), " ")
}

// refuse makes a RefusedError from a status, a code and pairs of parameter and value.
func refuse(status int, code string, pairs ...string) *RefusedError {
	e := &RefusedError{Code: code, Status: status}
	for i := 0; i+1 < len(pairs); i += 2 {
		if e.Params == nil {
			e.Params = make(map[string]string)
		}
		e.Params[pairs[i]] = pairs[i+1]
	}
	return e
}
