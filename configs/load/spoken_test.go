package load

import (
	"slices"
	"testing"
)

func TestNumbersThatAreSaidWrongAreFoundInTexts(t *testing.T) {
	for text, want := range map[string][]string{
		"销售请按1，客服按2。": nil, "Sales press 1, support 2.": nil, "１、２、３": nil, "按二": nil, "": nil, "3-way": nil,
		"余额1,000,000元":    {"1,000,000"},
		"涨了1.5倍":          {"1.5"},
		"零下-5度":           {"-5"},
		"零下－５度，或 −6":      {"－５", "−6"},
		"请拨400-800-1234。": {"400-800-1234"},
		"请拨４００８":          {"４００８"},
		"at 9:30 on 1/2":  {"9:30", "1/2"},
		"dial 1 0 0 8 6":  nil,
		"٣٤ hours":        {"٣٤"},
	} {
		if got := numberInText.FindAllString(text, -1); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestNumbersInChineseWords(t *testing.T) {
	for number, want := range map[string][2]string{
		"24": {"二十四", "二四"}, "10": {"十", "一零"}, "12": {"十二", "一二"}, "100": {"一百", "一零零"}, "110": {"一百一十", "一一零"},
		"105": {"一百零五", "一零五"}, "1005": {"一千零五", "一零零五"}, "1050": {"一千零五十", "一零五零"}, "９５": {"九十五", "九五"},
		"95555": {"", "九五五五五"}, "007": {"", "零零七"}, "1.5": {"", "一点五"}, "-5": {"", "负五"}, "400-800": {"", "四零零八零零"},
	} {
		if got := [2]string{chineseNumber(number), chineseDigits(number)}; got != want {
			t.Errorf("%s: got %q, want %q", number, got, want)
		}
	}
}
