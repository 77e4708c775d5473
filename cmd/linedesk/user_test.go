package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/agentdesk/web"
)

func TestAPasswordIsForAUserWhoIsThere(t *testing.T) {
	file := processFile(t, plainHTTP)
	if err := runUser(t.Context(), []string{"list", "--config", file}, io.Discard); !errors.Is(err, errNoSite) {
		t.Errorf("an empty database: %v", err)
	}
	ok(t, runSite(t.Context(), []string{"import", "--config", file, demoFolder(t)}, io.Discard))
	err := runUser(t.Context(), []string{"password", "--config", file, "nobody"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), `there is no user "nobody": "linedesk user list`) {
		t.Errorf("got %v", err)
	}
	var list strings.Builder
	ok(t, runUser(t.Context(), []string{"list", "--config", file}, &list))
	if !strings.Contains(list.String(), "amy  ") {
		t.Errorf("amy is not in the list:\n%s", list.String())
	}
	process, err := loadProcess(file)
	ok(t, err)
	st, err := openStoreOf(t.Context(), process)
	ok(t, err)
	t.Cleanup(func() { ok(t, st.Close()) })
	ok(t, setPassword(t.Context(), st, "amy", strings.NewReader("correct horse\n"), io.Discard))
	amy, err := st.User(t.Context(), "amy")
	ok(t, err)
	if before := web.HashPassword("correct horse"); amy.PasswordHash == "" || before == amy.PasswordHash {
		t.Errorf("hash %q, want one with a salt of its own", amy.PasswordHash)
	}
	if err := setPassword(t.Context(), st, "amy", strings.NewReader("short\n"), io.Discard); err == nil {
		t.Error("a short password is taken")
	}
}

func TestAServerWithoutASiteSaysHowToGetOne(t *testing.T) {
	process, err := loadProcess(processFile(t, plainHTTP))
	ok(t, err)
	s, err := processSetup(process)
	ok(t, err)
	_, err = newServer(t.Context(), s)
	if !errors.Is(err, errNoSite) {
		t.Errorf("got %v, want %v", err, errNoSite)
	}
}
