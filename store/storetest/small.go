//go:build linux

package storetest

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// SmallDisk gives a folder on a real file system of its own with so many bytes of room, and functions that fill
// it up to the last block and make room again. It needs the right to mount (root); the test is skipped without.
func SmallDisk(tb testing.TB, size string) (dir string, fill, free func()) {
	tb.Helper()
	dir = tb.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0777,size="+size); err != nil {
		tb.Skipf("no small disk to fill: %v (mounting one needs root)", err)
	}
	tb.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			tb.Errorf("unmount the small disk: %v", err)
		}
	})
	filler := filepath.Join(dir, "filler")
	fill = func() {
		f, err := os.OpenFile(filler, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			tb.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		for block := make([]byte, 4096); ; {
			if _, err := f.Write(block); err != nil {
				return // no space left
			}
		}
	}
	free = func() {
		if err := os.Remove(filler); err != nil {
			tb.Fatal(err)
		}
	}
	return dir, fill, free
}
