package robustness

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"tests/fixture"
)

const (
	// More than --max-connections.
	thousands = 2000
	// What bad peers may make the server hold: --max-memory, 192 MB, and what arrives between two looks at it.
	allowedMemory = (192 + 64) << 20
	// The same for insiders, whom Crossplane's CA gave a certificate: they are faster than the looks at the memory.
	allowedInsiders = 640 << 20
)

// honest is a caller who was there before the bad peers and calls all the time.
type honest struct {
	tally tally
	stop  chan struct{}
	done  sync.WaitGroup
}

func newHonest(t *testing.T, c client, call checkedCall) *honest {
	t.Helper()
	caller := &honest{stop: make(chan struct{})}
	if answer, err := c.call(call.request); err != nil || call.check(answer) != nil {
		t.Fatalf("the first call: %v", err)
	}
	caller.done.Go(func() {
		for {
			select {
			case <-caller.stop:
				return
			default:
			}
			answer, err := c.call(call.request)
			if err == nil {
				err = call.check(answer)
			}
			caller.tally.add(err)
		}
	})
	return caller
}

// endInterrupted is for those who called beside insiders: they may have been refused, and nothing else.
func (h *honest) endInterrupted(t *testing.T) {
	t.Helper()
	close(h.stop)
	h.done.Wait()
	h.tally.demandOnlyRefusals(t)
}

func (h *honest) end(t *testing.T) {
	t.Helper()
	close(h.stop)
	h.done.Wait()
	h.tally.demandNoError(t)
}

// A bad peer does what it does on a connection of its own, until the server has enough of it or the test is over.
type badPeer func(ctx context.Context, connection net.Conn, keys pki)

func hangUpAtTheEnd(ctx context.Context, connection net.Conn) func() bool {
	return context.AfterFunc(ctx, func() { _ = connection.Close() })
}

func waitForTheEnd(connection net.Conn) { _, _ = io.Copy(io.Discard, connection) }

// halfOpen says nothing.
func halfOpen(_ context.Context, connection net.Conn, _ pki) { waitForTheEnd(connection) }

// garbage is what a port scanner sends, or another protocol.
func garbage(_ context.Context, connection net.Conn, _ pki) {
	noise := make([]byte, 4096)
	_, _ = rand.Read(noise)
	_, _ = connection.Write(noise)
	waitForTheEnd(connection)
}

func plainHTTP(_ context.Context, connection net.Conn, _ pki) {
	_, _ = io.WriteString(connection, "POST /apiextensions HTTP/1.1\r\nHost: function\r\nContent-Length: 1000000000\r\n\r\n")
	waitForTheEnd(connection)
}

// halfHello begins a TLS handshake and leaves it there.
func halfHello(_ context.Context, connection net.Conn, _ pki) {
	_, _ = connection.Write([]byte{0x16, 0x03, 0x01, 0x40, 0x00, 0x01, 0x00, 0x3f, 0xfc, 0x03, 0x03})
	waitForTheEnd(connection)
}

// withoutCertificate shakes hands, and has nothing to show.
func withoutCertificate(_ context.Context, connection net.Conn, keys pki) {
	secure := tls.Client(connection, keys.server.Clone())
	if secure.Handshake() == nil {
		waitForTheEnd(secure)
	}
}

// silent has a certificate, and never speaks HTTP/2.
func silent(_ context.Context, connection net.Conn, keys pki) {
	secure := tls.Client(connection, keys.client.Clone())
	if secure.Handshake() == nil {
		waitForTheEnd(secure)
	}
}

// caller speaks HTTP/2 by hand, with a certificate: what somebody with Crossplane's key could do.
type caller struct {
	connection net.Conn
	framer     *http2.Framer
	headers    []byte
}

func newCaller(connection net.Conn, keys pki) (*caller, error) {
	secure := tls.Client(connection, keys.client.Clone())
	if err := secure.Handshake(); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(secure, http2.ClientPreface); err != nil {
		return nil, err
	}
	made := &caller{connection: secure, framer: http2.NewFramer(secure, secure), headers: callHeaders()}
	return made, made.framer.WriteSettings()
}

func callHeaders() []byte {
	var block headerBlock
	encoder := hpack.NewEncoder(&block)
	for _, field := range []hpack.HeaderField{
		{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "https"}, {Name: ":path", Value: method},
		{Name: ":authority", Value: "function"}, {Name: "content-type", Value: "application/grpc"}, {Name: "te", Value: "trailers"},
	} {
		// A field that is indexed would mean another one the second time.
		field.Sensitive = true
		_ = encoder.WriteField(field)
	}
	return block
}

