//go:build !linux

package transport

import "net"

func growBuffers(c *net.UDPConn) {
	_ = c.SetReadBuffer(udpBuffer)
	_ = c.SetWriteBuffer(udpBuffer)
}
