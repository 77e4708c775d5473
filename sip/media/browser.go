package media

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"github.com/linedesk/linedesk/call"
)

const (
	// linkLost is how long a browser may be gone before anybody is told.
	linkLost = call.LinkNoOffers
	// linkDead is how much longer it may come back by itself; then it must make a new offer.
	linkDead = 25 * time.Second
	// gatherWait bounds the making of an answer. There is one candidate and nothing to ask for it.
	gatherWait = 3 * time.Second
	// certificateAge is when the DTLS certificate is made anew; it is good for a month.
	certificateAge = 7 * 24 * time.Hour
	// closeWait bounds the end of the last PeerConnections when the engine stops.
	closeWait = 5 * time.Second
	// maxOffer bounds the SDP that a browser may send.
	maxOffer = 64 << 10
)

// browsers makes the PeerConnections of all browsers. They share one UDP port and one certificate.
//
// We are ICE-lite (RFC 8445, 2.5): the answer has our one address, the browser does the checking, and its
// own address is learned from that, so no candidates are exchanged.
type browsers struct {
	log    *slog.Logger
	conn   *net.UDPConn
	mux    ice.UDPMux
	api    *webrtc.API
	ending sync.WaitGroup // PeerConnections being closed, and their readers

	mu          sync.Mutex // over certificate, made, open, over
	open        map[*browser]struct{}
	certificate *webrtc.Certificate
	made        time.Time
	over        bool
}

func newBrowsers(c Config, log *slog.Logger) (*browsers, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(c.Addr, c.PortMin)))
	if err != nil {
		return nil, fmt.Errorf("take UDP port %d, the first of the RTP range, for browsers: %w (another program has it; choose another range of RTP ports)", c.PortMin, err)
	}
	b := &browsers{log: log, conn: conn, open: map[*browser]struct{}{}}
	// pion's own logger prints to stderr; what matters here is told by events.
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	b.mux = webrtc.NewICEUDPMux(quiet.NewLogger("mux"), conn)

	engine := &webrtc.MediaEngine{}
	for _, codec := range []webrtc.RTPCodecParameters{
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: sampleRate}, PayloadType: 0},
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/telephone-event", ClockRate: sampleRate, SDPFmtpLine: "0-15"}, PayloadType: 101},
	} {
		if err := engine.RegisterCodec(codec, webrtc.RTPCodecTypeAudio); err != nil {
			b.close()
			return nil, fmt.Errorf("register %s for browsers: %w", codec.MimeType, err)
		}
	}
	settings := webrtc.SettingEngine{LoggerFactory: quiet}
	settings.SetLite(true)
	settings.SetICEUDPMux(b.mux)
	settings.SetIncludeLoopbackCandidate(c.Addr.IsLoopback())
	settings.SetICETimeouts(linkLost, linkDead, time.Second)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	if c.Addr.Is4() {
		settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	} else {
		settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP6})
	}
	b.api = webrtc.NewAPI(
		webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}), // RTCP is ours
	)
	return b, nil
}

// close ends what is left. The shards have ended before.
func (b *browsers) close() {
	b.mu.Lock()
	b.over = true
	left := slices.Collect(maps.Keys(b.open))
	b.mu.Unlock()
	for _, l := range left {
		l.hangUp()
	}
	ended := make(chan struct{})
	go func() {
		b.ending.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(closeWait):
		b.log.Error("browser links do not end")
	}
	if b.mux != nil {
		_ = b.mux.Close()
	}
	_ = b.conn.Close()
}

// begin counts a goroutine that close waits for; false if it is too late to begin.
func (b *browsers) begin(run func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return false
	}
	b.ending.Go(run)
	return true
}

// identity is the certificate that DTLS shows; its fingerprint is in each answer.
func (b *browsers) identity() (webrtc.Certificate, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.certificate == nil || time.Since(b.made) > certificateAge {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return webrtc.Certificate{}, fmt.Errorf("make a key: %w", err)
		}
		c, err := webrtc.GenerateCertificate(key)
		if err != nil {
			return webrtc.Certificate{}, fmt.Errorf("make a certificate: %w", err)
		}
		b.certificate, b.made = c, time.Now()
	}
	return *b.certificate, nil
}

