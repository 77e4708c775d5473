package store

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"github.com/linedesk/linedesk/call"
)

// maxDigits of a number with its country code (ITU-T E.164, 6.1). Some countries' plans have longer ones, which cannot
// be called from abroad.
const maxDigits = 15

// maxNumber is the longest text that is read as a telephone number. E.164 allows 15 digits; the rest is
// room for signs and blanks.
const maxNumber = 40

// Normalise reads a telephone number as typed or as a line carried it. Raw keeps it, clean; E164 is
// empty if it is not a valid number seen from region ("CN", ISO 3166-1 alpha-2). Of several numbers, and of a number
// with an extension, it is that of the first valid one: see [ReadPhones].
func Normalise(raw, region string) call.Number {
	n := call.Number{Raw: CleanLine(raw)}
	_, n.E164, _ = readCell(narrow(n.Raw), region)
	return n
}

// FormatForReading writes a number as people of the region read it: national format for the region's
// own numbers, international for others, and as it came for what is no valid number.
func FormatForReading(n call.Number, region string) string {
	if n.E164 == "" {
		return n.Raw
	}
	p, err := phonenumbers.Parse(n.E164, region)
	if err != nil {
		return n.Raw
	}
	if int(p.GetCountryCode()) == phonenumbers.GetCountryCodeForRegion(region) {
		return phonenumbers.Format(p, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(p, phonenumbers.INTERNATIONAL)
}

// maxKey bounds what goes into an index: PostgreSQL refuses entries beyond 2704 bytes.
const maxKey = 64

// NumberKey is what numbers are looked up by: E.164 as it is, other numbers without the blanks, dashes,
// dots, slashes and brackets that people put in.
func NumberKey(number string) string {
	number = narrow(CleanLine(number))
	key := strings.Map(func(r rune) rune {
		switch r {
		case '-', '.', '/', '(', ')', '[', ']', '\u2010', '\u2011', '\u2012', '\u2013':
			return -1
		}
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, number)
	return cut(key, maxKey)
}

// KeyOf is the key of a number as calls are found by it.
func KeyOf(n call.Number) string {
	if n.E164 != "" {
		return NumberKey(n.E164)
	}
	return NumberKey(n.Raw)
}

// CallerKey is the key of a far party's number that things are remembered by; empty if it is no number but a word such
// as "anonymous", which tells nobody from anybody.
func CallerKey(n call.Number) string {
	if key := KeyOf(n); SuffixKey(key) != "" {
		return key
	}
	return ""
}

// Keys are all the keys that a customer's numbers are found by, each once.
func (c Customer) Keys() []string {
	var keys []string
	seen := make(map[string]bool, 2*len(c.Phones))
	for _, p := range c.Phones {
		for _, key := range []string{NumberKey(p.E164), p.mainKey()} {
			if key != "" && !seen[key] {
				seen[key] = true
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// SuffixKey turns a number's digits around, so that its last digits can be found by an index.
func SuffixKey(number string) string {
	number = narrow(number)
	b := make([]byte, 0, len(number))
	for i := len(number) - 1; i >= 0; i-- {
		if '0' <= number[i] && number[i] <= '9' {
			b = append(b, number[i])
		}
	}
	return string(b)
}

// SearchText folds text for searching: lower case, and the wide Latin letters and digits that Chinese
// input methods make as their ordinary selves.
func SearchText(parts ...string) string {
	return strings.ToLower(narrow(strings.Join(parts, "\n")))
}

// narrow turns fullwidth forms (U+FF01…U+FF5E) and the ideographic space into ASCII.
func narrow(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case 0xff01 <= r && r <= 0xff5e:
			return r - 0xff01 + '!'
		case r == 0x3000:
			return ' '
		}
		return r
	}, s)
}

// cut shortens to at most n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
