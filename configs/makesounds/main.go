// Command makesounds makes the sounds of a site's folder again: it renders each text of prompts.yaml
// whose sound is not there or is another voice's, removes sounds of texts that are no more, and writes the manifest. It is
// run by hand after a text was changed (go generate ./configs); the server itself renders what is
// missing into its data folder.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/load"
	"github.com/linedesk/linedesk/sip/ivr"
	"github.com/linedesk/linedesk/sip/media"
)

func main() {
	dir := flag.String("site", "configs/demo", "folder of the site")
	music := flag.Bool("music", false, "make beep.wav and hold.wav again")
	flag.Parse()
	if err := run(context.Background(), *dir, *music); err != nil {
		slog.Error("the sounds could not be made", slog.Any("error", err))
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, music bool) error {
	root := filepath.Join(dir, "sounds")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if music {
		if err := makeMusic(root); err != nil {
			return err
		}
	}
	site, problems := load.Site(os.DirFS(dir), ".")
	if err := problems.Err(); err != nil {
		return err
	}
	old, err := ivr.ReadManifest(os.DirFS(root))
	if err != nil {
		return err
	}
	var manifest ivr.Manifest
	for _, name := range slices.Sorted(maps.Keys(site.Prompts)) {
		texts := site.Prompts[name].Texts
		for _, language := range slices.Sorted(maps.Keys(texts)) {
			e := ivr.ManifestEntry{
				Prompt: name, Language: language, File: language + "/" + name + ".wav", Text: ivr.HashText(texts[language]),
				Voice: configs.DefaultSpeech().Voices[language],
			}
			if err := render(ctx, root, old, e, texts[language]); err != nil {
				return fmt.Errorf("prompt %s in %s: %w", name, language, err)
			}
			manifest.Sounds = append(manifest.Sounds, e)
		}
	}
	return errorsOf(writeManifest(root, manifest), removeOthers(root, site, manifest))
}

func errorsOf(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

func render(ctx context.Context, root string, old ivr.Manifest, e ivr.ManifestEntry, text string) error {
	file := filepath.Join(root, filepath.FromSlash(e.File))
	if _, err := os.Stat(file); err == nil && slices.Contains(old.Sounds, e) {
		return nil
	}
	speech := configs.DefaultSpeech()
	sound, wav, err := ivr.Speech{Command: speech.Command, Voices: speech.Voices}.Render(ctx, e.Language, text)
	if err != nil {
		return err
	}
	slog.Info("rendered", slog.String("file", file), slog.Duration("length", sound.Duration()))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	return os.WriteFile(file, wav, 0o644)
}

func writeManifest(root string, m ivr.Manifest) error {
	body, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return os.WriteFile(filepath.Join(root, ivr.ManifestFile), append(body, '\n'), 0o644)
}

// removeOthers removes sounds that no prompt has any more.
func removeOthers(root string, site *configs.Site, m ivr.Manifest) error {
	keep := map[string]bool{}
	for _, e := range m.Sounds {
		keep[e.File] = true
	}
	for _, p := range site.Prompts {
		keep[p.File] = true
	}
	return filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(root, file)
		if err != nil || relErr != nil || e.IsDir() || !strings.HasSuffix(file, ".wav") || keep[filepath.ToSlash(rel)] {
			return errorsOf(err, relErr)
		}
		slog.Info("removed", slog.String("file", file))
		return os.Remove(file)
	})
}

func makeMusic(root string) error {
	for name, pcm := range map[string][]float64{"beep.wav": beep(), "hold.wav": holdMusic()} {
		sound, err := media.LoadWAV(bytes.NewReader(pcmWAV(pcm)))
		if err != nil {
			return fmt.Errorf("make %s: %w", name, err)
		}
		var wav bytes.Buffer
		if err := sound.WriteWAV(&wav); err != nil {
			return fmt.Errorf("make %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(root, name), wav.Bytes(), 0o644); err != nil {
			return fmt.Errorf("make %s: %w", name, err)
		}
	}
	return nil
}
