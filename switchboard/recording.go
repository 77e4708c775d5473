package switchboard

import (
	"fmt"
	"path/filepath"

	"github.com/linedesk/linedesk/call"
)

// recordingName is a recording's place in the recordings folder: YYYY/MM/DD/CALL-N.wav, by the day in UTC.
func (sb *Switchboard) recordingName(id call.ID, n int) string {
	return filepath.FromSlash(fmt.Sprintf("%s/%s-%d.wav", sb.now().UTC().Format("2006/01/02"), id, n))
}
