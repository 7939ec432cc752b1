// The tests in Go: what a client of the function sees. The tools that tests run are in a module of their own, tools/.
module tests

go 1.26.0

require (
	github.com/crossplane/function-sdk-go v0.7.1
	github.com/grafana/grafana-foundation-sdk/go v0.0.22
	google.golang.org/protobuf v1.36.12
)

require go.yaml.in/yaml/v2 v2.4.3 // indirect

require (
	golang.org/x/net v0.54.0
	golang.org/x/sys v0.45.0 // indirect
	golang.org/x/text v0.37.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260427160629-7cedc36a6bc4 // indirect
	google.golang.org/grpc v1.82.1
	sigs.k8s.io/yaml v1.6.0
)
