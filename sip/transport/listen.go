package transport

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// listenError says what is in the way of listening, and what to change.
func listenError(p Proto, addr netip.AddrPort, setting string, err error) error {
	what := "listen for SIP on " + p.Param() + " " + addr.String()
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s: another program has this port; stop it, or change %s: %w", what, setting, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s: this machine does not have this address; change %s: %w", what, setting, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s: a port below 1024 needs more rights; change %s: %w", what, setting, err)
	}
	return fmt.Errorf("%s (set by %s): %w", what, setting, err)
}
