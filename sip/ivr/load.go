package ivr

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/renameio/v2/maybe"

	"github.com/linedesk/linedesk/sip/media"
)

// HashText is the SHA-256 of a text in hexadecimal: what a sound is known by.
func HashText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// renderers is how many speech commands run at once.
const renderers = 2

// loader is one Load in the making.
type loader struct {
	options  Options
	folder   fs.FS
	manifest Manifest
	known    map[key]entry

	mu       sync.Mutex // guards what follows
	sounds   map[key]entry
	problems []error
}

func (l *loader) load(ctx context.Context, list []Prompt) error {
	slots := make(chan struct{}, renderers)
	var wg sync.WaitGroup
	for _, p := range list {
		if !nameOK.MatchString(p.Name) {
			l.fail(fmt.Errorf("prompt %q: its name may have letters, digits, _ and - only", p.Name))
			continue
		}
		if p.File != "" {
			l.keep(key{p.Name, ""}, p.File+l.stamp(p.File), func() (media.Sound, error) { return l.file(p.File) })
			continue
		}
		for _, language := range slices.Sorted(maps.Keys(p.Texts)) {
			wg.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				k, text := key{p.Name, language}, p.Texts[language]
				made := l.made(k, text)
				if file, ok := l.spoken(k, text); ok {
					made += l.stamp(file)
				}
				l.keep(k, made, func() (media.Sound, error) { return l.text(ctx, k, text) })
			})
		}
	}
	wg.Wait()
	slices.SortFunc(l.problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(l.problems...)
}

// keep takes a sound from what is in memory already, or else gets it.
func (l *loader) keep(k key, made string, get func() (media.Sound, error)) {
	e := l.known[k]
	if e.made != made {
		sound, err := get()
		if err != nil {
			l.fail(fmt.Errorf("prompt %q%s: %w: %w", k.name, inLanguage(k.language), ErrNoSound, err))
			return
		}
		e = entry{sound: sound, made: made}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sounds[k] = e
}

func (l *loader) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.problems = append(l.problems, err)
}

// has says whether music that is being heard is still the same.
func (l *loader) has(music string) bool {
	for k, e := range l.sounds {
		if musicKey(k.name, e) == music {
			return true
		}
	}
	return false
}

func inLanguage(language string) string {
	if language == "" {
		return ""
	}
	return " in " + language
}

// file reads a sound without words.
func (l *loader) file(name string) (media.Sound, error) {
	sound, err := l.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return sound, fmt.Errorf("the file %s is missing: put it into the site's sounds folder and import the site", name)
	}
	return sound, err
}

// made is what the sound of a text depends on.
func (l *loader) made(k key, text string) string {
	s := l.options.Speech
	return HashText(strings.Join(append(slices.Clone(s.Command), s.Voices[k.language], text), "\x00"))
}

// stamp tells a file from the one of the same name that was there before; empty: there is none.
func (l *loader) stamp(name string) string {
	info, err := fs.Stat(l.folder, name)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("\x00%d\x00%d", info.Size(), info.ModTime().UnixNano())
}

// spoken is the file that the manifest has for a text.
func (l *loader) spoken(k key, text string) (string, bool) { return l.manifest.find(k, HashText(text)) }

// text finds the sound of a text, or renders it.
func (l *loader) text(ctx context.Context, k key, text string) (media.Sound, error) {
	if file, ok := l.spoken(k, text); ok {
		return l.read(file)
	}
	if !nameOK.MatchString(k.language) {
		return media.Sound{}, fmt.Errorf("%q is no language tag", k.language)
	}
	rendered := fmt.Sprintf("%s/%s-%s.wav", k.language, k.name, l.made(k, text)[:16])
	sound, err := l.read(rendered)
	if err == nil {
		return sound, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		l.options.Log.WarnContext(ctx, "a kept sound cannot be read and is rendered again",
			slog.String("file", rendered), slog.Any("error", err))
	}
	return l.render(ctx, k, text, rendered)
}

func (l *loader) render(ctx context.Context, k key, text, rendered string) (media.Sound, error) {
	began := time.Now()
	sound, wav, err := l.options.Speech.Render(ctx, k.language, text)
	if err != nil {
		return media.Sound{}, err
	}
	l.options.Log.InfoContext(ctx, "prompt rendered", slog.String("prompt", k.name), slog.String("language", k.language),
		slog.Duration("length", sound.Duration()), slog.Duration("took", time.Since(began)))
	if err := writeSound(filepath.Join(l.options.Folder, filepath.FromSlash(rendered)), wav); err != nil {
		// The caller hears it all the same; the next start has to render it again.
		l.options.Log.WarnContext(ctx, "the sound of a prompt cannot be kept", slog.Any("error", err))
	}
	return sound, nil
}

// read takes a sound from the folder.
func (l *loader) read(name string) (media.Sound, error) {
	body, err := fs.ReadFile(l.folder, name)
	if err != nil {
		return media.Sound{}, fmt.Errorf("read %s: %w", name, err)
	}
	sound, err := media.LoadWAV(bytes.NewReader(body))
	if err != nil {
		return media.Sound{}, fmt.Errorf("%s: %w", name, err)
	}
	return sound, nil
}

// writeSound puts a whole file in its place, or none: half a sound would be heard for ever.
func writeSound(file string, wav []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return fmt.Errorf("keep a sound: %w", err)
	}
	if err := maybe.WriteFile(file, wav, 0o600); err != nil {
		return fmt.Errorf("keep a sound: %w", err)
	}
	return nil
}
