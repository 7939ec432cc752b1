package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	insecureTransport = "insecure"
	mutualTLS         = "mTLS"
)

// What was measured. Times are in microseconds where nothing else is said.
type results struct {
	Machine string    `json:"machine"`
	Rounds  int       `json:"rounds"`
	Length  float64   `json:"round_seconds"`
	Binary  float64   `json:"binary_mb"` // stripped, in 10^6 bytes
	Starts  []started `json:"starts"`
	Memory  []held    `json:"memory"`
	Cells   []cell    `json:"cells"`
}

type started struct {
	Server       string  `json:"server"`
	Milliseconds float64 `json:"first_answer_ms"`
	IdleMB       float64 `json:"idle_mib"`
}

type held struct {
	Server    string  `json:"server"`
	Transport string  `json:"transport"`
	AfterMB   float64 `json:"after_mib"`
	PeakMB    float64 `json:"peak_mib"`
}

type cell struct {
	Case         string  `json:"case"`
	What         string  `json:"what,omitempty"`
	Grows        string  `json:"grows,omitempty"`
	Size         int     `json:"size,omitempty"`
	Server       string  `json:"server"`
	Transport    string  `json:"transport"`
	Callers      int     `json:"callers"`
	RequestBytes int     `json:"request_bytes"`
	AnswerBytes  int     `json:"answer_bytes"`
	Calls        int     `json:"calls"`
	PerSecond    float64 `json:"calls_per_second"`
	CPU          float64 `json:"cpu_us"` // of the best round: what disturbs it only adds
	P50          float64 `json:"p50_us"` // of the round in the middle, as is the next
	P99          float64 `json:"p99_us"`
	// By round: what is compared was measured within seconds.
	EachCPU []float64 `json:"cpu_us_each"`
	EachP50 []float64 `json:"p50_us_each"`
	EachP99 []float64 `json:"p99_us_each"`
}

var titles = map[string]string{ours: "ours", goPeer: "Go", pythonPeer: "Python", canned: "canned"}

func (r results) find(name, server, transport string, callers int) *cell {
	for i, c := range r.Cells {
		if c.Case == name && c.Server == server && c.Transport == transport && c.Callers == callers {
			return &r.Cells[i]
		}
	}
	return nil
}

// grid has the names of the cases that are no part of a curve.
func (r results) grid() []string {
	names := []string{}
	for _, c := range r.Cells {
		if c.Grows == "" && (len(names) == 0 || names[len(names)-1] != c.Case) && !contains(names, c.Case) {
			names = append(names, c.Case)
		}
	}
	return names
}

func contains(names []string, name string) bool {
	for _, other := range names {
		if other == name {
			return true
		}
	}
	return false
}

// write leaves results.json, results.md, and the plots in the folder, and prints the tables.
func write(folder string, r results) {
	encoded, err := json.MarshalIndent(r, "", "  ")
	must(err)
	tables := markdown(r)
	files := map[string]string{"results.json": string(encoded) + "\n", "results.md": tables, "cost.svg": costPlot(r)}
	if len(r.curves()) > 0 {
		files["growth.svg"] = growthPlot(r)
	}
	for name, content := range files {
		must(os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644))
	}
	fmt.Print(tables)
	say("wrote %s in %s", strings.Join(sortedKeys(files), ", "), folder)
}

func markdown(r results) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s; %d rounds of %g s each\n", r.Machine, r.Rounds, r.Length)
	for _, transport := range []string{insecureTransport, mutualTLS} {
		for _, callers := range everyCallers {
			out.WriteString(costTable(r, transport, callers))
		}
	}
	out.WriteString(weightTable(r))
	out.WriteString(growthTable(r))
	out.WriteString(targetTable(r))
	return out.String()
}

