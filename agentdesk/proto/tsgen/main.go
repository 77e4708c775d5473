// Command tsgen writes the desk protocol's TypeScript types from the Go sources of package proto:
//
//	tsgen DIR FILE [DIR ...]
//
// reads the package in DIR and writes FILE. The further folders hold the packages whose closed sets (string types with
// constants) the protocol uses. It knows what the protocol uses and refuses anything else.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: tsgen DIR FILE [DIR ...]")
		os.Exit(2)
	}
	other := map[string]string{}
	for _, dir := range os.Args[3:] {
		other[filepath.Base(dir)] = dir
	}
	src, err := Generate(os.Args[1], other)
	if err == nil {
		err = os.WriteFile(os.Args[2], src, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tsgen:", err)
		os.Exit(1)
	}
}
