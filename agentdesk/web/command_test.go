package web

import (
	"testing"

	"github.com/linedesk/linedesk/agentdesk/proto"
)

func FuzzCommand(f *testing.F) {
	s := &Server{commands: map[string]Command{}, channels: map[proto.Channel]Channel{}}
	s.registerCommands()
	for name := range s.commands {
		f.Add([]byte(`{"t":"` + name + `","id":"1","body":{"ch":"desk","call":"x","seq":1}}`))
	}
	f.Add([]byte(`{"t":"ping","id":"1"}{`))
	f.Add([]byte(`{"t":"rtc.offer","id":"é","body":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		cmd, err := s.decodeCommand(data)
		if err != nil {
			return
		}
		if _, known := s.commands[cmd.T]; !known || cmd.ID == "" {
			t.Errorf("%q was taken for a command", data)
		}
		for _, into := range []any{
			&proto.Subscribe{}, &proto.Station{}, &proto.State{}, &proto.RTCOffer{}, &proto.WrapUp{}, &proto.TicketDraft{}, &proto.LinkQuality{},
		} {
			_ = decodeStrict(cmd.Body, into)
		}
	})
}
