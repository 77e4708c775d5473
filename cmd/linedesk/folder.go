package main

import (
	"errors"
	"flag"
	"path/filepath"
)

// place is where a server keeps things: what commands need that work on its folder without being it.
type place struct {
	data string // the data folder
	db   string // URL; empty: linedesk.db in the folder
}

// journal is the folder of the journal's segments.
func (p place) journal() string { return filepath.Join(p.data, "journal") }

// database is the URL or the file.
func (p place) database() string {
	if p.db != "" {
		return p.db
	}
	return filepath.Join(p.data, "linedesk.db")
}

// placeFlags adds the flags that say where; the function gives the place once they are parsed.
func placeFlags(flags *flag.FlagSet) func() (place, error) {
	file := flags.String("config", "", "the process file (see configs/linedesk.yaml)")
	data := flags.String("data", "", "the data folder, where there is no process file (the demo's is \"data\")")
	db := flags.String("db", "", "database URL (postgres://…), with --data; empty: SQLite in the data folder")
	return func() (place, error) {
		switch {
		case *file != "" && (*data != "" || *db != ""):
			return place{}, errors.New("give --config FILE, or --data FOLDER with perhaps --db URL, not both: the process file names them")
		case *data != "":
			return place{data: *data, db: *db}, nil
		case *file == "":
			return place{}, errors.New("say where: --config FILE, or --data FOLDER (and --db URL where the database is not in it)")
		}
		process, err := loadProcess(*file)
		if err != nil {
			return place{}, err
		}
		return place{data: process.Data, db: process.Database}, nil
	}
}

// parseWith reads flags that may stand before and behind a word, and gives the words.
func parseWith(flags *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, errUsage // flag has said what is wrong
		}
		args = flags.Args()
		if len(args) == 0 {
			return words, nil
		}
		words, args = append(words, args[0]), args[1:]
	}
}
