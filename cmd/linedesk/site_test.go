package main

import (
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestASeededSiteNeedsItsFolderNoMore(t *testing.T) {
	folder := demoFolder(t)
	seed := "site: {seed: " + folder + "}"
	file := processFile(t, plainHTTP+seed)
	_, stop := startServer(t, file, nil)
	stop()
	ok(t, os.RemoveAll(folder))
	rewrite(t, file, seed, "")
	v, _ := startServer(t, file, nil)
	if _, err := v.prompts.Get("hold_music", "en"); err != nil {
		t.Error(err)
	}
}

func TestASeedGivesALostSoundAgainAndKeepsAnImportedOne(t *testing.T) {
	folder := demoFolder(t)
	file := processFile(t, plainHTTP+"site: {seed: "+folder+"}")
	v, stop := startServer(t, file, nil)
	stop()
	ok(t, os.Remove(filepath.Join(soundFolder(v.data), "beep.wav")))
	imported := filepath.Join(soundFolder(v.data), "hold.wav")
	beep, err := os.ReadFile(filepath.Join(folder, "sounds", "beep.wav"))
	ok(t, err)
	ok(t, os.WriteFile(imported, beep, 0o600))
	startServer(t, file, nil)
	if now, err := os.ReadFile(imported); err != nil || string(now) != string(beep) {
		t.Errorf("the seed's sound is in the place of the imported one (%v)", err)
	}
}

func TestAnExportedSiteIsImportedWithItsSounds(t *testing.T) {
	from := processFile(t, plainHTTP)
	to := processFile(t, plainHTTP)
	site := demoFolder(t)
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	for _, args := range [][]string{
		{"import", "--config", from, site},
		{"export", "--config", from, first},
		{"import", "--config", to, first},
		{"export", "--config", to, second},
	} {
		ok(t, runSite(t.Context(), args, io.Discard))
	}
	want := filesOf(t, site)
	for _, folder := range []string{first, second} {
		got := filesOf(t, folder)
		if !maps.Equal(got, want) {
			t.Errorf("%s has %v, want %v with the same in them", folder, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	}
	startServer(t, to, nil) // nothing is rendered, so each sound came with the import
}

func filesOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	ok(t, fs.WalkDir(os.DirFS(folder), ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := os.ReadFile(filepath.Join(folder, file))
		files[file] = string(body)
		return err
	}))
	return files
}