// costTable has a row for each case: CPU of a call, latencies, and behind each peer's CPU how many times ours that is.
func costTable(r results, transport string, callers int) string {
	var out strings.Builder
	noun := "callers"
	if callers == 1 {
		noun = "caller"
	}
	fmt.Fprintf(&out, "\n### %s, %d %s\n\n", transport, callers, noun)
	out.WriteString("CPU of the server for a call in µs (times ours), then latency p50 / p99 in µs.\n\n| case | request, answer |")
	for _, server := range everyServer {
		fmt.Fprintf(&out, " %s |", titles[server])
	}
	for _, server := range everyServer {
		fmt.Fprintf(&out, " %s p50 / p99 |", titles[server])
	}
	out.WriteString("\n| --- | --- |" + strings.Repeat(" ---: |", 2*len(everyServer)) + "\n")
	rows := 0
	for _, name := range r.grid() {
		own := r.find(name, ours, transport, callers)
		if own == nil {
			continue
		}
		rows++
		fmt.Fprintf(&out, "| %s | %s, %s |", name, kilobytes(own.RequestBytes), kilobytes(own.AnswerBytes))
		for _, server := range everyServer {
			out.WriteString(" " + costText(r.find(name, server, transport, callers), own) + " |")
		}
		for _, server := range everyServer {
			out.WriteString(" " + latencyText(r.find(name, server, transport, callers)) + " |")
		}
		out.WriteString("\n")
	}
	if rows == 0 {
		return ""
	}
	return out.String()
}

func costText(c, own *cell) string {
	switch {
	case c == nil:
		return "left out"
	case c == own:
		return fmt.Sprintf("%.0f", c.CPU)
	}
	return fmt.Sprintf("%.0f (%.1f)", c.CPU, c.CPU/own.CPU)
}

func latencyText(c *cell) string {
	if c == nil {
		return "left out"
	}
	return fmt.Sprintf("%.0f / %.0f", c.P50, c.P99)
}

func kilobytes(bytes int) string { return fmt.Sprintf("%.1f kB", float64(bytes)/1e3) }

func weightTable(r results) string {
	var out strings.Builder
	out.WriteString("\n### Start and memory\n\n| server | exec to first answer | memory then | after the grid, insecure | after the grid, mTLS | its peak |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, s := range r.Starts {
		plain, secure := r.memory(s.Server, insecureTransport), r.memory(s.Server, mutualTLS)
		fmt.Fprintf(&out, "| %s | %.1f ms | %.1f MiB | %.1f MiB | %.1f MiB | %.1f MiB |\n",
			titles[s.Server], s.Milliseconds, s.IdleMB, plain.AfterMB, secure.AfterMB, max(plain.PeakMB, secure.PeakMB))
	}
	fmt.Fprintf(&out, "\nOur binary, stripped: %.2f MB.\n", r.Binary)
	return out.String()
}

func (r results) memory(server, transport string) held {
	for _, h := range r.Memory {
		if h.Server == server && h.Transport == transport {
			return h
		}
	}
	return held{}
}

// curves has the cells of each curve, in order.
func (r results) curves() map[string][]cell {
	curves := map[string][]cell{}
	for _, c := range r.Cells {
		if c.Grows != "" {
			curves[c.Grows] = append(curves[c.Grows], c)
		}
	}
	return curves
}

func growthTable(r results) string {
	curves := r.curves()
	if len(curves) == 0 {
		return ""
	}
	var out strings.Builder
	out.WriteString("\n### As it grows\n\nCPU of a call in µs; insecure, 1 caller.\n\n| what grows | how many |")
	for _, server := range everyServer {
		fmt.Fprintf(&out, " %s |", titles[server])
	}
	out.WriteString("\n| --- | ---: |" + strings.Repeat(" ---: |", len(everyServer)) + "\n")
	for _, grows := range sortedKeys(curves) {
		for _, own := range curves[grows] {
			if own.Server != ours {
				continue
			}
			fmt.Fprintf(&out, "| %s | %d |", grows, own.Size)
			for _, server := range everyServer {
				out.WriteString(" " + costText(r.find(own.Case, server, own.Transport, own.Callers), &own) + " |")
			}
			out.WriteString("\n")
		}
	}
	return out.String()
}

