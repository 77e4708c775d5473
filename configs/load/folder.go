// Package load reads and checks the configuration: linedesk.yaml, a site's folder, a site's documents.
//
// Everything is read as a whole and checked as a whole: whatever is wrong is listed at once as
// [configs.Problems], each with its place and what to write instead. Nothing starts half-configured.
//
// People write a site as a folder of a few files; it is kept as a document per item (a user, a queue, a trunk), so
// that two administrators who change two queues do not get in each other's way. [Documents] takes a folder apart,
// [Files] puts it together again.
package load

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/linedesk/linedesk/configs"
)

// file is a file of a site's folder.
type file struct {
	rel        string // path in the folder
	kind, name string
	body       string
}

// readFolder reads every file of a folder. Files that are no part of a site are problems: with a misspelt name a
// part of the site would silently not be there.
func readFolder(fsys fs.FS, dir string) ([]file, configs.Problems) {
	var (
		files    []file
		problems configs.Problems
	)
	add := func(file string, code configs.ProblemCode, p params) {
		problem := configs.NewProblem(code, p)
		problem.File = file
		problems = append(problems, problem)
	}
	err := fs.WalkDir(fsys, path.Clean(dir), func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(strings.TrimPrefix(name, path.Clean(dir)), "/")
		if e.IsDir() {
			if rel == configs.SoundsFolder || strings.HasPrefix(e.Name(), ".") && rel != "" {
				return fs.SkipDir
			}
			return nil
		}
		f, ok := fileOf(rel)
		if !ok {
			if later := strings.TrimSuffix(rel, ".yaml"); slices.Contains(notYet, later) {
				add(name, configs.NotYetInForce, params{"name": later})
			} else if !strings.HasPrefix(e.Name(), ".") && path.Ext(rel) != ".md" {
				add(name, configs.NotADocument, strayFile(rel))
			}
			return nil
		}
		body, err := fs.ReadFile(fsys, name)
		if err != nil {
			add(name, configs.Unreadable, params{"error": rootCause(err)})
			return nil
		}
		f.body = string(body)
		files = append(files, f)
		return nil
	})
	if err != nil {
		add(dir, configs.FolderUnreadable, params{"error": rootCause(err)})
	}
	return files, problems
}

// fileOf tells what a file is by its path in the folder.
func fileOf(rel string) (file, bool) {
	base, isYAML := strings.CutSuffix(rel, ".yaml")
	if !isYAML {
		return file{}, false
	}
	if _, known := kindOf(base); known {
		return file{rel: rel, kind: base, name: MainDocument}, true
	}
	name, isFlow := strings.CutPrefix(base, KindFlow+"/")
	return file{rel: rel, kind: KindFlow, name: name}, isFlow && !strings.Contains(name, "/")
}

func strayFile(rel string) params {
	known := make([]string, 0, len(kinds))
	for _, k := range kinds {
		known = append(known, k.name+".yaml")
	}
	p := params{"known": strings.Join(known, ", ")}
	if near := nearest(rel, known); near != "" {
		p["near"] = near
	}
	return p
}

func rootCause(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}
