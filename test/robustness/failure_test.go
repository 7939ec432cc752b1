package robustness

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"tests/fixture"
)

// limited runs a command in a shell that sets something up first, such as "ulimit -n 100".
func limited(t *testing.T, setUp string, args ...string) *exec.Cmd {
	t.Helper()
	return exec.Command("bash", append([]string{"-c", setUp + `; exec "$@"`, "bash", fixture.Binary(t)}, args...)...)
}

// Out of file descriptors, because others hold all that there are: calls go on, and what was kept out comes in when there
// are some again.
func TestOutOfFileDescriptors(t *testing.T) {
	keys := newPKI(t)
	server := fixture.Start(t, "--tls-certs-dir", keys.folder, "--max-connections", "50", "--handshake-timeout", "1m")
	connected := dial(t, server.Address, keys.client)
	calls := lives(t, connected)
	caller := newHonest(t, connected, calls[0])
	var held []net.Conn
	for _, address := range []string{server.Metrics, server.Address} {
		for range 300 {
			if connection, err := net.DialTimeout("tcp", address, fixture.Patience); err == nil {
				held = append(held, connection)
			}
		}
	}
	if !eventually(func() bool { return server.FileDescriptors(t) >= 50+128-1 }) {
		t.Fatalf("%d file descriptors are open, and it may have %d", server.FileDescriptors(t), 50+128)
	}
	// Certificates that are renewed meanwhile cannot be read now.
	renewed := keys.ca.Issue(t, x509.ExtKeyUsageServerAuth, nil)
	replace(t, keys.folder, fixture.Secret(t, keys.ca, renewed))
	if !eventually(func() bool { return strings.Contains(server.Log(), "Too many open files") }) {
		t.Errorf("it does not say that it is out of file descriptors: %s", server.Log())
	}
	for _, connection := range held {
		_ = connection.Close()
	}
	caller.end(t)
	newcomer := dial(t, server.Address, keys.client)
	if !eventually(func() bool { _, err := newcomer.call(calls[0].request); return err == nil }) {
		t.Error("a newcomer does not get in")
	}
	if !eventually(func() bool { return scrape(server.Metrics) == nil }) {
		t.Error("there is no scrape any more")
	}
	if !eventually(func() bool { return strings.Contains(server.Log(), "reloaded the certificates") }) {
		t.Errorf("the renewed certificates are not taken: %s", server.Log())
	}
	if lines := strings.Count(server.Log(), "\n"); lines > 40 {
		t.Errorf("it filled its log with %d lines", lines)
	}
	t.Logf("honest calls while there were none left: %d, none failed", caller.tally.calls.Load())
}

