package acdsim_test

import (
	"encoding/binary"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/acd/acdsim"
	"github.com/linedesk/linedesk/call"
)

// recorder is a machine whose day is kept.
type recorder struct {
	*acd.Machine
	records []call.Record
	effects [][]acd.Effect
}

func (r *recorder) Step(rec call.Record) []acd.Effect {
	effects := r.Machine.Step(rec)
	r.records = append(r.records, rec)
	r.effects = append(r.effects, effects)
	return effects
}

// A recorded day, read back from the JSON that the journal keeps, gives the same effects to the letter, the
// offers' IDs among them.
func TestReplayedDayGivesTheSameEffects(t *testing.T) {
	day := &recorder{Machine: acd.New(42)}
	if _, err := (acdsim.Storm{Seed: 11, Steps: 20_000, Machine: day}).Run(); err != nil {
		t.Fatal(err)
	}
	again := acd.New(42)
	for i, rec := range day.records {
		text, err := json.Marshal(rec.Event)
		if err != nil {
			t.Fatal(err)
		}
		if rec.Event, err = call.Decode(call.TypeName(rec.Event), text); err != nil {
			t.Fatal(err)
		}
		if got := again.Step(rec); !reflect.DeepEqual(got, day.effects[i]) {
			t.Fatalf("step %d, %T: got %+v, want %+v", i, rec.Event, got, day.effects[i])
		}
	}
	if got, want := deadline(again), deadline(day.Machine); got != want {
		t.Errorf("deadline: got %s, want %s", got, want)
	}
}

func deadline(m *acd.Machine) string {
	at, ok := m.Deadline()
	if !ok {
		return "none"
	}
	return at.String()
}

// What the shell records of the effects comes back to the machine as events; it takes no notice.
func TestOwnWordsChangeNothing(t *testing.T) {
	day := &recorder{Machine: acd.New(42)}
	if _, err := (acdsim.Storm{Seed: 12, Steps: 5_000, Machine: day}).Run(); err != nil {
		t.Fatal(err)
	}
	again := acd.New(42)
	for i, rec := range day.records {
		if got := again.Step(rec); !reflect.DeepEqual(got, day.effects[i]) {
			t.Fatalf("step %d, %T: got %+v, want %+v", i, rec.Event, got, day.effects[i])
		}
		for _, e := range day.effects[i] {
			own := ownWords(e)
			if own == nil {
				continue
			}
			if got := again.Step(call.Record{Seq: rec.Seq, At: rec.At, Event: own}); got != nil {
				t.Fatalf("step %d, %T: got %+v, want nothing", i, own, got)
			}
		}
	}
}

// ownWords is what the shell records of an effect.
func ownWords(e acd.Effect) call.Event {
	switch e := e.(type) {
	case acd.OfferCall:
		return call.CallOffered{Offer: e.Offer, Call: e.Call, Queue: e.Queue, Agent: e.Agent, Until: e.Until, Why: e.Why}
	case acd.WithdrawOffer:
		if e.Miss == "" {
			return call.OfferWithdrawn{Offer: e.Offer, Call: e.Call, Agent: e.Agent}
		}
		return call.OfferMissed{Offer: e.Offer, Call: e.Call, Agent: e.Agent, Miss: e.Miss}
	case acd.StartWrapUp:
		return call.WrapUpStarted{Call: e.Call, Agent: e.Agent, Until: e.Until}
	case acd.EndWrapUp:
		return call.WrapUpEnded{Call: e.Call, Agent: e.Agent, TimedOut: e.TimedOut}
	case acd.ReportStatus:
		return e.AgentStatusChanged
	default:
		return nil
	}
}

// bytesOfChance lets a fuzzer decide what happens: each byte is one decision.
type bytesOfChance struct {
	data []byte
	more uint64 // when the data has run out within a turn
}

func (b *bytesOfChance) UsedUp() bool { return len(b.data) == 0 }

func (b *bytesOfChance) Uint64() uint64 {
	if len(b.data) == 0 {
		b.more += 0x9e3779b97f4a7c15 // splitmix64
		z := b.more
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return z ^ z>>31
	}
	n := b.data[0]
	b.data = b.data[1:]
	return uint64(n) * 0x0101010101010101
}

// FuzzStorm lets the fuzzer make the weather.
func FuzzStorm(f *testing.F) {
	for s := range uint64(8) {
		var seed [200]byte
		for i := range seed {
			var n [8]byte
			binary.LittleEndian.PutUint64(n[:], (s+1)*uint64(i+1)*0x9e3779b97f4a7c15)
			seed[i] = n[7]
		}
		f.Add(seed[:])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if b := broken(t, acdsim.Storm{Steps: 5_000, Chance: &bytesOfChance{data: data}}); b != nil {
			t.Fatal(b)
		}
	})
}
