package view

import (
	"testing"
)

func FuzzMask(f *testing.F) {
	f.Add("+8613800000001")
	f.Add("anonymous")
	f.Add("138 0000 0001")
	f.Fuzz(func(t *testing.T, number string) {
		digits := func(s string) (n int) {
			for _, r := range s {
				if '0' <= r && r <= '9' {
					n++
				}
			}
			return n
		}
		if n := digits(number); n > maskedDigits+1 && digits(Mask(number)) != maskedDigits {
			t.Errorf("Mask(%q) = %q", number, Mask(number))
		}
	})
}
