package sdp

import (
	"net/netip"
	"strings"
	"testing"
)

const phone = `v=0
o=amy 2890844526 2890842807 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=video 51372 RTP/AVP 99
a=rtpmap:99 H264/90000
m=audio 49170 RTP/AVP 18 8 0 96 101
a=rtpmap:18 G729/8000
a=rtpmap:96 telephone-event/48000
a=rtpmap:101 telephone-event/8000
a=rtcp:53020
a=sendonly
`

func TestOfferIsChosenInTheirOrderWithTheirNumbers(t *testing.T) {
	d, err := Parse(phone)
	if err != nil {
		t.Fatal(err)
	}
	c, ok := d.Choose()
	want := Choice{
		Index: 1, Codec: PCMA, PT: 8, DTMFPT: 101, Remote: netip.MustParseAddrPort("192.0.2.1:49170"),
		RTCP: netip.MustParseAddrPort("192.0.2.1:53020"), Direction: SendOnly,
	}
	if !ok || c != want {
		t.Fatalf("chose %+v, want %+v", c, want)
	}
	local := Local{Addr: netip.MustParseAddrPort("127.0.0.1:40000"), Session: 7, Version: 1, Direction: Answer(c.Direction, SendRecv)}
	got := string(local.AppendAnswer(nil, d, &c))
	wantText := "v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
		"m=video 0 RTP/AVP 99\r\nm=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n" +
		"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=recvonly\r\n"
	if got != wantText {
		t.Errorf("answer:\n%s\nwant:\n%s", got, wantText)
	}
}

func TestDynamicPayloadTypesAreTakenAsNumbered(t *testing.T) {
	d, err := Parse("v=0\nc=IN IP6 2001:db8::1\nm=audio 4000 RTP/AVP 110 0\na=rtpmap:110 pcmu/8000/1\na=rtpmap:0 G728/8000\n")
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := d.Choose(); !ok || c.PT != 110 || c.Codec != PCMU || c.DTMFPT != 0 {
		t.Errorf("chose %+v %v", c, ok)
	}
}

func TestWhatDoesNotFit(t *testing.T) {
	for name, text := range map[string]string{
		"G.729 only":         "v=0\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 18\n",
		"SRTP":               "v=0\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/SAVP 0\n",
		"refused":            "v=0\nc=IN IP4 192.0.2.1\nm=audio 0 RTP/AVP 0\n",
		"no address":         "v=0\nm=audio 4000 RTP/AVP 0\n",
		"a name for address": "v=0\nc=IN IP4 media.example\nm=audio 4000 RTP/AVP 0\n",
		"video":              "v=0\nc=IN IP4 192.0.2.1\nm=video 4000 RTP/AVP 0\n",
	} {
		d, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c, ok := d.Choose(); ok {
			t.Errorf("%s: chose %+v", name, c)
		}
	}
}

func TestOldHold(t *testing.T) {
	d, err := Parse("v=0\nc=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 0\n")
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := d.Choose(); !ok || c.Direction != Inactive {
		t.Errorf("chose %+v %v, want inactive", c, ok)
	}
}

func TestBadDescriptions(t *testing.T) {
	for _, text := range []string{
		"", "v=1\n", "v=0\n", "v=0\nm=audio\n", "v=0\nm=audio 99999 RTP/AVP 0\n", "v=0\nc=IN IP4\n", "v=0\nxx\n",
		"v=0\ns=a\x00b\nm=audio 1 RTP/AVP 0\n", "v=0\nm=audio 1 RTP/AVP 0\na=rtpmap:200 X/1\n",
		"v=0\n" + strings.Repeat("m=audio 1 RTP/AVP 0\n", 20), "v=0\n" + strings.Repeat("a=x\n", 5000),
	} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%.30q: no error", text)
		}
	}
}

func TestAnswerDirections(t *testing.T) {
	for _, c := range []struct{ offered, want, answer Direction }{
		{SendRecv, SendRecv, SendRecv},
		{SendOnly, SendRecv, RecvOnly},
		{RecvOnly, SendRecv, SendOnly},
		{Inactive, SendRecv, Inactive},
		{SendRecv, SendOnly, SendOnly},
		{SendOnly, SendOnly, Inactive},
	} {
		if got := Answer(c.offered, c.want); got != c.answer {
			t.Errorf("Answer(%v, %v) = %v, want %v", c.offered, c.want, got, c.answer)
		}
	}
}

func TestDescriptionInMultipart(t *testing.T) {
	body := "--b1\r\nContent-Type: application/isup\r\n\r\n\x01\x02\r\n--b1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b1--\r\n"
	if got, ok := FromBody(`multipart/mixed; boundary="b1"`, body); !ok || got != "v=0\r\n" {
		t.Errorf("got %q %v", got, ok)
	}
	if got, ok := FromBody("Application/SDP;charset=utf-8", "x"); !ok || got != "x" {
		t.Errorf("got %q %v", got, ok)
	}
	if _, ok := FromBody("text/plain", "x"); ok {
		t.Error("text taken for a description")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("application/sdp", phone)
	f.Add("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--")
	f.Fuzz(func(t *testing.T, kind, body string) {
		text, ok := FromBody(kind, body)
		if !ok {
			return
		}
		d, err := Parse(text)
		if err != nil {
			return
		}
		c, ok := d.Choose()
		if !ok {
			return
		}
		local := Local{Addr: netip.MustParseAddrPort("127.0.0.1:40000"), Session: 1, Version: 1, Direction: Answer(c.Direction, SendRecv)}
		again, err := Parse(string(local.AppendAnswer(nil, d, &c)))
		if err != nil {
			t.Fatalf("our answer: %v", err)
		}
		mine, ok := again.Choose()
		if !ok || mine.Index != c.Index || mine.PT != c.PT || mine.Codec != c.Codec || mine.DTMFPT != c.DTMFPT || len(again.Media) != len(d.Media) {
			t.Fatalf("our answer to %+v says %+v", c, mine)
		}
	})
}
