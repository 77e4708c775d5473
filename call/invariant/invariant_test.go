package invariant

import "testing"

func TestCheckPanicsUnderTheRaceDetectorOnly(t *testing.T) {
	defer func() {
		if r := recover(); (r != nil) != On {
			t.Errorf("panic %v in a build in which On is %v", r, On)
		}
	}()
	Check(true, "nothing")
	Check(false, "a leg stands on one shard")
}
