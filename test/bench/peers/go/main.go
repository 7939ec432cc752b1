// A composition function that a platform team would write by hand in Go instead of taking ours: on function-sdk-go, with
// typed objects, in the way of its template. It composes what ours composes and answers what ours answers to a pipeline,
// and to a gate as long as that waits. What it leaves out is named in docs/performance.md.
package main

import (
	"context"
	"os"
	"time"

	"github.com/alecthomas/kong"
	"github.com/crossplane/function-sdk-go"
	"github.com/crossplane/function-sdk-go/errors"
	"github.com/crossplane/function-sdk-go/logging"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/crossplane/function-sdk-go/request"
	"github.com/crossplane/function-sdk-go/resource"
	"github.com/crossplane/function-sdk-go/resource/composed"
	"github.com/crossplane/function-sdk-go/response"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

const (
	apiGroup     = "platform.zerotouch.dev"
	apiVersion   = apiGroup + "/v1alpha1"
	pipelineKind = "XReleasePipeline"
	gateKind     = "XPromotionGate"

	whilePending = time.Minute
	whenFinal    = 10 * time.Minute
)

// Function answers Crossplane.
type Function struct {
	fnv1.UnimplementedFunctionRunnerServiceServer

	log   logging.Logger
	clock func(*fnv1.RunFunctionRequest) (time.Time, error)
}

// RunFunction composes a pipeline or a gate.
func (f *Function) RunFunction(_ context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	rsp := response.To(req, whenFinal)
	if err := f.run(req, rsp); err != nil {
		response.Fatal(rsp, err)
	}
	return rsp, nil
}

func (f *Function) run(req *fnv1.RunFunctionRequest, rsp *fnv1.RunFunctionResponse) error {
	c, err := newCall(req, rsp)
	if err != nil {
		return err
	}
	if c.now, err = f.clock(req); err != nil {
		return err
	}
	switch kind := c.xr.Resource.GetKind(); kind {
	case pipelineKind:
		err = c.composePipeline()
	case gateKind:
		err = c.composeGate()
	default:
		err = errors.Errorf("cannot compose a %s", kind)
	}
	if err != nil {
		return err
	}
	f.log.Debug("composed", "kind", c.xr.Resource.GetKind(), "name", c.xr.Resource.GetName())
	return c.finish()
}

// clock is the system's, set off by CLOCK_OFFSET, or the one of the request's context if CLOCK_FROM_CONTEXT is set.
func clock() (func(*fnv1.RunFunctionRequest) (time.Time, error), error) {
	offset := time.Duration(0)
	if text := os.Getenv("CLOCK_OFFSET"); text != "" {
		parsed, err := time.ParseDuration(text)
		if err != nil {
			return nil, errors.Wrap(err, "CLOCK_OFFSET")
		}
		offset = parsed
	}
	fromContext := os.Getenv("CLOCK_FROM_CONTEXT") != ""
	return func(req *fnv1.RunFunctionRequest) (time.Time, error) {
		if fromContext {
			if now, ok := request.GetContextKey(req, "platform.zerotouch.dev/now"); ok {
				return time.Parse(time.RFC3339, now.GetStringValue())
			}
		}
		return time.Now().Add(offset).UTC(), nil
	}, nil
}

// A call has the parts of a request that both kinds need, decoded.
type call struct {
	rsp      *fnv1.RunFunctionResponse
	xr       *resource.Composite
	desired  *resource.Composite
	observed map[resource.Name]resource.ObservedComposed
	composed map[resource.Name]*resource.DesiredComposed
	required map[string][]resource.Required
	input    Input
	now      time.Time
}

func newCall(req *fnv1.RunFunctionRequest, rsp *fnv1.RunFunctionResponse) (*call, error) {
	c := &call{rsp: rsp}
	var err error
	if c.xr, err = request.GetObservedCompositeResource(req); err != nil {
		return nil, errors.Wrap(err, "cannot get observed composite resource")
	}
	if c.desired, err = request.GetDesiredCompositeResource(req); err != nil {
		return nil, errors.Wrap(err, "cannot get desired composite resource")
	}
	if c.observed, err = request.GetObservedComposedResources(req); err != nil {
		return nil, errors.Wrap(err, "cannot get observed composed resources")
	}
	if c.composed, err = request.GetDesiredComposedResources(req); err != nil {
		return nil, errors.Wrap(err, "cannot get desired composed resources")
	}
	if c.required, err = request.GetRequiredResources(req); err != nil {
		return nil, errors.Wrap(err, "cannot get required resources")
	}
	if err = request.GetInput(req, &c.input); err != nil {
		return nil, errors.Wrap(err, "cannot get input")
	}
	return c, nil
}

func (c *call) finish() error {
	if err := response.SetDesiredComposedResources(c.rsp, c.composed); err != nil {
		return errors.Wrap(err, "cannot set desired composed resources")
	}
	return errors.Wrap(response.SetDesiredCompositeResource(c.rsp, c.desired), "cannot set desired composite resource")
}

type cli struct {
	Debug       bool   `help:"Emit debug logs." short:"d"`
	Network     string `default:"tcp"           help:"Network to listen on."`
	Address     string `default:":9443"         help:"Address to listen on."`
	TLSCertsDir string `env:"TLS_SERVER_CERTS_DIR" help:"Folder with tls.key, tls.crt and ca.crt."`
	Insecure    bool   `help:"Run without mTLS."`
	Metrics     string `default:":8080"         help:"Address to serve metrics on."`
}

// Run serves.
func (c *cli) Run() error {
	log, err := function.NewLogger(c.Debug)
	if err != nil {
		return err
	}
	now, err := clock()
	if err != nil {
		return err
	}
	return function.Serve(&Function{log: log, clock: now},
		function.Listen(c.Network, c.Address), function.MTLSCertificates(c.TLSCertsDir), function.Insecure(c.Insecure),
		function.WithMetricsServer(c.Metrics))
}

func main() {
	for _, add := range []func() error{
		func() error { return corev1.AddToScheme(composed.Scheme) },
		func() error { return rbacv1.AddToScheme(composed.Scheme) },
		func() error { return batchv1.AddToScheme(composed.Scheme) },
	} {
		if err := add(); err != nil {
			panic(err)
		}
	}
	ctx := kong.Parse(&cli{}, kong.Description("The example of a function that is written by hand."))
	ctx.FatalIfErrorf(ctx.Run())
}
