// Package clients calls the real binary as Crossplane does: with the stubs of Crossplane's own SDK over a real network
// stack.
package clients

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"tests/fixture"
)

const root = "../.."

const patience = fixture.Patience

// start runs the server on a port that the system chooses and returns its address. It ends with the test, and has to
// end well.
func start(t *testing.T, args ...string) string {
	t.Helper()
	return fixture.Start(t, args...).Address
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
