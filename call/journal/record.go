package journal

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
	"time"

	"github.com/linedesk/linedesk/call"
)

// A record on disk, numbers little-endian:
//
//	 0  4  length of all that follows the checksum
//	 4  4  CRC-32C of all that follows it
//	 8  8  sequence number
//	16  8  time, µs since 1970 UTC
//	24  1  version of the record's event
//	25  1  length of the event's name
//	26  n  name, as in call.Types
//	       JSON
const (
	recordHead  = 8  // length and checksum
	recordFixed = 26 // up to the name
	recordMin   = recordFixed - recordHead + 1 + 2
	// recordMax bounds what a reader allocates for a length it has read, and what Append takes.
	// The largest event is RoutingConfigured: some 200 bytes for each of 3000 agents.
	recordMax = 16 << 20
)

// eventVersion is written with every record. A server that meets a higher one stops and says so: the
// journal was written by a newer server. Fields are only ever added under the same version.
const eventVersion = 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame is a record as it lies on disk, its event not decoded. The slices point into the reader's
// buffer and hold until the next read.
type frame struct {
	seq     uint64
	at      int64 // µs
	version uint8
	name    []byte
	data    []byte
	size    int64 // of the whole record on disk
}

// errTorn says that the bytes end in the middle of a record.
var errTorn = errors.New("the record is cut off")

// errBad says that the bytes are not the record that should be there.
var errBad = errors.New("the record is damaged")

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// encoder holds a record's bytes and a JSON encoder that writes behind them.
type encoder struct {
	buf  bytes.Buffer
	json *json.Encoder
}

// encode lays out an event as a record that lacks its sequence number, time and checksum. The
// encoder goes back to the pool once the record is written.
func encode(e call.Event) (*encoder, error) {
	name := call.TypeName(e)
	if name == "" || len(name) > 255 {
		return nil, fmt.Errorf("journal: %T is not an event: pass a value of a type in call.Types", e)
	}
	enc := encoders.Get().(*encoder)
	if enc.json == nil {
		enc.json = json.NewEncoder(&enc.buf)
		enc.json.SetEscapeHTML(false)
	}
	var head [recordFixed]byte
	head[24], head[25] = eventVersion, uint8(len(name))
	enc.buf.Reset()
	enc.buf.Write(head[:])
	enc.buf.WriteString(name)
	if err := enc.json.Encode(e); err != nil {
		encoders.Put(enc)
		return nil, fmt.Errorf("journal: encode %s: %w", name, err)
	}
	enc.buf.Truncate(enc.buf.Len() - 1) // the encoder's newline
	if enc.buf.Len() > recordMax {
		n := enc.buf.Len()
		encoders.Put(&encoder{}) // do not keep so large a buffer
		return nil, fmt.Errorf("journal: event %s takes %d bytes, more than %d", name, n, recordMax)
	}
	return enc, nil
}

// seal gives an encoded record its place and time.
func (enc *encoder) seal(seq uint64, at int64) []byte {
	b := enc.buf.Bytes()
	binary.LittleEndian.PutUint32(b, uint32(len(b)-recordHead))
	binary.LittleEndian.PutUint64(b[8:], seq)
	binary.LittleEndian.PutUint64(b[16:], uint64(at))
	binary.LittleEndian.PutUint32(b[4:], crc32.Checksum(b[recordHead:], castagnoli))
	return b
}

// free gives the encoder back for reuse.
func (enc *encoder) free() {
	if enc.buf.Cap() <= 64<<10 {
		encoders.Put(enc)
	}
}

// frames reads records one after another from bytes that came from a disk: nothing in them is
// believed before it was checked.
type frames struct {
	src  *bufio.Reader
	left int64 // bytes that there should be
	off  int64 // of the next record in the file
	skip int   // bytes of the last record still to be discarded
	big  []byte
}

const frameBuffer = 128 << 10

// newFrames reads the stretch [off, end) of a segment.
func newFrames(src io.ReaderAt, off, end int64) *frames {
	f := &frames{off: off, left: end - off}
	f.src = bufio.NewReaderSize(io.NewSectionReader(src, off, end-off), frameBuffer)
	return f
}

// next gives the record that must have sequence number want. io.EOF: the bytes end where a record
// ends; errTorn and errBad as they say, f.off is then where the record begins.
func (f *frames) next(want uint64) (frame, error) {
	if f.skip > 0 {
		if _, err := f.src.Discard(f.skip); err != nil {
			return frame{}, err
		}
		f.skip = 0
	}
	if f.left == 0 {
		return frame{}, io.EOF
	}
	if f.left < recordHead {
		return frame{}, errTorn
	}
	head, err := f.src.Peek(recordHead)
	if err != nil {
		return frame{}, shortRead(err)
	}
	n := int64(binary.LittleEndian.Uint32(head))
	if n < recordMin || n > recordMax {
		return frame{}, errBad
	}
	if size := n + recordHead; f.left < size {
		return frame{}, errTorn
	}
	b, err := f.take(int(n + recordHead))
	if err != nil {
		return frame{}, shortRead(err)
	}
	fr, ok := parse(b)
	if !ok || fr.seq != want {
		return frame{}, errBad
	}
	f.left -= fr.size
	f.off += fr.size
	return fr, nil
}

// take gives the next n bytes without copying where they fit the buffer.
func (f *frames) take(n int) ([]byte, error) {
	if n <= f.src.Size() {
		b, err := f.src.Peek(n)
		f.skip = n
		return b, err
	}
	if cap(f.big) < n {
		f.big = make([]byte, n)
	}
	_, err := io.ReadFull(f.src, f.big[:n])
	return f.big[:n], err
}

func shortRead(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTorn // the file is shorter than it was a moment ago
	}
	return err
}

// parse checks a whole record and takes it apart.
func parse(b []byte) (frame, bool) {
	if len(b) < recordHead+recordMin {
		return frame{}, false
	}
	if binary.LittleEndian.Uint32(b) != uint32(len(b)-recordHead) ||
		binary.LittleEndian.Uint32(b[4:]) != crc32.Checksum(b[recordHead:], castagnoli) {
		return frame{}, false
	}
	name := int(b[25])
	if name == 0 || recordFixed+name >= len(b) {
		return frame{}, false
	}
	return frame{
		seq:     binary.LittleEndian.Uint64(b[8:]),
		at:      int64(binary.LittleEndian.Uint64(b[16:])),
		version: b[24],
		name:    b[recordFixed : recordFixed+name],
		data:    b[recordFixed+name:],
		size:    int64(len(b)),
	}, true
}

// decode makes the event of a frame.
func (fr frame) decode() (call.Record, error) {
	name, known := typeNames[string(fr.name)]
	if !known {
		return call.Record{}, fmt.Errorf("record %d is of the unknown type %q: the journal was written by a newer server", fr.seq, fr.name)
	}
	if fr.version > eventVersion {
		return call.Record{}, fmt.Errorf("record %d (%s) has version %d, this server knows %d: the journal was written by a newer server",
			fr.seq, name, fr.version, eventVersion)
	}
	ev, err := call.Decode(name, fr.data)
	if err != nil {
		return call.Record{}, fmt.Errorf("record %d: %w", fr.seq, err)
	}
	return call.Record{Seq: fr.seq, At: time.UnixMicro(fr.at).UTC(), Event: ev}, nil
}

// typeNames saves making a new string for every record's type.
var typeNames = func() map[string]string {
	m := make(map[string]string, len(call.Types))
	for name := range call.Types {
		m[name] = name
	}
	return m
}()
