// Package monitoring runs the real function, the real kube-state-metrics and a real Prometheus with the files in
// examples/monitoring, and asks what people would ask. Of kube-state-metrics the API server alone is played: it lists
// pipelines and gates as the function leaves them (test/stages).
//
//	BINARY              the function            (default: build/function-release-pipeline)
//	STAGE_OBJECTS       writes those objects    (default: build/test/stage_objects)
//	PROMETHEUS          a folder with prometheus and promtool
//	KUBE_STATE_METRICS  the program
package monitoring

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	root = "../.."
	// The most that anything here may take: it is over long before, but for what fails.
	patience = 3 * time.Minute
)

// program is the path that a variable names.
func program(t *testing.T, variable, preset string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		path = preset
	}
	if path == "" {
		t.Fatalf("%s is not set", variable)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func functionBinary(t *testing.T) string {
	return program(t, "BINARY", filepath.Join(root, "build/function-release-pipeline"))
}

func prometheusProgram(t *testing.T, name string) string {
	return filepath.Join(program(t, "PROMETHEUS", ""), name)
}

// spawn starts a program that ends with the test. Its log is shown where the test fails. Each line of its standard error
// goes to `line`, too.
func spawn(t *testing.T, line func(string), name string, args ...string) {
	t.Helper()
	command := exec.Command(name, args...)
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		lines := bufio.NewScanner(stderr)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if log.Len() < 1<<16 {
				log.WriteString(lines.Text() + "\n")
			}
			if line != nil {
				line(lines.Text())
			}
		}
	}()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(20*time.Second, func() { _ = command.Process.Kill() })
		defer kill.Stop()
		<-drained
		_ = command.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(name), log.String())
		}
	})
}

// startFunction returns the addresses of its gRPC and of its metrics.
func startFunction(t *testing.T, args ...string) (string, string) {
	t.Helper()
	type serving struct {
		Msg            string
		Address        string
		MetricsAddress string `json:"metrics_address"`
	}
	found := make(chan serving, 1)
	spawn(t, func(text string) {
		var line serving
		if json.Unmarshal([]byte(text), &line) == nil && line.Msg == "serving" {
			found <- line
		}
	}, functionBinary(t), append(args, "--address", "127.0.0.1:0", "--metrics-address", "127.0.0.1:0")...)
	select {
	case line := <-found:
		return line.Address, line.MetricsAddress
	case <-time.After(patience):
		t.Fatal("the function does not serve")
	}
	return "", ""
}

// freePort is one that nobody listened on a moment ago, for programs that do not say which one they chose.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// eventually tries until there is no error.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	t.Errorf("%s: %v", what, err)
}

func get(address string, into any) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return json.NewDecoder(answer.Body).Decode(into)
}

type prometheus struct{ address string }

// startPrometheus scrapes each job's targets every second, and evaluates the rules of examples/monitoring as often.
func startPrometheus(t *testing.T, jobs map[string][]string) prometheus {
	t.Helper()
	rules, err := filepath.Abs(filepath.Join(root, "examples/monitoring"))
	if err != nil {
		t.Fatal(err)
	}
	var config strings.Builder
	fmt.Fprintf(&config, "global: {scrape_interval: 1s, evaluation_interval: 1s}\n")
	fmt.Fprintf(&config, "rule_files: [%q, %q]\nscrape_configs:\n",
		filepath.Join(rules, "rules-function.yaml"), filepath.Join(rules, "rules-objects.yaml"))
	for job, targets := range jobs {
		list, err := json.Marshal(targets)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&config, "- {job_name: %s, honor_labels: true, static_configs: [{targets: %s}]}\n", job, list)
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	spawn(t, nil, prometheusProgram(t, "prometheus"), "--config.file="+file, "--storage.tsdb.path="+filepath.Join(folder, "data"),
		"--web.listen-address="+address, "--log.level=warn")
	server := prometheus{"http://" + address}
	eventually(t, "Prometheus is ready", func() error {
		_, err := server.query("1")
		return err
	})
	return server
}

type sample struct {
	Metric map[string]string
	Value  [2]any // time, value as text
}

func (s sample) value() string { return s.Value[1].(string) }

func (p prometheus) query(expression string) ([]sample, error) {
	var answer struct {
		Status, Error string
		Data          struct {
			ResultType string
			Result     json.RawMessage
		}
	}
	if err := get(p.address+"/api/v1/query?query="+url.QueryEscape(expression), &answer); err != nil {
		return nil, err
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("%s: %s", expression, answer.Error)
	}
	if answer.Data.ResultType != "vector" {
		return nil, nil // a scalar
	}
	var samples []sample
	err := json.Unmarshal(answer.Data.Result, &samples)
	return samples, err
}

// one is the value of a query that has one sample.
func (p prometheus) one(expression string) (string, error) {
	samples, err := p.query(expression)
	if err != nil {
		return "", err
	}
	if len(samples) != 1 {
		return "", fmt.Errorf("%s: %d samples", expression, len(samples))
	}
	return samples[0].value(), nil
}

func (p prometheus) is(t *testing.T, expression, want string) {
	t.Helper()
	eventually(t, expression, func() error {
		have, err := p.one(expression)
		if err == nil && have != want {
			err = fmt.Errorf("is %s, want %s", have, want)
		}
		return err
	})
}
