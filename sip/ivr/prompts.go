package ivr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"sync"

	"github.com/linedesk/linedesk/sip/media"
)

// Prompt is what callers can be told: a text per language tag, or the file of a sound without words.
type Prompt struct {
	Name  string
	Texts map[string]string
	File  string
}

// Options say where sounds come from.
type Options struct {
	// Folder holds the sounds that came with the site, with their manifest.json, and keeps what was rendered,
	// so that each text is rendered once. Made if it is not there.
	Folder string
	Speech Speech
	Log    *slog.Logger
}

// Prompts is the library of sounds, all in memory. Safe for concurrent use.
type Prompts struct {
	options Options

	loading sync.Mutex // one Load at a time; never taken with mu held
	mu      sync.RWMutex
	sounds  map[key]entry
	music   map[string]*media.Music // by name and hash of the sound
}

type key struct{ name, language string }

// entry is a sound and what it was made of.
type entry struct {
	sound media.Sound
	made  string // hash of the text or the file's name, and the file's size and time: the same again need not be loaded again
}

// NewPrompts makes an empty library.
func NewPrompts(o Options) *Prompts {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Prompts{options: o, sounds: map[key]entry{}, music: map[string]*media.Music{}}
}

// ErrNoSound is wrapped in the error for a prompt that cannot be heard.
var ErrNoSound = errors.New("no sound")

var nameOK = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// Load makes the library exactly these prompts: sounds that are committed or were rendered before are
// read, all others are rendered. If one cannot be had, the library stays as it was, and the error
// tells of each.
func (p *Prompts) Load(ctx context.Context, list []Prompt) error {
	p.loading.Lock()
	defer p.loading.Unlock()
	folder := os.DirFS(p.options.Folder)
	manifest, err := ReadManifest(folder)
	if err != nil {
		return err
	}
	p.mu.RLock()
	known := maps.Clone(p.sounds)
	p.mu.RUnlock()
	loader := loader{options: p.options, folder: folder, manifest: manifest, known: known, sounds: map[key]entry{}}
	if err := loader.load(ctx, list); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sounds = loader.sounds
	for name := range p.music {
		if !loader.has(name) {
			delete(p.music, name) // who hears it goes on hearing it
		}
	}
	return nil
}

// Get gives the sound of a prompt in a language. A sound without words is the same in all.
func (p *Prompts) Get(name, language string) (media.Sound, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	e, err := p.find(name, language)
	return e.sound, err
}

func (p *Prompts) find(name, language string) (entry, error) {
	if e, ok := p.sounds[key{name, language}]; ok {
		return e, nil
	}
	if e, ok := p.sounds[key{name, ""}]; ok {
		return e, nil
	}
	return entry{}, fmt.Errorf("prompt %q in %s: %w", name, language, ErrNoSound)
}

// Music gives the one stream of a sound without words that all who wait listen to.
func (p *Prompts) Music(name string) (*media.Music, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e, err := p.find(name, "")
	if err != nil {
		return nil, err
	}
	m := p.music[musicKey(name, e)]
	if m == nil {
		m = media.MusicOnHold(e.sound)
		p.music[musicKey(name, e)] = m
	}
	return m, nil
}

func musicKey(name string, e entry) string { return name + "\x00" + e.made }

// ManifestFile is the name of a manifest in its folder.
const ManifestFile = "manifest.json"

// Manifest lists the sounds of a folder with what they say.
type Manifest struct {
	Sounds []ManifestEntry `json:"sounds"`
}

// ManifestEntry is one sound.
type ManifestEntry struct {
	Prompt   string `json:"prompt"`
	Language string `json:"language"`
	File     string `json:"file"` // µ-law WAV, 8 kHz
	Text     string `json:"text"` // SHA-256 of the text: [HashText]
	// Voice is the speech command's that said it; empty: a person's. Who makes sounds renders anew what another voice said.
	Voice string `json:"voice,omitempty"`
}

// ReadManifest reads the manifest of a folder of sounds. A folder without one has none.
func ReadManifest(fsys fs.FS) (Manifest, error) {
	var m Manifest
	body, err := fs.ReadFile(fsys, ManifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("read the sounds' manifest: %w", err)
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return m, fmt.Errorf("read the sounds' manifest: %w", err)
	}
	return m, nil
}

// find gives the file that says this text, if there is one.
func (m Manifest) find(k key, hash string) (string, bool) {
	i := slices.IndexFunc(m.Sounds, func(e ManifestEntry) bool {
		return e.Prompt == k.name && e.Language == k.language && e.Text == hash
	})
	if i < 0 {
		return "", false
	}
	return m.Sounds[i].File, true
}
