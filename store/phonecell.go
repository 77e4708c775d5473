package store

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// What people write into the field of one telephone number: the number with an extension behind it, two numbers, a
// number with the prefix of a cheap long-distance carrier before it. What a caller is known by is the number itself.

// maxCell is the longest text, in bytes, in which numbers are looked for.
const maxCell = 200

// fewest is how many digits a number has that can be valid beyond a town. What has fewer is not looked at further.
const fewest = 7

// ReadPhones reads the field of a number as somebody filled it in: for each of the numbers in it one like p, with Raw
// as typed, E164 and Extension. Only the first is as primary as p. A field with a part that is no valid number stays
// one, so that nothing that was typed is lost.
func ReadPhones(p Phone, region string) []Phone {
	p.Raw = CleanLine(p.Raw)
	rest := narrow(p.Raw)
	raw, e164, extension := readCell(rest, region)
	p.E164, p.Extension = e164, extension
	if raw == rest || e164 == "" {
		return []Phone{p}
	}
	var found []Phone
	for _, part := range separators.Split(rest, -1) {
		one := p
		_, one.E164, one.Extension = readCell(part, region)
		if one.E164 == "" && strings.TrimSpace(part) != "" {
			return []Phone{p}
		}
		if one.E164 != "" {
			one.Raw, one.Primary = strings.TrimSpace(part), p.Primary && len(found) == 0
			found = append(found, one)
		}
	}
	return found
}

// separators stand between two numbers.
var separators = regexp.MustCompile(`[/;,、|\n]|\s+(?:或|or|和)\s*`)

// readCell gives the first valid number of a text: where it stands, in E.164, and with its extension.
func readCell(text, region string) (raw, e164, extension string) {
	if e164 = parse(text, region); e164 != "" || len(text) > maxCell || countDigits(text) < fewest {
		return text, e164, ""
	}
	if e164, extension = readOne(text, region); e164 != "" {
		return text, e164, extension
	}
	for _, part := range separators.Split(text, -1) {
		if part == text || countDigits(part) < fewest {
			continue
		}
		if e164 = parse(part, region); e164 == "" {
			e164, extension = readOne(part, region)
		}
		if e164 != "" {
			return part, e164, extension
		}
	}
	return text, "", ""
}

// extensions are the ways to write one behind a number: 转8001, 转8001分机, 分机:8001, ext. 12, x12, #12, ;ext=12.
var extensions = regexp.MustCompile(`(?i)^(.*?)[\s,;(]*(?:转接|转|轉|分机号?|分機號?|内线|內線|extension|extn?|x|#)[\s.:=]*(\d{1,8})\s*(?:分机|分機)?\s*\)?$`)

// readOne reads one number that is not valid as it stands: with an extension, or with a carrier's prefix.
func readOne(text, region string) (e164, extension string) {
	if m := extensions.FindStringSubmatch(text); m != nil {
		if e164 = parsePrefixed(m[1], region); e164 != "" {
			return e164, m[2]
		}
	}
	if e164 = parsePrefixed(text, region); e164 != "" {
		return e164, ""
	}
	// A complete number, a dash, and more: 010-62345678-8001.
	if i := strings.LastIndexByte(text, '-'); i > 0 {
		tail := strings.TrimSpace(text[i+1:])
		if 0 < len(tail) && len(tail) <= 6 && countDigits(tail) == len(tail) {
			if e164 = parsePrefixed(text[:i], region); e164 != "" {
				return e164, tail
			}
		}
	}
	return "", ""
}

// carriers are the prefixes that choose a Chinese long-distance carrier for one call: 179xx (IP telephony), 12593, 10193.
// The number follows as it is dialled from there, in some towns with one 0 more.
var carriers = regexp.MustCompile(`^\s*(?:179\d\d|12593|10193)[\s-]*`)

func parsePrefixed(text, region string) string {
	if e164 := parse(text, region); e164 != "" {
		return e164
	}
	prefix := carriers.FindString(text)
	if prefix == "" || region != "CN" {
		return ""
	}
	rest := text[len(prefix):]
	if e164 := parse(rest, region); e164 != "" {
		return e164
	}
	if more, ok := strings.CutPrefix(rest, "0"); ok {
		return parse(strings.TrimLeft(more, " -"), region)
	}
	return ""
}

// parse reads one number without anything around it; "": it is not valid.
func parse(digits, region string) string {
	if len(digits) > maxNumber || strings.IndexFunc(digits, unicode.IsLetter) >= 0 || strings.ContainsAny(digits, "#;") {
		return "" // a name, or an address: the library would read letters as the keys they stand on, and drop an extension
	}
	p, err := phonenumbers.Parse(digits, region)
	if err != nil || !phonenumbers.IsValidNumber(p) {
		return ""
	}
	if e164 := phonenumbers.Format(p, phonenumbers.E164); len(e164) <= 1+maxDigits {
		return e164
	}
	return ""
}

// mainKey is the key of a number as typed, without the extension behind it.
func (p Phone) mainKey() string {
	key := NumberKey(p.Raw)
	if p.Extension == "" {
		return key
	}
	i := strings.LastIndex(key, p.Extension)
	if i <= 0 {
		return key
	}
	return strings.TrimRightFunc(key[:i], func(r rune) bool { return r < '0' || r > '9' })
}

func countDigits(s string) (n int) {
	for i := range len(s) {
		if '0' <= s[i] && s[i] <= '9' {
			n++
		}
	}
	return n
}
