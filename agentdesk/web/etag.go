package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/linedesk/linedesk/agentdesk/proto"
)

// ETag names a version of a record (RFC 9110, 8.8.3).
func ETag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// BodyETag names a body that has no version of its own by a hash of it: what two principals see differently has two
// tags, and what they see alike has one.
func BodyETag(body any) (string, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return "", fmt.Errorf("hash an answer: %w", err)
	}
	sum := sha256.Sum256(raw)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:]) + `"`, nil
}

// HasAlready tells whether the client has the version with a tag, by its If-None-Match: then 304 is the answer (RFC 9110,
// 13.1.2). Weak tags count as strong ones there.
func HasAlready(tag, ifNoneMatch string) bool {
	if strings.TrimSpace(ifNoneMatch) == "*" {
		return true
	}
	for t := range strings.SplitSeq(ifNoneMatch, ",") {
		if strings.TrimPrefix(strings.TrimSpace(t), "W/") == tag {
			return true
		}
	}
	return false
}

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
