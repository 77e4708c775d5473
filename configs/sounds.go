package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// CopySounds copies the sounds of a site's folder, with their manifest, into a folder of the machine, so
// that a site that is imported is heard as it was recorded. A site without sounds has none.
func CopySounds(fsys fs.FS, dir, into string) error {
	root := path.Join(dir, soundsFolder)
	err := fs.WalkDir(fsys, root, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if ext := path.Ext(file); ext != ".wav" && ext != ".json" {
			return nil
		}
		body, err := fs.ReadFile(fsys, file)
		if err != nil {
			return err
		}
		target := filepath.Join(into, filepath.FromSlash(strings.TrimPrefix(file, root+"/")))
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			return err
		}
		return os.WriteFile(target, body, 0o640)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("copy the site's sounds: %w", err)
	}
	return nil
}
