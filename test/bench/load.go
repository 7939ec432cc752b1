package main

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
)

const (
	method     = "/apiextensions.fn.proto.v1.FunctionRunnerService/RunFunction"
	maxMessage = 64 << 20
	// Every so many answers one is read.
	checkEvery = 100
)

// A bytesCodec keeps the client's own encoding out of the measurement: a request is encoded once, an answer stays bytes.
type bytesCodec struct{}

func (bytesCodec) Marshal(value any) ([]byte, error) { return *value.(*[]byte), nil }
func (bytesCodec) Unmarshal(data []byte, value any) error {
	into := value.(*[]byte)
	*into = append((*into)[:0], data...)
	return nil
}
func (bytesCodec) Name() string { return "proto" }

func invoke(ctx context.Context, connection *grpc.ClientConn, request []byte, answer *[]byte) error {
	return connection.Invoke(ctx, method, &request, answer, grpc.ForceCodec(bytesCodec{}))
}

// A load is what one server was asked and how it did, over all rounds.
type load struct {
	name    string
	server  *server // now
	request []byte
	check   func(answer []byte) error

	calls    int
	failures []string
	// One a round.
	perCall  []time.Duration // CPU
	rates    []float64       // calls a second
	p50, p99 []time.Duration
}

// round calls the server for so long, with so many callers.
func (l *load) round(callers int, length time.Duration) {
	var calls int64
	latencies := make([][]time.Duration, callers)
	failures := make([]string, callers)
	cpu, began := l.server.cpu(), time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), length+patience)
	defer cancel()
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			var answer []byte
			// At least one call each.
			for first := true; first || time.Since(began) < length; first = false {
				sent := time.Now()
				err := invoke(ctx, l.server.connection, l.request, &answer)
				latencies[caller] = append(latencies[caller], time.Since(sent))
				if count := atomic.AddInt64(&calls, 1); err == nil && count%checkEvery == 0 {
					err = l.check(answer)
				}
				if err != nil {
					failures[caller] = err.Error()
					return
				}
			}
		})
	}
	group.Wait()
	took := time.Since(began)
	l.perCall = append(l.perCall, (l.server.cpu()-cpu)/time.Duration(calls))
	l.rates = append(l.rates, float64(calls)/took.Seconds())
	l.calls += int(calls)
	all := slices.Sorted(slices.Values(slices.Concat(latencies...)))
	l.p50, l.p99 = append(l.p50, quantile(all, 0.5)), append(l.p99, quantile(all, 0.99))
	for _, failure := range failures {
		if failure != "" {
			l.failures = append(l.failures, failure)
		}
	}
}

// warmUp is for those who compile, cache or allocate at first.
func (l *load) warmUp(length time.Duration) {
	warm := &load{server: l.server, request: l.request, check: l.check}
	warm.round(4, length)
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	index := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[max(index, 0)]
}

func median[T float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func (l *load) cell(c testCase, transport string, callers, answerBytes int) cell {
	return cell{
		Case: c.name, What: c.what, Grows: c.grows, Size: c.size, Server: l.name, Transport: transport, Callers: callers,
		RequestBytes: len(l.request), AnswerBytes: answerBytes, Calls: l.calls, PerSecond: median(l.rates),
		CPU: microseconds(slices.Min(l.perCall)),
		P50: microseconds(median(l.p50)), P99: microseconds(median(l.p99)),
		EachCPU: each(l.perCall), EachP50: each(l.p50), EachP99: each(l.p99),
	}
}

func each(durations []time.Duration) []float64 {
	values := []float64{}
	for _, d := range durations {
		values = append(values, microseconds(d))
	}
	return values
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
