package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

// Servers under test get their ports in blocks below the range from which the kernel hands out free ones
// (32768 and up): whatever else the tests open can't take a port of a server that is down for a moment,
// as after a kill.
const (
	firstPort = 20_000
	blockSize = 400
	blocks    = 31
)

// block is a stretch of ports that one server has for itself.
type block struct {
	first, size int
}

func (b block) http() string { return fmt.Sprintf("127.0.0.1:%d", b.first) }
func (b block) sip() string  { return fmt.Sprintf("127.0.0.1:%d", b.first+1) }
func (b block) claim() int   { return b.first + 2 }

// stations is where agents have their phones if the server is to know without being told.
func (b block) stations() string { return fmt.Sprintf("127.0.0.1:%d", b.first+3) }

// sound is the first and the last port for sound.
func (b block) sound() (first, last int) { return b.first + 10, b.first + b.size - 1 }

var blocksTaken struct {
	sync.Mutex
	taken [blocks]bool
}

// takeBlock finds a stretch of free ports with room for so many legs at once, and gives it back when the
// test is over. A listener on one of its ports keeps it from test runs besides this one.
func takeBlock(tb testing.TB, legs int) block {
	tb.Helper()
	n := (10 + 2*(legs+1) + blockSize - 1) / blockSize
	blocksTaken.Lock()
	defer blocksTaken.Unlock()
	for _, i := range rand.Perm(blocks - n + 1) {
		b := block{first: firstPort + i*blockSize, size: n * blockSize}
		if !freeBlocks(i, n) {
			continue
		}
		claim, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", b.claim()))
		if err != nil {
			continue
		}
		if !b.free() {
			_ = claim.Close()
			continue
		}
		markBlocks(i, n, true)
		tb.Cleanup(func() {
			blocksTaken.Lock()
			defer blocksTaken.Unlock()
			_ = claim.Close()
			markBlocks(i, n, false)
		})
		return b
	}
	tb.Fatalf("no %d blocks of free ports from %d on", n, firstPort)
	return block{}
}

func freeBlocks(first, n int) bool {
	for i := first; i < first+n; i++ {
		if blocksTaken.taken[i] {
			return false
		}
	}
	return true
}

func markBlocks(first, n int, taken bool) {
	for i := first; i < first+n; i++ {
		blocksTaken.taken[i] = taken
	}
}

// free tries the ports that a server can't do without.
func (b block) free() bool {
	first, _ := b.sound()
	for _, port := range []int{b.first, b.first + 1} {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return false
		}
		_ = l.Close()
	}
	for _, port := range []int{b.first + 1, first} {
		l, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return false
		}
		_ = l.Close()
	}
	return true
}

// freeAddr is an address on loopback that is free by TCP and UDP at the moment.
func freeAddr(tb testing.TB) string {
	tb.Helper()
	for range 50 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		addr := l.Addr().String()
		u, err := net.ListenPacket("udp", addr)
		_ = l.Close()
		if err == nil {
			_ = u.Close()
			return addr
		}
	}
	tb.Fatal("no port that is free by TCP and UDP")
	return ""
}
