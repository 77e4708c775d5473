package load

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/configs"
)

func TestExampleProcessFileIsRight(t *testing.T) {
	p, problems := Process("../linedesk.yaml")
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if p.SIP.UDP.Port() != 5060 || p.RTP.Ports != (configs.PortRange{First: 40000, Last: 49999}) || p.Journal.Keep != 30*24*time.Hour || p.Limits.Calls != 2000 {
		t.Errorf("%+v", p)
	}
}

// What the example shows in comments is what counts without it, and every key is in the example.
func TestExampleProcessFileShowsEveryKeyAndDefault(t *testing.T) {
	body, err := os.ReadFile("../linedesk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(body)
	dir := t.TempDir()
	for _, name := range []string{"desk.crt", "desk.key"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "demo"), 0o700); err != nil {
		t.Fatal(err)
	}
	text = strings.ReplaceAll(text, "/etc/linedesk/", "")
	full := regexp.MustCompile(`(?m)^( *)# ( *[a-z_]+: ?[^A-Z\n]*)$`).ReplaceAllString(text, "$1$2")
	file := filepath.Join(dir, "linedesk.yaml")
	full = strings.Replace(full, "voices: {en", "  voices: {en", 1)
	if err := os.WriteFile(file, []byte(full), 0o600); err != nil {
		t.Fatal(err)
	}
	p, problems := Process(file)
	if err := problems.Err(); err != nil {
		t.Fatalf("%v\n%s", err, full)
	}
	d := configs.DefaultProcess()
	if !reflect.DeepEqual(p.Speech, d.Speech) || p.Journal != d.Journal || p.Limits != d.Limits || p.Log != d.Log || !reflect.DeepEqual(p.SIP.Digest, d.SIP.Digest) {
		t.Errorf("the example shows\n%+v\nwant\n%+v", p, d)
	}
	for _, key := range allKeys(reflect.TypeFor[configs.Process]()) {
		if !strings.Contains(full, key+":") {
			t.Errorf("the key %s is not in the example", key)
		}
	}
}

func allKeys(t reflect.Type) []string {
	keys := keysOf(t)
	for i := range t.NumField() {
		if f := t.Field(i).Type; f.Kind() == reflect.Struct && !takesText(f) {
			keys = append(keys, allKeys(f)...)
		}
	}
	return keys
}

func TestPathsAreSeenFromTheFile(t *testing.T) {
	p, problems := parseProcess("/etc/linedesk/linedesk.yaml", []byte("data: var\nhttp: {listen: 127.0.0.1:80}\nsip: {udp: 127.0.0.1:5060}\nrtp: {address: 127.0.0.1, ports: 40000-40010}\n"))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if p.Data != "/etc/linedesk/var" {
		t.Errorf("data is %s", p.Data)
	}
}

func TestNearestFindsSlipsAndNothingElse(t *testing.T) {
	known := []string{"ring_timeout", "wrap_up", "max_misses", "names", "id"}
	for word, want := range map[string]string{
		"ring_timout": "ring_timeout", "ringtimeout": "ring_timeout", "warp_up": "wrap_up", "wrapup": "wrap_up",
		"name": "names", "di": "id", "colour": "", "x": "", "": "", strings.Repeat("a", 5000): "",
	} {
		if got := nearest(word, known); got != want {
			t.Errorf("nearest to %.20q is %q, want %q", word, got, want)
		}
	}
}

func TestTimesAreReadWithDays(t *testing.T) {
	for text, want := range map[string]time.Duration{"15s": 15 * time.Second, "30d": 720 * time.Hour, "0": 0, "1h30m": 90 * time.Minute} {
		if got, ok := parseDuration(text); !ok || got != want {
			t.Errorf("%s is %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "15", "-1s", "1.5d", "99999999999d", "d", "1w"} {
		if got, ok := parseDuration(text); ok {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

func TestDifferencesNameTheKeys(t *testing.T) {
	a, b := configs.DefaultProcess(), configs.DefaultProcess()
	if got := Differences(&a, &b); len(got) > 0 {
		t.Errorf("between the same: %v", got)
	}
	b.File, b.Data, b.SIP.UDP, b.RTP.Ports, b.Speech.Voices["en"] = "other.yaml", "x", netip.MustParseAddrPort("127.0.0.1:5062"), configs.PortRange{First: 1, Last: 2}, "en-gb"
	want := []string{"data", "sip.udp", "rtp.ports", "speech.voices"}
	if got := Differences(&a, &b); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