// browser is a PeerConnection that carries a leg. pion has goroutines of its own for each; they hand
// packets to the shard.
type browser struct {
	desks  *browsers
	leg    *Leg
	pc     *webrtc.PeerConnection
	track  *webrtc.TrackLocalStaticRTP
	sender *webrtc.RTPSender
	ssrc   uint32      // on the wire
	params Params      // what was agreed
	wanted atomic.Bool // somebody listens; else what it says is dropped before the shard sees it

	// owned by the shard
	up, closing bool
}

// Browser makes the browser that sent the offer the leg's transport and gives the answer. If the leg has a
// browser already, as when a page is reloaded, the old one stays until the new one is connected.
// It takes some milliseconds; TransportBack tells when sound can flow.
func (e *Engine) Browser(offerSDP string, l *Leg) (answerSDP string, err error) {
	if len(offerSDP) > maxOffer {
		return "", fmt.Errorf("media: a browser's offer of %d bytes: the most is %d", len(offerSDP), maxOffer)
	}
	l.mu.Lock()
	local, closed := l.local, l.closed
	l.mu.Unlock()
	switch {
	case local.IsValid():
		return "", errOpened
	case closed:
		return "", errClosed
	}
	b, answer, err := e.desks.connect(offerSDP, l)
	if err != nil {
		return "", fmt.Errorf("media: answer a browser: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock() // Close takes it too, so its command comes after this one
	if l.closed {
		err = errClosed
	} else if !l.do(func(s *shard) { s.browserOffered(l, b) }) {
		err = errOver
	}
	if err != nil {
		b.hangUp()
		return "", err
	}
	return answer, nil
}

func (b *browsers) connect(offer string, l *Leg) (*browser, string, error) {
	certificate, err := b.identity()
	if err != nil {
		return nil, "", err
	}
	pc, err := b.api.NewPeerConnection(webrtc.Configuration{
		Certificates: []webrtc.Certificate{certificate}, BundlePolicy: webrtc.BundlePolicyMaxBundle,
	})
	if err != nil {
		return nil, "", fmt.Errorf("make a peer connection: %w", err)
	}
	link := &browser{desks: b, leg: l, pc: pc}
	b.mu.Lock()
	b.open[link] = struct{}{}
	b.mu.Unlock()
	answer, err := link.negotiate(offer)
	if err != nil {
		link.hangUp()
		return nil, "", err
	}
	return link, answer, nil
}

func (b *browser) negotiate(offer string) (string, error) {
	track, err := webrtc.NewTrackLocalStaticRTP(
		webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: sampleRate}, "audio", "linedesk")
	if err != nil {
		return "", fmt.Errorf("make a track: %w", err)
	}
	sender, err := b.pc.AddTrack(track)
	if err != nil {
		return "", fmt.Errorf("add a track: %w", err)
	}
	b.track, b.sender = track, sender
	b.pc.OnTrack(b.onTrack)
	b.pc.OnConnectionStateChange(b.onState)
	if err := b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", fmt.Errorf("read the offer: %w", err)
	}
	answer, err := b.pc.CreateAnswer(nil)
	if err != nil {
		return "", fmt.Errorf("make the answer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(b.pc)
	if err := b.pc.SetLocalDescription(answer); err != nil {
		return "", fmt.Errorf("take the answer: %w", err)
	}
	select {
	case <-gathered:
	case <-time.After(gatherWait):
		return "", errors.New("no address was gathered in time")
	}
	if err := b.agreed(); err != nil {
		return "", err
	}
	b.desks.begin(b.readReports)
	return b.pc.LocalDescription().SDP, nil
}

// agreed notes the payload types, and the SSRC that the track got.
func (b *browser) agreed() error {
	p := b.sender.GetParameters()
	found := false
	for _, c := range p.Codecs {
		switch {
		case strings.EqualFold(c.MimeType, webrtc.MimeTypePCMU):
			b.params.PT, found = uint8(c.PayloadType), true
		case strings.EqualFold(c.MimeType, "audio/telephone-event"):
			b.params.DTMFPT = uint8(c.PayloadType)
		}
	}
	if !found || len(p.Encodings) == 0 {
		return errors.New("the offer has no audio in PCMU, which every browser must speak (RFC 7874)")
	}
	b.ssrc = uint32(p.Encodings[0].SSRC)
	return nil
}

// onTrack reads what the browser says.
func (b *browser) onTrack(remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	b.desks.begin(func() {
		for {
			buf := packetPool.Get().(*[maxPacket]byte)
			n, _, err := remote.Read(buf[:])
			if err != nil {
				packetPool.Put(buf)
				return
			}
			if !b.wanted.Load() {
				packetPool.Put(buf)
				continue
			}
			b.leg.shard.Load().inject(injected{from: b, b: buf, n: n})
		}
	})
	b.desks.begin(func() { b.readRTCP(receiver.Read) })
}

// readReports reads what the browser says of our sound.
func (b *browser) readReports() { b.readRTCP(b.sender.Read) }

func (b *browser) readRTCP(read func([]byte) (int, interceptor.Attributes, error)) {
	for {
		buf := packetPool.Get().(*[maxPacket]byte)
		n, _, err := read(buf[:])
		if err != nil {
			packetPool.Put(buf)
			return
		}
		b.leg.shard.Load().inject(injected{from: b, b: buf, n: n, rtcp: true})
	}
}

func (b *browser) onState(state webrtc.PeerConnectionState) {
	b.leg.do(func(s *shard) { s.browserState(b.leg, b, state) })
}

// browserOffered takes a new browser for a leg.
func (s *shard) browserOffered(l *Leg, b *browser) {
	if l.next != nil {
		l.next.close(s)
	}
	if l.out == nil {
		s.carry(l, b)
	} else {
		l.next = b
	}
	if b.up { // it was faster than we
		s.browserUp(l, b)
	}
}

// carry makes a browser the leg's transport.
func (s *shard) carry(l *Leg, b *browser) {
	if old, ok := l.out.(*browser); ok {
		old.close(s)
	} else {
		s.n.browserLegs.Add(1)
	}
	l.out, l.next = b, nil
	l.params, l.negotiated, l.fresh, l.quietFrames = b.params, true, true, 0
	if l.rtcpDue == 0 {
		l.rtcpDue = s.now + rtcpEvery/2
	}
	s.settle(l)
}

func (s *shard) browserState(l *Leg, b *browser, state webrtc.PeerConnectionState) {
	switch state {
	default: // new, connecting
	case webrtc.PeerConnectionStateConnected:
		b.up = true
		if l.out == transport(b) || l.next == b {
			s.browserUp(l, b)
		}
	case webrtc.PeerConnectionStateDisconnected: // for linkLost already
		b.up = false
		if l.out == transport(b) {
			s.loseLink(l)
		}
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		b.up = false
		switch {
		case l.out == transport(b):
			// Closed by the page, which may come back at once.
			b.close(s)
			l.out = nil
			s.n.browserLegs.Add(-1)
			if l.linked {
				l.lostDue = s.now + linkLost
			}
			s.settle(l)
		case l.next == b:
			b.close(s)
			l.next = nil
		}
	}
}

// browserUp says that sound can flow.
func (s *shard) browserUp(l *Leg, b *browser) {
	if l.out != transport(b) {
		s.carry(l, b)
	}
	l.linked, l.lostDue = true, 0
	l.tell(TransportBack{})
}

func (s *shard) loseLink(l *Leg) {
	l.lostDue = 0
	if l.linked {
		l.linked = false
		l.tell(TransportLost{})
	}
}

func (b *browser) line(uint32) uint32 { return b.ssrc }

func (b *browser) sendRTP(_ *shard, p []byte) error {
	_, err := b.track.Write(p) // SSRC and payload type become the track's
	return err
}

func (b *browser) sendRTCP(_ *shard, p []byte) error {
	return b.pc.WriteRTCP([]rtcp.Packet{rawRTCP(p)})
}

// rawRTCP hands our own bytes to pion.
type rawRTCP []byte

func (r rawRTCP) Marshal() ([]byte, error)  { return r, nil }
func (r rawRTCP) Unmarshal([]byte) error    { return errors.ErrUnsupported }
func (r rawRTCP) MarshalSize() int          { return len(r) }
func (r rawRTCP) DestinationSSRC() []uint32 { return nil }

func (b *browser) attach(*shard, *Leg) {}
func (b *browser) detach(*shard)       {}

// close ends the PeerConnection in the background: it says good-bye on the network.
func (b *browser) close(s *shard) {
	if b.closing {
		return
	}
	b.closing = true
	b.up = false
	b.wanted.Store(false)
	if !b.desks.begin(b.hangUp) {
		s.log.Error("browser link closed after the engine")
	}
}

// hangUp ends the PeerConnection, which takes a moment. Twice does no harm.
func (b *browser) hangUp() {
	_ = b.pc.Close()
	b.desks.mu.Lock()
	delete(b.desks.open, b)
	b.desks.mu.Unlock()
}
