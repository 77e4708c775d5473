package sdp

import (
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// ContentType is the media type of a description.
const ContentType = "application/sdp"

// FromBody finds the description in a message's body: the body itself, or the first part of that type
// in a multipart body (RFC 5621), which gateways send for the sake of their other network. It gives
// false if there is none.
func FromBody(contentType, body string) (string, bool) {
	kind, _, _ := strings.Cut(contentType, ";")
	kind = strings.TrimSpace(kind)
	if strings.EqualFold(kind, ContentType) {
		return body, true
	}
	if len(kind) < 10 || !strings.EqualFold(kind[:10], "multipart/") {
		return "", false
	}
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return "", false
	}
	r := multipart.NewReader(strings.NewReader(body), params["boundary"])
	for range maxMedia {
		part, err := r.NextRawPart()
		if err != nil {
			return "", false
		}
		kind, _, _ = strings.Cut(part.Header.Get("Content-Type"), ";")
		if strings.EqualFold(strings.TrimSpace(kind), ContentType) {
			b, err := io.ReadAll(io.LimitReader(part, maxSize+1))
			return string(b), err == nil
		}
	}
	return "", false
}
