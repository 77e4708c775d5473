package load

import (
	"regexp"
	"slices"
	"strings"

	"github.com/linedesk/linedesk/configs"
)

// numberInText finds what a speech command takes for a number of more than one digit, with its sign and its parts.
// Single digits it says right in every language.
var numberInText = regexp.MustCompile(`[-+−±－＋]\pN|\pN[\pN.,:/·．，：／-]*\pN`)

// checkSpoken wants numbers written in words. Of the commands that can be had for nothing none says all numbers of
// Chinese right: 1,000,000 is said as 一万, 1.5 as 一五, −5 as 五 (findings/espeak-ng-chinese-numbers.sh); and in
// other languages a telephone number is said as millions.
func checkSpoken(d *document, tag, text string, path ...any) {
	for _, number := range slices.Compact(numberInText.FindAllString(text, -1)) {
		p := params{"language": tag, "number": number}
		if strings.HasPrefix(tag, "zh") {
			p["digits"] = chineseDigits(number)
			if words := chineseNumber(number); words != "" {
				p["words"] = words
			}
		} else {
			p["spaced"] = spacedDigits(number)
		}
		d.add(configs.NumberInText, p, path...)
	}
}

// chineseDigits says each digit and sign by itself: 1.5 is 一点五.
func chineseDigits(number string) string {
	words := map[rune]string{'-': "负", '−': "负", '－': "负", '.': "点", '．': "点", '·': "点", '/': "比", '／': "比", ':': "点", '：': "点"}
	var b strings.Builder
	for i, r := range number {
		switch n := digitOf(r); {
		case n >= 0:
			b.WriteString(strings.Split("零一二三四五六七八九", "")[n])
		case strings.ContainsRune("-−－", r) && i > 0: // between two digits: a dash
		default:
			b.WriteString(words[r])
		}
	}
	return b.String()
}

// chineseNumber says a whole number below ten thousand, as 24 is 二十四; "" for others.
func chineseNumber(number string) string {
	var digits []int
	for _, r := range number {
		digits = append(digits, digitOf(r))
	}
	if slices.Contains(digits, -1) || digits[0] == 0 || len(digits) > 4 {
		return ""
	}
	ones, tens := strings.Split("零一二三四五六七八九", ""), []string{"", "十", "百", "千"}
	var b strings.Builder
	for i, n := range digits {
		switch place := len(digits) - 1 - i; {
		case n == 0 && slices.ContainsFunc(digits[i:], func(d int) bool { return d > 0 }):
			if digits[i-1] != 0 {
				b.WriteString("零")
			}
		case n == 0:
		case n == 1 && place == 1 && i == 0: // 十二, and not 一十二
			b.WriteString("十")
		default:
			b.WriteString(ones[n] + tens[place])
		}
	}
	return b.String()
}

func spacedDigits(number string) string {
	var digits []string
	for _, r := range number {
		if n := digitOf(r); n >= 0 {
			digits = append(digits, string(rune('0'+n)))
		}
	}
	return strings.Join(digits, " ")
}

// digitOf reads an ordinary or wide digit; -1: it is none.
func digitOf(r rune) int {
	switch {
	case '0' <= r && r <= '9':
		return int(r - '0')
	case '０' <= r && r <= '９':
		return int(r - '０')
	}
	return -1
}
