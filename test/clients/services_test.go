package clients

import (
	"slices"
	"testing"

	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	reflectionv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"
)

const service = "apiextensions.fn.proto.v1.FunctionRunnerService"

func TestHealth(t *testing.T) {
	client := healthv1.NewHealthClient(dial(t, start(t, "--insecure")))
	cases := []struct {
		service, reason string
		want            string
	}{
		{"", "probes ask about the whole server", "SERVING"},
		{service, "and may ask about the service", "SERVING"},
		{"nobody.Knows", "a service that is not there has no health", "NotFound"},
	}
	for _, c := range cases {
		t.Run("service "+c.service, func(t *testing.T) {
			got := ""
			response, err := client.Check(within(t), &healthv1.HealthCheckRequest{Service: c.service})
			if err != nil {
				got = status.Code(err).String()
			} else {
				got = response.GetStatus().String()
			}
			if got != c.want {
				t.Errorf("%s: %s, want %s", c.reason, got, c.want)
			}
		})
	}
}

func TestReflectionListsTheServices(t *testing.T) {
	connection := dial(t, start(t, "--insecure"))
	stream, err := reflectionv1alpha.NewServerReflectionClient(connection).ServerReflectionInfo(within(t))
	if err != nil {
		t.Fatal(err)
	}
	request := &reflectionv1alpha.ServerReflectionRequest{
		MessageRequest: &reflectionv1alpha.ServerReflectionRequest_ListServices{},
	}
	if err := stream.Send(request); err != nil {
		t.Fatal(err)
	}
	response, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, listed := range response.GetListServicesResponse().GetService() {
		got = append(got, listed.GetName())
	}
	slices.Sort(got)
	want := []string{service, "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}
	if !slices.Equal(got, want) {
		t.Errorf("services %q, want %q", got, want)
	}
}
