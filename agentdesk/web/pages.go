package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
)

// pages serves the built web pages from memory.
type pages struct {
	files map[string]page // by path in the folder
	build string          // hash of all of them
}

type page struct {
	body []byte
	mime string
	etag string
}

// entries are the pages that people open, by URL.
var entries = map[string]string{"/{$}": "index.html", "/desk": "desk.html", "/board": "board.html"}

func newPages(files fs.FS) (*pages, error) {
	p := &pages{files: map[string]page{}}
	all := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		all.Write([]byte(name))
		all.Write(sum[:])
		p.files[name] = page{body: body, mime: mimeOf(name), etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
		return nil
	})
	p.build = hex.EncodeToString(all.Sum(nil)[:8])
	return p, err
}

// mimeOf does not ask the machine's own table, which may be wrong or missing.
func mimeOf(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".webmanifest":
		return "application/manifest+json"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// entry serves one of the pages people open. They are asked for anew each time: a new build shows at once.
func (p *pages) entry(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f, ok := p.files[name]
		if !ok {
			f, ok = p.files["placeholder.html"]
		}
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		f.serve(w, r)
	}
}

// ServeHTTP serves everything else in the folder.
func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		WriteProblem(w, NewProblem(http.StatusMethodNotAllowed, proto.CodeMethodNotAllowed, "pages are only read", "allow", "GET, HEAD"))
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	f, ok := p.files[name]
	if !ok || strings.HasSuffix(name, ".html") {
		p.missing(w, r)
		return
	}
	// Vite writes a hash of the content into the names under assets, so these never change.
	cache := "no-cache"
	if strings.HasPrefix(name, "assets/") && path.Ext(name) != ".json" {
		cache = "public, max-age=31536000, immutable"
	}
	w.Header().Set("Cache-Control", cache)
	f.serve(w, r)
}

// missing says to a person that there is no such page, in both languages and with a way home; to a program as ever.
func (p *pages) missing(w http.ResponseWriter, r *http.Request) {
	f, ok := p.files["missing.html"]
	if !ok || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		WriteProblem(w, NewProblem(http.StatusNotFound, proto.CodeNotFound, "there is nothing here"))
		return
	}
	w.Header().Set("Content-Type", f.mime)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Vary", "Accept")
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		_, _ = w.Write(f.body) // a browser that went away needs no page
	}
}

func (f page) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", f.mime)
	w.Header().Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}