type headerBlock []byte

func (b *headerBlock) Write(bytes []byte) (int, error) {
	*b = append(*b, bytes...)
	return len(bytes), nil
}

func (c *caller) openStream(number uint32) error {
	return c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: number, BlockFragment: c.headers, EndHeaders: true})
}

// messageHead is a gRPC message's, of so many bytes.
func messageHead(size uint32) []byte { return binary.BigEndian.AppendUint32([]byte{0}, size) }

// stalledWriter opens as many calls as it may and sends nearly all of a large message in each of them, as far as the
// windows let it.
func stalledWriter(_ context.Context, connection net.Conn, keys pki) {
	c, err := newCaller(connection, keys)
	if err != nil {
		return
	}
	windows := newWindows()
	go windows.follow(c)
	const streams = 100
	const size = 4 << 20
	for i := range uint32(streams) {
		if c.openStream(2*i+1) != nil || c.framer.WriteData(2*i+1, false, messageHead(size)) != nil {
			return
		}
	}
	chunk := make([]byte, 16384)
	for range size/len(chunk) - 1 {
		for i := range uint32(streams) {
			if !windows.take(2*i+1, len(chunk)) || c.framer.WriteData(2*i+1, false, chunk) != nil {
				return
			}
		}
	}
	windows.wait()
}

// slowWriter sends a call's message byte by byte.
func slowWriter(ctx context.Context, connection net.Conn, keys pki) {
	c, err := newCaller(connection, keys)
	if err != nil {
		return
	}
	go waitForTheEnd(c.connection)
	if c.openStream(1) != nil || c.framer.WriteData(1, false, messageHead(1<<20)) != nil {
		return
	}
	for tick := time.Tick(50 * time.Millisecond); ctx.Err() == nil; <-tick {
		if c.framer.WriteData(1, false, []byte{0}) != nil {
			return
		}
	}
}

// rapidReset takes back each call at once (CVE-2023-44487).
func rapidReset(ctx context.Context, connection net.Conn, keys pki) {
	c, err := newCaller(connection, keys)
	if err != nil {
		return
	}
	go waitForTheEnd(c.connection)
	for number := uint32(1); ctx.Err() == nil && number < 1<<30; number += 2 {
		if c.openStream(number) != nil || c.framer.WriteRSTStream(number, http2.ErrCodeCancel) != nil {
			return
		}
	}
}

// endlessHeaders never ends a block of headers (CVE-2024-27316 and its kin).
func endlessHeaders(ctx context.Context, connection net.Conn, keys pki) {
	c, err := newCaller(connection, keys)
	if err != nil {
		return
	}
	go waitForTheEnd(c.connection)
	if c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: c.headers}) != nil {
		return
	}
	var block headerBlock
	encoder := hpack.NewEncoder(&block)
	for i := range 100 {
		_ = encoder.WriteField(hpack.HeaderField{Name: fmt.Sprintf("x-%d", i), Value: "0123456789", Sensitive: true})
	}
	for ctx.Err() == nil && c.framer.WriteContinuation(1, false, block) == nil {
	}
}

// pings and settings want an answer each, which nobody reads.
func pings(ctx context.Context, connection net.Conn, keys pki) {
	c, err := newCaller(connection, keys)
	if err != nil {
		return
	}
	for ctx.Err() == nil && c.framer.WritePing(false, [8]byte{}) == nil && c.framer.WriteSettings() == nil {
	}
}

