package agentdesk

import "errors"

// refusal is an error of the switchboard that says no for a reason the client can be told.
type refusal interface {
	error
	Refusal() (code string, params map[string]string, status int)
}

// asRefusal finds the switchboard's no in an error.
func asRefusal(err error) (code string, params map[string]string, status int, ok bool) {
	var r refusal
	if !errors.As(err, &r) {
		return "", nil, 0, false
	}
	code, params, status = r.Refusal()
	return code, params, status, true
}
