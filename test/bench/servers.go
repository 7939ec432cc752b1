package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// The most that anything here may take.
const patience = 60 * time.Second

// After the last call, before memory is looked at: collectors and allocators give back what is free by and by.
const settling = 5 * time.Second

// How a server is started. What it prints goes to a file.
type serverKind struct {
	name string
	// The command for an address, with certificates where the folder's name is not empty.
	command func(address, certificates string) []string
	// That its clock begins at benchTime, and whether the context says what time it is.
	environment func(offset time.Duration, clockFromContext bool) []string
}

type server struct {
	kind    serverKind
	address string
	process *exec.Cmd
	log     string

	connection *grpc.ClientConn
}

// freeAddress is one that nobody listens on.
func freeAddress() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	defer listener.Close()
	return listener.Addr().String()
}

// start runs a server until it can be connected to.
func start(kind serverKind, folder string, tls *certificates, clockFromContext bool) *server {
	address, dir := freeAddress(), ""
	if tls != nil {
		dir = tls.folder
	}
	arguments := kind.command(address, dir)
	s := &server{kind: kind, address: address, process: exec.Command(arguments[0], arguments[1:]...)}
	s.log = filepath.Join(folder, fmt.Sprintf("%s-%s.log", kind.name, address[strings.LastIndex(address, ":")+1:]))
	log, err := os.Create(s.log)
	must(err)
	defer log.Close()
	s.process.Stdout, s.process.Stderr = log, log
	s.process.Env = append(os.Environ(), kind.environment(benchTime.Sub(time.Now()), clockFromContext)...)
	// Should the benchmark be killed, nothing stays behind.
	s.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	began := time.Now()
	must(halves.asServer(s.process.Start))
	running.add(s)
	for {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			connection.Close()
			break
		}
		if time.Since(began) > patience {
			must(fmt.Errorf("%s: does not listen on %s after %v; its log is %s", kind.name, address, patience, s.log))
		}
		time.Sleep(200 * time.Microsecond)
	}
	var security credentials.TransportCredentials = insecure.NewCredentials()
	if tls != nil {
		security = tls.client()
	}
	s.connection, err = grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(security),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)))
	must(err)
	return s
}

func (s *server) stop() {
	running.remove(s)
	s.connection.Close()
	_ = s.process.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(patience, func() { _ = s.process.Process.Kill() })
	defer kill.Stop()
	_ = s.process.Wait()
}

// What is running now, to be stopped should anything go wrong.
type runningServers struct {
	mutex   sync.Mutex
	servers map[*server]bool
}

var running = runningServers{servers: map[*server]bool{}}

func (r *runningServers) add(s *server) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.servers[s] = true
}

func (r *runningServers) remove(s *server) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	delete(r.servers, s)
}

func (r *runningServers) killAll() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for s := range r.servers {
		_ = s.process.Process.Kill()
	}
}

func (s *server) pid() int { return s.process.Process.Pid }

// cpu is what the process has used so far, of all its threads, in nanoseconds' precision.
func (s *server) cpu() time.Duration {
	// clock_getcpuclockid(3): the process's clock, by its id.
	clock := int32(^s.pid()<<3 | 2)
	var spent unix.Timespec
	if err := unix.ClockGettime(clock, &spent); err != nil {
		must(fmt.Errorf("%s has ended: %w; its log is %s", s.kind.name, err, s.log))
	}
	return time.Duration(spent.Nano())
}

// memory is what the process holds now, and the most that it ever held, in MiB.
func (s *server) memory() (now, peak float64) {
	status, err := os.Open(fmt.Sprintf("/proc/%d/status", s.pid()))
	must(err)
	defer status.Close()
	lines := bufio.NewScanner(status)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		kilobytes, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		switch name {
		case "VmRSS":
			now = kilobytes / 1024
		case "VmHWM":
			peak = kilobytes / 1024
		}
	}
	return now, peak
}

// serverKinds are ours and its peers. The canned one is made for each answer: cannedKind.
func serverKinds(paths paths) map[string]serverKind {
	offsetVariables := func(offset time.Duration, clockFromContext bool) []string {
		variables := []string{"CLOCK_OFFSET=" + goDuration(offset)}
		if clockFromContext {
			variables = append(variables, "CLOCK_FROM_CONTEXT=true")
		}
		return variables
	}
	transport := func(certificates string) []string {
		if certificates == "" {
			return []string{"--insecure"}
		}
		return []string{"--tls-certs-dir", certificates}
	}
	return map[string]serverKind{
		ours: {
			name: ours,
			command: func(address, certificates string) []string {
				// Everything is on: metrics, logs as they are by default.
				command := append([]string{paths.binary, "serve", "--address", address, "--metrics-address", "127.0.0.1:0"}, transport(certificates)...)
				return command
			},
			environment: func(time.Duration, bool) []string { return imageEnvironment() },
		},
		goPeer: {
			name: goPeer,
			command: func(address, certificates string) []string {
				return append([]string{paths.goPeer, "--address", address, "--metrics", freeAddress()}, transport(certificates)...)
			},
			environment: offsetVariables,
		},
		pythonPeer: {
			name: pythonPeer,
			command: func(address, certificates string) []string {
				return append([]string{paths.python, filepath.Join(root, "test/bench/peers/python/function.py"), "--address", address}, transport(certificates)...)
			},
			environment: offsetVariables,
		},
	}
}

// imageEnvironment is what the Dockerfile sets for the function.
func imageEnvironment() []string {
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	must(err)
	var variables []string
	for _, line := range strings.Split(string(text), "\n") {
		if variable, ok := strings.CutPrefix(line, "ENV "); ok {
			variables = append(variables, variable)
		}
	}
	return variables
}

// withOurClock sets the clock of ours, which takes flags for that.
func withOurClock(kind serverKind, clockFromContext bool) serverKind {
	command := kind.command
	kind.command = func(address, certificates string) []string {
		if clockFromContext {
			return append(command(address, certificates), "--clock-from-context")
		}
		return append(command(address, certificates), "--clock-offset", goDuration(time.Until(benchTime)))
	}
	return kind
}

func goDuration(d time.Duration) string { return fmt.Sprintf("%ds", int64(math.Round(d.Seconds()))) }

// cannedKind answers with a file's content.
func cannedKind(paths paths, answer string) serverKind {
	return serverKind{
		name: canned,
		command: func(address, certificates string) []string {
			command := []string{paths.canned, address, answer}
			if certificates != "" {
				command = append(command, certificates)
			}
			return command
		},
		environment: func(time.Duration, bool) []string { return imageEnvironment() },
	}
}

// firstAnswer starts a server and calls it once: how long that takes from exec, and what the process then holds, in MiB.
func firstAnswer(kind serverKind, folder string, request []byte) (time.Duration, float64) {
	began := time.Now()
	s := start(kind, folder, nil, false)
	defer s.stop()
	call(s, request)
	took := time.Since(began)
	now, _ := s.memory()
	return took, now
}

// call returns the answer to one request.
func call(s *server, request []byte) []byte {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var answer []byte
	if err := invoke(ctx, s.connection, request, &answer); err != nil {
		must(fmt.Errorf("%s: %w; its log is %s", s.kind.name, err, s.log))
	}
	return answer
}
