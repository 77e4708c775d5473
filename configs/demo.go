package configs

import (
	"embed"
	"io/fs"
)

//go:generate go run ./makesounds -site demo

//go:embed demo
var demo embed.FS

// DemoDir is the folder of the demo site in DemoFS.
const DemoDir = "demo"

// DemoFS holds the demo site and its sounds.
func DemoFS() fs.FS { return demo }

// DemoSounds holds the demo's sounds: manifest.json, and files as it names them.
func DemoSounds() fs.FS {
	sub, err := fs.Sub(demo, DemoDir+"/"+SoundsFolder)
	if err != nil {
		panic(err) // the name is a constant, and valid
	}
	return sub
}