func TestBadPeers(t *testing.T) {
	cases := []struct {
		name, reason string
		peer         badPeer
		peers        int
		insiders     bool // who have a certificate and mean harm: they may cost others their connections, for a while
	}{
		{"half-open", "a connection costs something before anything is said", halfOpen, thousands, false},
		{"garbage", "a port scanner", garbage, thousands, false},
		{"HTTP/1.1", "another protocol", plainHTTP, thousands, false},
		{"half a ClientHello", "a handshake that does not go on", halfHello, thousands, false},
		{"without certificates", "handshakes cost most", withoutCertificate, thousands, false},
		{"silent", "a certificate alone is no call", silent, thousands, false},
		{"slow writers", "calls that never arrive", slowWriter, 150, false},
		{"stalled writers", "1,000 messages of 4 MB that all but arrive", stalledWriter, 10, true},
		{"rapid reset", "calls that are taken back at once", rapidReset, 4, true},
		{"endless headers", "headers are held until they end", endlessHeaders, 50, true},
		{"pings", "answers that nobody reads", pings, 20, false},
	}
	keys := newPKI(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := fixture.Start(t, "--tls-certs-dir", keys.folder, "--handshake-timeout", "2s")
			connected := dial(t, server.Address, keys.client)
			calls := lives(t, connected)
			caller := newHonest(t, connected, calls[0])
			before := server.RSS(t)

			ctx, cancel := context.WithCancel(t.Context())
			var group sync.WaitGroup
			connected2 := 0
			for range c.peers {
				connection, err := net.DialTimeout("tcp", server.Address, fixture.Patience)
				if err != nil {
					// The queue of connections to be accepted is full: the peer's trouble.
					continue
				}
				connected2++
				group.Go(func() {
					defer connection.Close()
					defer hangUpAtTheEnd(ctx, connection)()
					c.peer(ctx, connection, keys)
				})
			}
			// Somebody honest who comes now gets in, at the latest when the first of the others have had their time.
			newcomer := dial(t, server.Address, keys.client)
			begin := time.Now()
			for {
				_, err := newcomer.call(calls[1].request)
				if err == nil {
					break
				}
				if status.Code(err) != codes.Unavailable || time.Since(begin) > fixture.Patience {
					t.Fatalf("a newcomer, after %v: %v", time.Since(begin), err)
				}
			}
			waited := time.Since(begin)
			hold(ctx, 3*time.Second)
			during, descriptors := server.RSS(t), server.FileDescriptors(t)
			cancel()
			group.Wait()
			allowed := allowedMemory
			if c.insiders {
				allowed = allowedInsiders
				caller.endInterrupted(t)
			} else {
				caller.end(t)
			}
			t.Logf("%d peers (%s): honest calls %d; a newcomer waited %v; RSS %d MB before, %d MB during, %d MB at most; %d file descriptors",
				connected2, c.reason, caller.tally.calls.Load(), waited.Round(time.Millisecond), before>>20, during>>20,
				server.PeakRSS(t)>>20, descriptors)
			if grown := server.PeakRSS(t) - before; grown > int64(allowed) {
				t.Errorf("the server took %d MB more", grown>>20)
			}
			if descriptors > 256+128 {
				t.Errorf("%d file descriptors are open", descriptors)
			}
		})
	}
}

// hold lets the bad peers go on for a while.
func hold(ctx context.Context, duration time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	<-ctx.Done()
}

// Messages over the limit are refused before they are there, however many come at once.
func TestHugeMessages(t *testing.T) {
	const size = 100 << 20
	keys := newPKI(t)
	server := fixture.Start(t, "--tls-certs-dir", keys.folder)
	connected := dial(t, server.Address, keys.client)
	caller := newHonest(t, connected, lives(t, connected)[0])
	before := server.RSS(t)
	huge := make([]byte, size)
	var group sync.WaitGroup
	for range 16 {
		c := dial(t, server.Address, keys.client)
		group.Go(func() {
			for range 4 {
				_, err := c.call(huge)
				// Or its connection is ended before that.
				if code := status.Code(err); code != codes.ResourceExhausted && code != codes.Unavailable {
					t.Errorf("a message of %d MB: %v, want ResourceExhausted", size>>20, err)
				}
			}
		})
	}
	group.Wait()
	caller.endInterrupted(t)
	t.Logf("64 messages of 100 MB: refused; honest calls %d; RSS %d MB before, %d MB at most", caller.tally.calls.Load(),
		before>>20, server.PeakRSS(t)>>20)
	if grown := server.PeakRSS(t) - before; grown > allowedInsiders {
		t.Errorf("the server took %d MB more", grown>>20)
	}
}

// nested is a field that has bytes.
func nested(number protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), content)
}

