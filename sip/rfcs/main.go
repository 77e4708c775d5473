// Command rfcs writes docs/rfc.md, which RFCs we follow and how far, from the citations in the comments of our Go code:
//
//	rfcs ROOT FILE
package main

import (
	"fmt"
	"os"
)

//go:generate go run . ../.. ../../docs/rfc.md

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: rfcs ROOT FILE")
		os.Exit(2)
	}
	all, err := Walk(os.Args[1])
	if err == nil {
		err = os.WriteFile(os.Args[2], []byte(Page(all)), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rfcs:", err)
		os.Exit(1)
	}
}