func replace(t *testing.T, folder, with string) {
	t.Helper()
	for _, name := range []string{"ca.crt", "tls.crt", "tls.key"} {
		if err := os.Rename(filepath.Join(with, name), filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTooFewFileDescriptors(t *testing.T) {
	said, err := limited(t, "ulimit -n 100", fixture.WithPorts("--insecure")...).CombinedOutput()
	want := "function-release-pipeline: --max-connections: 256 take 384 file descriptors, and this process may have 100: " +
		"lower it, or raise that (ulimit -n)\n"
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 || string(said) != want {
		t.Errorf("%v, and it said %q, want exit code 1 and %q", err, said, want)
	}
}

// A log that cannot be written keeps nothing from being served.
func TestNoLog(t *testing.T) {
	cases := []struct{ name, reason, setUp string }{
		{"disk full", "every write fails with ENOSPC", "exec 2>/dev/full"},
		{"reader gone", "every write fails with EPIPE", "exec 2> >(exec true); sleep 0.2"},
		{"closed", "the number of standard error must not become a connection's", "exec 2>&-"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			address := freeAddress(t)
			command := limited(t, c.setUp, "--insecure", "--debug", "--address", address, "--metrics-address", "127.0.0.1:0")
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = command.Process.Kill(); _ = command.Wait() }()
			connected := dialInsecure(t, address)
			call := refused(t, 1)
			if !eventually(func() bool {
				answer, err := connected.call(call.request)
				return err == nil && call.check(answer) == nil
			}) {
				t.Fatalf("%s: no call is served", c.reason)
			}
			for range 200 {
				answer, err := connected.call(call.request)
				if err != nil {
					t.Fatal(err)
				}
				if err := call.check(answer); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// freeAddress was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// Killed in the middle of calls: each caller is told at once, the next process gives the answers that the one before
// gave, and nothing has to be put in order first.
func TestKilledDuringCalls(t *testing.T) {
	keys := newPKI(t)
	address := freeAddress(t)
	start := func() *fixture.Server {
		return fixture.StartCommand(t, exec.Command(fixture.Binary(t), "--tls-certs-dir", keys.folder, "--address", address,
			"--metrics-address", "127.0.0.1:0"))
	}
	server := start()
	connected := dial(t, address, keys.client)
	// An attempt that has begun: the answer to the call before says when it does.
	call := large(t, last(t, lives(t, connected), "approved"), 1500)
	before, err := connected.call(call.request)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	killed := make(chan struct{})
	failures := make(chan error, 16)
	for range cap(failures) {
		group.Go(func() {
			for {
				if _, err := connected.call(call.request); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	go func() { group.Wait(); close(killed) }()
	server.Kill(t)
	select {
	case <-killed:
	case <-time.After(fixture.Patience / 2):
		t.Fatal("callers wait for a process that is gone")
	}
	close(failures)
	for err := range failures {
		if status.Code(err) != codes.Unavailable {
			t.Errorf("%v, want Unavailable", err)
		}
	}
	start()
	var after []byte
	if !eventually(func() bool { after, err = connected.call(call.request); return err == nil }) {
		t.Fatalf("the process after it: %v", err)
	}
	if !bytes.Equal(after, before) {
		t.Error("the same call has another answer")
	}
	// Nor does it change with the time.
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
	if later, err := connected.call(call.request); err != nil || !bytes.Equal(later, before) {
		t.Errorf("a second later the same call has another answer (%v)", err)
	}
}

// last is the last call of a life.
func last(t *testing.T, calls []checkedCall, life string) checkedCall {
	t.Helper()
	for _, call := range slices.Backward(calls) {
		if strings.HasPrefix(call.name, life+"-") {
			return call
		}
	}
	t.Fatalf("no call of the life %s", life)
	return checkedCall{}
}

// The clock stepping back by an hour: what was decided stays, also what was decided in that hour; windows follow the clock.
func TestClockStepsBack(t *testing.T) {
	now := serveAt(t, "0s")
	hourAgo := serveAt(t, "-1h")
	for _, c := range []struct {
		name, reason string
		created      time.Duration
		approve      bool
		want         string
	}{
		{"approved", "what a deployment has acted on already", -10 * time.Minute, true, "approved"},
		{"timeout", "half an hour after the deadline, and half an hour before it again", -90 * time.Minute, false, "timeout"},
		{"pending", "goes on, with the same start and deadline", -10 * time.Minute, false, "pending"},
	} {
		t.Run(c.name, func(t *testing.T) {
			gate := newGate(c.created, c.approve)
			first := gate.decide(t, now)
			if verdict := text(first, "gate_status"); verdict != c.want {
				t.Fatalf("%s: %s, want %s", c.reason, verdict, c.want)
			}
			// Somebody approves while it is an hour ago; for a gate that is over that is too late, as it was before.
			if c.want == "timeout" {
				gate.approve()
			}
			second := gate.decide(t, hourAgo)
			for _, field := range []string{"gate_status", "approved_artifact_id", "approval_timestamp", "created_timestamp", "deadline"} {
				if text(first, field) != text(second, field) {
					t.Errorf("%s was %q and is %q: %s", field, text(first, field), text(second, field), c.reason)
				}
			}
			third := gate.decide(t, now)
			if text(third, "gate_status") != c.want {
				t.Errorf("it is %s when the clock is right again, want %s", text(third, "gate_status"), c.want)
			}
			if conditions := gate.conditions["AuditIntact"]; conditions != "STATUS_CONDITION_TRUE" {
				t.Errorf("AuditIntact is %s", conditions)
			}
		})
	}
	t.Run("window", func(t *testing.T) {
		// Open from a quarter of an hour ago on.
		open := time.Now().UTC().Add(-15 * time.Minute)
		gate := newGate(-10*time.Minute, true)
		// An attempt that is seen before its gate was created, by this clock, starts then.
		gate.spec()["timeout_hours"] = 3
		gate.pipeline()["promotionPolicies"] = map[string]any{"dev_to_staging": map[string]any{"windows": []any{map[string]any{
			"name": "w", "start": open.Format("15:04"), "end": open.Add(2 * time.Hour).Format("15:04"),
		}}}}
		if verdict := text(gate.decide(t, hourAgo), "gate_status"); verdict != "pending" {
			t.Errorf("before the window: %s, want pending", verdict)
		}
		if verdict := text(gate.decide(t, now), "gate_status"); verdict != "approved" {
			t.Errorf("in the window: %s, want approved", verdict)
		}
	})
}

func serveAt(t *testing.T, offset string) client {
	t.Helper()
	return dialInsecure(t, fixture.Start(t, "--insecure", "--clock-offset", offset).Address)
}

// gate is one of the lives, led by hand.
type gate struct {
	life
	observed   map[string]*fnv1.Resource
	conditions map[string]string
}

// newGate was created so long ago and is over an hour after that.
func newGate(created time.Duration, approved bool) *gate {
	document, err := os.ReadFile("fuzz/seeds/life/timeout.json")
	if err != nil {
		panic(err)
	}
	made := &gate{observed: map[string]*fnv1.Resource{}}
	if err := json.Unmarshal(document, &made.life); err != nil {
		panic(err)
	}
	metadata, _ := made.Objects[0]["metadata"].(map[string]any)
	metadata["creationTimestamp"] = time.Now().Add(created).UTC().Format(time.RFC3339)
	if approved {
		made.approve()
	}
	return made
}

func (g *gate) spec() map[string]any {
	spec, _ := g.Objects[0]["spec"].(map[string]any)
	return spec
}

func (g *gate) pipeline() map[string]any {
	spec, _ := g.Objects[1]["spec"].(map[string]any)
	return spec
}

func (g *gate) approve() {
	g.spec()["approvals"] = []any{map[string]any{"approver": "alice", "decision": "approve", "artifact_id": g.spec()["artifact_id"]}}
}

func (g *gate) decide(t *testing.T, c client) map[string]any {
	t.Helper()
	response, _ := g.reconcile(t, c, &fnv1.RunFunctionRequest{
		Meta: &fnv1.RequestMeta{
			Tag: fmt.Sprint(time.Now()), Capabilities: []fnv1.Capability{fnv1.Capability_CAPABILITY_REQUIRED_RESOURCES},
		},
		Observed: &fnv1.State{Composite: &fnv1.Resource{Resource: toStruct(t, g.Objects[0])}, Resources: g.observed},
	})
	decided, _ := response.GetDesired().GetComposite().GetResource().AsMap()["status"].(map[string]any)
	g.Objects[0]["status"] = decided
	g.observed, g.conditions = map[string]*fnv1.Resource{}, map[string]string{}
	for key, resource := range response.GetDesired().GetResources() {
		g.observed[key] = applied(t, proto.Clone(resource).(*fnv1.Resource), g.Objects[0])
	}
	for _, condition := range response.GetConditions() {
		g.conditions[condition.GetType()] = condition.GetStatus().String()
	}
	return decided
}
