package web

import (
	"embed"
	"io/fs"
)

// The pages' sources are beside this file; `make build` puts what Vite makes of them into dist, which is not committed
// but for a placeholder, so that the server builds before npm ran.
//
//go:embed all:dist
var dist embed.FS

// Dist is the folder of built pages: index.html, desk.html, board.html and assets/, or placeholder.html
// alone.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is a constant and valid
	}
	return sub
}
