// Package clients calls the real binary as Crossplane does: with the stubs of Crossplane's own SDK over a real network
// stack. The variable BINARY names the binary; by default it is build/function-release-pipeline.
package clients

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const root = "../.."

// The most that anything here may take; a server that hangs fails the test rather than the whole run.
const patience = 30 * time.Second

func binary(t *testing.T) string {
	t.Helper()
	path := os.Getenv("BINARY")
	if path == "" {
		path = filepath.Join(root, "build", "function-release-pipeline")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// start runs the server on a port that the system chooses and returns its address. It ends with the test, and has to
// end well.
func start(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.Command(binary(t), append(args, "--address", "127.0.0.1:0", "--metrics-address", "127.0.0.1:0")...)
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	addresses := make(chan string, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			line := struct{ Msg, Address string }{}
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
				addresses <- line.Address
			}
		}
	}()
	t.Cleanup(func() { stop(t, command, drained) })
	select {
	case address := <-addresses:
		return address
	case <-drained:
		t.Fatalf("%v: ended without serving", command)
	case <-time.After(patience):
		t.Fatalf("%v: did not serve within %v", command, patience)
	}
	return ""
}

func stop(t *testing.T, command *exec.Cmd, drained <-chan struct{}) {
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	kill := time.AfterFunc(patience, func() { _ = command.Process.Kill() })
	defer kill.Stop()
	<-drained
	if err := command.Wait(); err != nil {
		t.Errorf("the server, told to end: %v", err)
	}
}

func dial(t *testing.T, address string, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	if len(options) == 0 {
		options = []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	}
	connection, err := grpc.NewClient("dns:///"+address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