// What we want to hold. A benchmark on a busy machine fails nothing: it says what it saw.
type target struct {
	what  string
	limit float64
	unit  string
	value func(results) (float64, bool)
}

// share is what our CPU is of a peer's, in the worst cell of a case.
func share(name, peer string) func(results) (float64, bool) {
	return func(r results) (float64, bool) {
		worst, found := 0.0, false
		for _, transport := range []string{insecureTransport, mutualTLS} {
			for _, callers := range everyCallers {
				own, other := r.find(name, ours, transport, callers), r.find(name, peer, transport, callers)
				if own != nil && other != nil {
					worst, found = max(worst, ratio(own.EachCPU, other.EachCPU)), true
				}
			}
		}
		return worst, found
	}
}

// tail is our p99 at 16 callers in parts of the least p50 of a peer, in the worst case of the grid.
func tail(r results) (float64, bool) {
	worst, found := 0.0, false
	for _, name := range r.grid() {
		for _, transport := range []string{insecureTransport, mutualTLS} {
			own := r.find(name, ours, transport, 16)
			for _, peer := range []string{goPeer, pythonPeer} {
				if other := r.find(name, peer, transport, 16); own != nil && other != nil {
					worst, found = max(worst, ratio(own.EachP99, other.EachP50)), true
				}
			}
		}
	}
	return worst, found
}

// ratio is that of the round in the middle: how fast the machine is changes from minute to minute, for all alike.
func ratio(own, other []float64) float64 {
	ratios := []float64{}
	for round := range own {
		ratios = append(ratios, own[round]/other[round])
	}
	return median(ratios)
}

func ourStart(value func(started) float64) func(results) (float64, bool) {
	return func(r results) (float64, bool) {
		for _, s := range r.Starts {
			if s.Server == ours {
				return value(s), true
			}
		}
		return 0, false
	}
}

var targets = []target{
	{"pipeline-steady: CPU, in parts of Go's", 1.0 / 5, "", share("pipeline-steady", goPeer)},
	{"pipeline-steady: CPU, in parts of Python's", 1.0 / 3, "", share("pipeline-steady", pythonPeer)},
	{"observed-200: CPU, in parts of Go's", 1.0 / 20, "", share("observed-200", goPeer)},
	{"observed-200: CPU, in parts of Python's", 1.0 / 4, "", share("observed-200", pythonPeer)},
	{"p99 at 16 callers, in parts of the fastest peer's p50", 1, "", tail},
	{"exec to first answer", 10, " ms", ourStart(func(s started) float64 { return s.Milliseconds })},
	{"memory when idle", 16, " MiB", ourStart(func(s started) float64 { return s.IdleMB })},
	{"memory after the whole grid", 64, " MiB", func(r results) (float64, bool) {
		return max(r.memory(ours, insecureTransport).AfterMB, r.memory(ours, mutualTLS).AfterMB), len(r.Memory) > 0
	}},
	{"binary, stripped", 18, " MB", func(r results) (float64, bool) { return r.Binary, true }},
}

func targetTable(r results) string {
	var out strings.Builder
	out.WriteString("\n### Targets\n\nThe worst of all cells counts; in a cell the ratio of the round in the middle.\n\n| target | at most | measured | |\n| --- | ---: | ---: | --- |\n")
	for _, t := range targets {
		value, measured := t.value(r)
		if !measured {
			continue
		}
		verdict := "met"
		if value > t.limit {
			verdict = "missed"
		}
		fmt.Fprintf(&out, "| %s | %.3g%s | %.3g%s | %s |\n", t.what, t.limit, t.unit, value, t.unit, verdict)
	}
	return out.String()
}
