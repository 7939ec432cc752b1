package robustness

import (
	"sync"

	"golang.org/x/net/http2"
)

// windows is how much a caller may still send (RFC 9113, section 5.2).
type windows struct {
	mu         sync.Mutex
	changed    *sync.Cond
	connection int
	streams    map[uint32]int
	initial    int
	closed     bool
}

func newWindows() *windows {
	w := &windows{connection: 65535, initial: 65535, streams: map[uint32]int{}}
	w.changed = sync.NewCond(&w.mu)
	return w
}

// take waits until so much may be sent; false where the connection is over.
func (w *windows) take(stream uint32, size int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.closed && (w.connection < size || w.initial+w.streams[stream] < size) {
		w.changed.Wait()
	}
	w.connection -= size
	w.streams[stream] -= size
	return !w.closed
}

// wait returns when the connection is over.
func (w *windows) wait() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.closed {
		w.changed.Wait()
	}
}

// follow reads what the server says until the end of the connection.
func (w *windows) follow(c *caller) {
	for {
		frame, err := c.framer.ReadFrame()
		w.mu.Lock()
		if err != nil {
			w.closed = true
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if initial, ok := frame.Value(http2.SettingInitialWindowSize); ok {
				w.initial = int(initial)
			}
		case *http2.WindowUpdateFrame:
			if frame.StreamID == 0 {
				w.connection += int(frame.Increment)
			} else {
				w.streams[frame.StreamID] += int(frame.Increment)
			}
		}
		w.changed.Broadcast()
		w.mu.Unlock()
		if err != nil {
			return
		}
	}
}
