//go:build !unix

package journal

import (
	"errors"
	"os"
)

func flock(*os.File) error {
	return errors.New("folders can be locked on Unix systems only")
}
