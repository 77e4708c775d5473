package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/linedesk/linedesk/agentdesk/proto"
)

// ETag names a version of a record (RFC 9110, 8.8.3).
func ETag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// CheckVersion compares what the client read with what there is. If-Match that does not fit gives 412
// (RFC 9110, 13.1.1), a version in the body 409; neither means: whatever is there now.
func CheckVersion(have int, ifMatch string, body int) error {
	if ifMatch != "" && ifMatch != "*" {
		for tag := range strings.SplitSeq(ifMatch, ",") {
			if strings.TrimSpace(tag) == ETag(have) {
				return nil
			}
		}
		return NewProblem(http.StatusPreconditionFailed, proto.CodeChangedMeanwhile, "somebody else has changed it since you read it: read it again",
			"version", strconv.Itoa(have))
	}
	if body != 0 && body != have {
		return NewProblem(http.StatusConflict, proto.CodeChangedMeanwhile, "somebody else has changed it since you read it: read it again",
			"version", strconv.Itoa(have))
	}
	return nil
}
