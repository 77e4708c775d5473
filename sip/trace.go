package sip

import (
	"context"
	"log/slog"
	"strings"

	"github.com/linedesk/linedesk/sip/transport"
)

// LevelTrace is below debug: every message as sent and received, secrets blanked.
const LevelTrace = slog.LevelDebug - 4

// trace logs a message, if anybody wants to see that much.
func (e *Endpoint) trace(way string, f transport.Flow, b []byte) {
	if !e.traced {
		return
	}
	e.log.LogAttrs(context.Background(), LevelTrace, "SIP message", slog.String("way", way), slog.String("proto", f.Proto().String()),
		slog.String("peer", f.Remote.String()), slog.String("message", blanked(string(b))))
}

// blanked takes what could be used against a password out of a message.
func blanked(s string) string {
	if !strings.Contains(s, "uthorization") {
		return s
	}
	lines := strings.Split(s, "\r\n")
	for i, l := range lines {
		name, _, ok := strings.Cut(l, ":")
		if ok && strings.HasSuffix(strings.ToLower(strings.TrimSpace(name)), "authorization") {
			lines[i] = name + ": (blanked)"
		}
	}
	return strings.Join(lines, "\r\n")
}
