// Command tsgen writes the desk protocol's TypeScript types from the Go sources of package proto:
//
//	tsgen DIR FILE
//
// reads the package in DIR and writes FILE. It knows what the protocol uses and refuses anything else.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: tsgen DIR FILE")
		os.Exit(2)
	}
	src, err := Generate(os.Args[1])
	if err == nil {
		err = os.WriteFile(os.Args[2], src, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tsgen:", err)
		os.Exit(1)
	}
}
