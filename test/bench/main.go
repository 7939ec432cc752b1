// Bench measures the function beside what one would write instead: real servers, real gRPC, the same requests, one after
// the other in every round. It makes the requests from the examples, holds every server's answer against ours before it
// counts anything, and writes what it measured as JSON, as tables in Markdown and as plots in SVG.
//
// script/bench builds what it takes and calls it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/proto"
)

const (
	ours       = "ours"
	goPeer     = "go"
	pythonPeer = "python"
	canned     = "canned"
)

var (
	everyServer = []string{ours, goPeer, pythonPeer, canned}
	// Those that answer every case.
	startedServers = []string{ours, goPeer, pythonPeer}
	everyCallers   = []int{1, 16}
)

// The project's folder.
var root string

type paths struct{ binary, goPeer, python, canned string }

type options struct {
	paths  paths
	out    string
	rounds int
	length time.Duration
	only   string
	curves bool
	starts int
	render string
}

func must(err error) {
	if err != nil {
		running.killAll()
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func say(format string, values ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", values...) }

func parseOptions() options {
	o := options{}
	flag.StringVar(&root, "root", "", "the project's folder")
	flag.StringVar(&o.paths.binary, "binary", "", "the function's binary")
	flag.StringVar(&o.paths.goPeer, "go-peer", "", "the binary of peers/go")
	flag.StringVar(&o.paths.python, "python", "", "a Python that has the SDK")
	flag.StringVar(&o.paths.canned, "canned", "", "the binary of peers/canned")
	flag.StringVar(&o.out, "out", "", "the folder for results, requests and logs")
	flag.IntVar(&o.rounds, "rounds", 5, "turns of each server in every cell of the grid")
	flag.DurationVar(&o.length, "length", 500*time.Millisecond, "of a turn")
	flag.StringVar(&o.only, "only", "", "only the cases whose names begin with this")
	flag.BoolVar(&o.curves, "curves", false, "measure how a call's cost grows, too")
	flag.IntVar(&o.starts, "starts", 2, "how often each server is started in a round of the grid, for the time to its first answer")
	flag.StringVar(&o.render, "render", "", "measure nothing: write the tables and plots of this results.json")
	flag.Parse()
	return o
}

func main() {
	o := parseOptions()
	must(os.MkdirAll(o.out, 0o755))
	if o.render != "" {
		content, err := os.ReadFile(o.render)
		must(err)
		r := results{}
		must(json.Unmarshal(content, &r))
		write(o.out, r)
		return
	}
	halves = divide()
	b := newBench(o)
	b.makeRequests()
	passed, failed := b.checkAnswers()
	if failed == 0 {
		b.measure()
		write(o.out, b.results)
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

type bench struct {
	options

	logs    string
	kinds   map[string]serverKind
	cases   []testCase
	encoded map[string][]byte // by case: without the time in the context, as Crossplane sends it
	answers map[string][]byte // ours
	results results
}

func newBench(o options) *bench {
	b := &bench{options: o, logs: filepath.Join(o.out, "logs"), kinds: serverKinds(o.paths), encoded: map[string][]byte{}, answers: map[string][]byte{}}
	for _, folder := range []string{b.logs, filepath.Join(o.out, "requests"), filepath.Join(o.out, "answers")} {
		must(os.MkdirAll(folder, 0o755))
	}
	b.results = results{Machine: machine(), Rounds: o.rounds, Length: o.length.Seconds(), Binary: size(o.paths.binary)}
	return b
}

// makeRequests asks our own server, whose time is the one of the request, and keeps its answers.
func (b *bench) makeRequests() {
	began := time.Now()
	s := start(withOurClock(b.kinds[ours], true), b.logs, nil, true)
	defer s.stop()
	function := fnv1.NewFunctionRunnerServiceClient(s.connection)
	keys, err := os.MkdirTemp("", "bench-keys-")
	must(err)
	defer os.RemoveAll(keys)
	signers := &signers{binary: b.paths.binary, folder: keys, signed: map[string]object{}}
	cases := makeCases(function, signers)
	if b.curves {
		cases = append(cases, makeCurves(function, signers)...)
	}
	for _, c := range cases {
		if !strings.HasPrefix(c.name, b.only) {
			continue
		}
		b.cases = append(b.cases, c)
		b.answers[c.name] = call(s, encode(c.request))
		must(os.WriteFile(filepath.Join(b.out, "requests", c.name+".bin"), encode(c.request), 0o644))
		must(os.WriteFile(b.answerFile(c), b.answers[c.name], 0o644))
		request := proto.Clone(c.request).(*fnv1.RunFunctionRequest)
		request.Context = nil
		b.encoded[c.name] = encode(request)
	}
	say("made %d requests in %.1f s", len(b.cases), time.Since(began).Seconds())
}

func (b *bench) answerFile(c testCase) string { return filepath.Join(b.out, "answers", c.name+".bin") }

func encode(request *fnv1.RunFunctionRequest) []byte {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
	must(err)
	return encoded
}

// checkAnswers compares the answers of those who say that they do the same: to every case, at one time.
func (b *bench) checkAnswers() (passed, failed int) {
	for _, peer := range []string{goPeer, pythonPeer} {
		s := start(b.kinds[peer], b.logs, nil, true)
		for _, c := range b.cases {
			if !c.takes(peer) {
				continue
			}
			if difference := compare(b.answers[c.name], call(s, encode(c.request))); difference != "" {
				fmt.Printf("FAIL: %s answers %s differently from ours:\n%s\n", peer, c.name, difference)
				failed++
			} else {
				passed++
			}
		}
		s.stop()
	}
	say("%d answers are equal to ours, %d are not", passed, failed)
	return passed, failed
}

func (b *bench) measure() {
	starts := newStarts()
	for _, transport := range []string{insecureTransport, mutualTLS} {
		var tls *certificates
		if transport == mutualTLS {
			tls = makeCertificates(filepath.Join(b.out, "certificates"))
		}
		b.measureGrid(transport, tls, starts)
	}
	if b.curves {
		b.measureCurves()
	}
	b.results.Starts = starts.results()
}

// What each start of a server took: from exec to the first answer, and what the idle process then held.
type starts struct {
	took map[string][]time.Duration
	idle map[string][]float64
}

func newStarts() *starts { return &starts{map[string][]time.Duration{}, map[string][]float64{}} }

func (b *bench) measureStarts(all *starts) {
	for range b.starts {
		for _, name := range startedServers {
			took, idle := firstAnswer(b.kind(name), b.logs, b.encoded[b.cases[0].name])
			all.took[name], all.idle[name] = append(all.took[name], took), append(all.idle[name], idle)
		}
	}
}

func (all *starts) results() []started {
	results := []started{}
	for _, name := range startedServers {
		results = append(results, started{Server: name, Milliseconds: median(all.took[name]).Seconds() * 1e3, IdleMB: median(all.idle[name])})
	}
	return results
}

// measureGrid keeps the servers for the whole grid, so that their memory is that of long use.
func (b *bench) measureGrid(transport string, tls *certificates, starts *starts) {
	servers := b.startAll(tls)
	grid := b.cells(everyCallers, func(c testCase) bool { return c.grows == "" })
	b.measureCells(grid, transport, tls, servers, func() { b.measureStarts(starts) })
	time.Sleep(settling)
	for _, name := range startedServers {
		now, peak := servers[name].memory()
		b.results.Memory = append(b.results.Memory, held{Server: name, Transport: transport, AfterMB: now, PeakMB: peak})
		servers[name].stop()
	}
}

// measureCurves takes one caller and no TLS: it is about the function.
func (b *bench) measureCurves() {
	servers := b.startAll(nil)
	b.measureCells(b.cells([]int{1}, func(c testCase) bool { return c.grows != "" }), insecureTransport, nil, servers, func() {})
	for _, name := range startedServers {
		servers[name].stop()
	}
}

// kind is how a server is started for measuring.
func (b *bench) kind(name string) serverKind {
	if name == ours {
		return withOurClock(b.kinds[name], false)
	}
	return b.kinds[name]
}

func (b *bench) startAll(tls *certificates) map[string]*server {
	servers := map[string]*server{}
	for _, name := range startedServers {
		servers[name] = start(b.kind(name), b.logs, tls, false)
	}
	return servers
}

// A measuring is one case with so many callers, and how its servers did so far.
type measuring struct {
	testCase
	callers int
	loads   []*load
}

func (b *bench) cells(callers []int, wanted func(testCase) bool) []*measuring {
	cells := []*measuring{}
	for _, c := range b.cases {
		if !wanted(c) {
			continue
		}
		for _, count := range callers {
			m := &measuring{testCase: c, callers: count}
			for _, name := range everyServer {
				if c.takes(name) {
					m.loads = append(m.loads, &load{name: name, request: b.encoded[c.name], check: succeeds(b.answers[c.name])})
				}
			}
			cells = append(cells, m)
		}
	}
	return cells
}

// measureCells goes through all cells in every round: those of one cell are minutes apart, and what keeps the machine busy for a
// while is not in all of them.
func (b *bench) measureCells(cells []*measuring, transport string, tls *certificates, servers map[string]*server, before func()) {
	for round := range b.rounds {
		before()
		for _, m := range cells {
			b.measureRound(m, round, tls, servers)
		}
		say("%s, round %d of %d", transport, round+1, b.rounds)
	}
	for _, m := range cells {
		for _, l := range m.loads {
			b.results.Cells = append(b.results.Cells, l.cell(m.testCase, transport, m.callers, len(b.answers[m.name])))
		}
	}
}

// measureRound gives each server its turn, and each the first turn in some round. The canned one has one answer.
func (b *bench) measureRound(m *measuring, round int, tls *certificates, servers map[string]*server) {
	if m.takes(canned) {
		servers[canned] = start(cannedKind(b.paths, b.answerFile(m.testCase)), b.logs, tls, false)
		defer servers[canned].stop()
	}
	for _, l := range m.loads {
		l.server = servers[l.name]
		l.warmUp(b.length / 4)
	}
	for i := range m.loads {
		l := m.loads[(i+round)%len(m.loads)]
		l.round(m.callers, b.length)
		if len(l.failures) > 0 {
			must(fmt.Errorf("%s: %s: %s", m.name, l.name, l.failures[0]))
		}
	}
}

func machine() string {
	model := "unknown"
	content, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(content)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%d cores, %s, %s", runtime.NumCPU(), model, runtime.GOARCH)
}

func size(file string) float64 {
	info, err := os.Stat(file)
	must(err)
	return float64(info.Size()) / 1e6
}

func (c testCase) takes(server string) bool { return slices.Contains(c.servers, server) }
