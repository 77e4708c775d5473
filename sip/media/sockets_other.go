//go:build !linux

package media

import (
	"errors"
	"syscall"
)

func newSockets() (sockets, error) { return newPlainSockets(), nil }

// portTaken says whether opening failed because another program has the port.
func portTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// openFiles is none: these sockets are not kept open for another leg.
func openFiles() int { return 0 }
