package media

import "sync/atomic"

// Stats are the engine's figures for /metrics. Counters only grow; the rest are of now.
type Stats struct {
	Legs, Bridges, BrowserLegs          int
	RelayBridges, MixBridges            int // bridges that pass packets on as they come; that tick
	Ticking                             int // legs and bridges in the wheels
	Recordings                          int
	PortsInUse, PortsResting, PortPairs int
	PacketsIn, PacketsOut               uint64 // RTP
	BytesIn, BytesOut                   uint64 // of RTP packets, headers included
	Relayed                             uint64
	Ticks, LateTicks                    uint64 // late: by more than 5 ms
	Strangers                           uint64 // from a source that is not the leg's
	Invalid                             uint64 // no RTP, wrong payload type, a new SSRC not yet believed
	Flood                               uint64 // more than 600 a second on one leg
	SendErrors                          uint64
	QueueFull                           uint64 // browser packets dropped, and legs drowned in commands, because the shard did not come to them
	Lost, Panics                        uint64 // legs that Failed; panics that were contained
	RecordErrors                        uint64
}

// counters are one shard's. The shard alone counts, others read.
type counters struct {
	legs, bridges, browserLegs, relayBridges, mixBridges, ticking, recordings atomic.Int64

	packetsIn, packetsOut, bytesIn, bytesOut, relayed, ticks, lateTicks atomic.Uint64
	strangers, invalid, flood, sendErrors, queueFull, recordErrors      atomic.Uint64
	lost, panics                                                        atomic.Uint64
}

func (n *counters) bridgesIn(mode bridgeMode) *atomic.Int64 {
	switch mode {
	case bridgeIdle:
	case bridgeRelay:
		return &n.relayBridges
	case bridgeMix:
		return &n.mixBridges
	}
	return nil
}

// Stats reads the figures. It disturbs nobody.
func (e *Engine) Stats() Stats {
	var st Stats
	for _, s := range e.shards {
		n := &s.n
		st.Legs += int(n.legs.Load())
		st.Bridges += int(n.bridges.Load())
		st.BrowserLegs += int(n.browserLegs.Load())
		st.RelayBridges += int(n.relayBridges.Load())
		st.MixBridges += int(n.mixBridges.Load())
		st.Ticking += int(n.ticking.Load())
		st.Recordings += int(n.recordings.Load())
		st.PacketsIn += n.packetsIn.Load()
		st.PacketsOut += n.packetsOut.Load()
		st.BytesIn += n.bytesIn.Load()
		st.BytesOut += n.bytesOut.Load()
		st.Relayed += n.relayed.Load()
		st.Ticks += n.ticks.Load()
		st.LateTicks += n.lateTicks.Load()
		st.Strangers += n.strangers.Load()
		st.Invalid += n.invalid.Load()
		st.Flood += n.flood.Load()
		st.SendErrors += n.sendErrors.Load()
		st.QueueFull += n.queueFull.Load()
		st.Lost += n.lost.Load()
		st.Panics += n.panics.Load()
		st.RecordErrors += n.recordErrors.Load()
	}
	if e.ports != nil {
		st.PortsInUse, st.PortPairs, st.PortsResting = e.ports.figures(e.clock())
		warm := min(e.warm.count(), st.PortsInUse) // between the two looks one may have been taken
		st.PortsInUse, st.PortsResting = st.PortsInUse-warm, st.PortsResting+warm
	}
	return st
}
