package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"
)

// SoundsFolder is the folder in a site's folder that holds sounds and their manifest. It is no document.
const SoundsFolder = "sounds"

// CopySounds copies the sounds of a site, with their manifest, over what is in a folder of the machine. A
// site without sounds has none.
func CopySounds(sounds fs.FS, into string) error { return copySounds(sounds, into, true) }

// AddSounds copies those sounds of a site that are not there yet.
func AddSounds(sounds fs.FS, into string) error { return copySounds(sounds, into, false) }

func copySounds(sounds fs.FS, into string, over bool) error {
	err := fs.WalkDir(sounds, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if ext := path.Ext(file); ext != ".wav" && ext != ".json" {
			return nil
		}
		target := filepath.Join(into, filepath.FromSlash(file))
		if _, err := os.Stat(target); err == nil && !over {
			return nil
		}
		body, err := fs.ReadFile(sounds, file)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			return err
		}
		// Whole or not at all: a server may be reading it, and half a sound that is there would not be copied again.
		return maybe.WriteFile(target, body, 0o600)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("copy the site's sounds: %w", err)
	}
	return nil
}