// A request takes memory in proportion to its size, whatever is in it.
func TestHostileRequests(t *testing.T) {
	const size = 4<<20 - 1024
	full := func(piece []byte) []byte { return bytes.Repeat(piece, size/len(piece)) }
	trail, err := proto.Marshal(&fnv1.RunFunctionRequest{Observed: &fnv1.State{Composite: &fnv1.Resource{
		Resource: toStruct(t, map[string]any{
			"apiVersion": "platform.zerotouch.dev/v1alpha1", "kind": "XPromotionGate",
			"metadata": map[string]any{"name": "web-dev-to-staging", "namespace": "team"},
			"spec": map[string]any{"tenant": "web", "artifact_id": "ghcr.io/acme/web:main-abc123",
				"source_environment": "dev", "target_environment": "staging"},
			"status": map[string]any{"audit": make([]any, size/5)},
		}),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	claim := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.BytesType), 1<<30)
	cases := []struct {
		name, reason string
		request      []byte
		code         codes.Code
	}{
		{"empty messages", "each takes a hundred times its two bytes", nested(8, nested(2, full(nested(1, nil)))), codes.InvalidArgument},
		{"unknown fields", "each is kept", full(nested(10, nil)), codes.InvalidArgument},
		{"claims", "room is made for what a string claims to have", full(nested(8, nested(2, claim))), codes.InvalidArgument},
		{"field 0", "Protobuf gives back more than it got, and gRPC's reader ends the process", append(nested(10, make([]byte, size)), 0, 0), codes.InvalidArgument},
		{"a trail of hundreds of thousands", "each entry takes two hundred bytes", trail, codes.OK},
	}
	keys := newPKI(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := fixture.Start(t, "--tls-certs-dir", keys.folder)
			connected := dial(t, server.Address, keys.client)
			caller := newHonest(t, connected, lives(t, connected)[0])
			before := server.RSS(t)
			var group sync.WaitGroup
			for range 8 {
				insider := dial(t, server.Address, keys.client)
				group.Go(func() {
					for range 4 {
						_, err := insider.call(c.request)
						// Or what all of them sent was too much.
						if code := status.Code(err); code != c.code && code != codes.ResourceExhausted && code != codes.Unavailable {
							t.Errorf("%v, want %v", err, c.code)
						}
					}
				})
			}
			group.Wait()
			caller.endInterrupted(t)
			t.Logf("32 requests of %d kB (%s); RSS %d MB before, %d MB at most", len(c.request)>>10, c.reason, before>>20, server.PeakRSS(t)>>20)
			if grown := server.PeakRSS(t) - before; grown > allowedInsiders {
				t.Errorf("the server took %d MB more", grown>>20)
			}
		})
	}
}

// The metrics port knows no certificates. Whoever fills it keeps scrapes out for a while, but neither calls nor memory.
func TestBadPeersOfTheMetrics(t *testing.T) {
	keys := newPKI(t)
	server := fixture.Start(t, "--tls-certs-dir", keys.folder)
	connected := dial(t, server.Address, keys.client)
	calls := lives(t, connected)
	caller := newHonest(t, connected, calls[0])
	before := server.RSS(t)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for i := range thousands {
		connection, err := net.DialTimeout("tcp", server.Metrics, fixture.Patience)
		if err != nil {
			continue
		}
		group.Go(func() {
			defer connection.Close()
			defer hangUpAtTheEnd(ctx, connection)()
			if i%2 == 0 {
				plainHTTP(ctx, connection, keys)
			} else {
				halfOpen(ctx, connection, keys)
			}
		})
	}
	hold(ctx, 3*time.Second)
	descriptors := server.FileDescriptors(t)
	cancel()
	group.Wait()
	caller.end(t)
	if !eventually(func() bool { return scrape(server.Metrics) == nil }) {
		t.Error("there is no scrape any more")
	}
	newcomer := dial(t, server.Address, keys.client)
	if !eventually(func() bool { _, err := newcomer.call(calls[0].request); return err == nil }) {
		t.Error("a newcomer does not get in")
	}
	t.Logf("%d peers: honest calls %d, none failed; %d file descriptors; RSS %d MB before, %d MB at most", thousands,
		caller.tally.calls.Load(), descriptors, before>>20, server.PeakRSS(t)>>20)
	if grown := server.PeakRSS(t) - before; grown > allowedMemory {
		t.Errorf("the server took %d MB more", grown>>20)
	}
}

func scrape(address string) error {
	c := http.Client{Timeout: fixture.Patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := c.Get("http://" + address + "/metrics")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func eventually(done func() bool) bool {
	for begin := time.Now(); time.Since(begin) < fixture.Patience; {
		if done() {
			return true
		}
	}
	return false
}
