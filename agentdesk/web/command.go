package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
)

// Command is one thing that a page may ask for over the websocket: the access it needs, and what is done. One without
// access lets nobody in.
type Command struct {
	Access Access
	// Passing commands are about this connection, not about the world: they are carried out each time.
	Passing bool
	Do      func(context.Context, *Socket, *Principal, json.RawMessage) (Done, error)
}

// Done is what came of a command.
type Done struct {
	Seq    uint64 // the journal's number of what it did; 0: it left nothing in the journal
	Result any    // for the answer, beside that it is done
}

// Body reads a command's body for its handler.
func Body[B any](do func(context.Context, *Socket, *Principal, B) (Done, error)) func(context.Context, *Socket, *Principal, json.RawMessage) (Done, error) {
	return func(ctx context.Context, k *Socket, who *Principal, raw json.RawMessage) (Done, error) {
		var b B
		if len(raw) == 0 {
			return Done{}, NewProblem(http.StatusUnprocessableEntity, proto.CodeMissingBody, "this command has a body")
		}
		if err := decodeStrict(raw, &b); err != nil {
			return Done{}, NewProblem(http.StatusUnprocessableEntity, proto.CodeBadBody, err.Error())
		}
		return do(ctx, k, who, b)
	}
}

// registerCommands names what every page may ask of its connection.
func (s *Server) registerCommands() {
	s.Command(proto.CmdSubscribe, Command{Access: SignedIn, Passing: true, Do: Body(s.subscribe)})
	s.Command(proto.CmdUnsubscribe, Command{Access: SignedIn, Passing: true, Do: Body(s.unsubscribe)})
	s.Command(proto.CmdPing, Command{Access: SignedIn, Passing: true, Do: func(context.Context, *Socket, *Principal, json.RawMessage) (Done, error) {
		return Done{}, nil
	}})
}

func (s *Server) subscribe(_ context.Context, k *Socket, who *Principal, b proto.Subscribe) (Done, error) {
	ch, ok := s.channels[b.Ch]
	if !ok {
		return Done{}, unknownChannel(b.Ch)
	}
	if err := who.Admit(ch.Access); err != nil {
		return Done{}, err
	}
	return Done{}, ch.Subscribe(k, who, b)
}

func (s *Server) unsubscribe(_ context.Context, k *Socket, _ *Principal, b proto.Subscribe) (Done, error) {
	ch, ok := s.channels[b.Ch]
	if !ok {
		return Done{}, unknownChannel(b.Ch)
	}
	ch.Unsubscribe(k)
	return Done{}, nil
}

func unknownChannel(ch proto.Channel) error {
	return NewProblem(http.StatusUnprocessableEntity, proto.CodeUnknownChannel, "the channels are desk and board", "ch", string(ch))
}

// carryOut does what a command asks, unless the same page's user sent it before, and answers it.
func (k *Socket) carryOut(cmd proto.Command) {
	start := time.Now()
	entry := k.s.commands[cmd.T]
	if entry.Passing {
		k.SendRaw(k.run(cmd, entry))
		k.s.metrics.commands.WithLabelValues(cmd.T).Observe(time.Since(start).Seconds())
		return
	}
	ans, repeated := k.s.acks.begin(k.user, cmd.ID)
	if repeated {
		select {
		case <-ans.ready:
			k.SendRaw(ans.data)
		case <-time.After(commandTimeout):
			k.ack(cmd.ID, Done{}, NewProblem(http.StatusServiceUnavailable, proto.CodeTooSlow, "the command is still being carried out"))
		case <-k.done:
		}
		return
	}
	data := k.encodeAck(cmd.ID, Done{}, NewProblem(http.StatusInternalServerError, proto.CodeFailed, "the server made a mistake"))
	defer func() { ans.fill(data) }() // whatever happens: a repetition may be waiting
	data = k.run(cmd, entry)
	k.SendRaw(data)
	k.s.metrics.commands.WithLabelValues(cmd.T).Observe(time.Since(start).Seconds())
}

// run gives the encoded answer. A command that was sent is carried out, though the page goes away.
func (k *Socket) run(cmd proto.Command, entry Command) []byte {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	who := k.Principal()
	err := who.Admit(entry.Access)
	var done Done
	if err == nil {
		done, err = entry.Do(ctx, k, who, cmd.Body)
	}
	if err == nil && done.Seq > 0 {
		k.s.acked(k, done.Seq)
	}
	return k.encodeAck(cmd.ID, done, err)
}

// decodeCommand reads a command's frame. Its body is read by whoever carries it out.
func (s *Server) decodeCommand(data []byte) (proto.Command, error) {
	var cmd proto.Command
	if err := decodeStrict(data, &cmd); err != nil {
		return cmd, err
	}
	if n := len([]rune(cmd.ID)); n < 1 || n > 64 {
		return cmd, errors.New("a command's id has 1 to 64 characters")
	}
	if _, ok := s.commands[cmd.T]; !ok {
		return cmd, errors.New("no such command")
	}
	return cmd, nil
}

// decodeStrict refuses fields that there are not, and anything after the value.
func decodeStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after the value")
	}
	return nil
}
