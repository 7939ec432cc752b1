package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// One half of the processors is the servers', the other one the callers': otherwise what is measured is how the two take
// turns on one processor, in slices that are longer than most calls. With one processor they share it.
type processors struct {
	servers, callers unix.CPUSet
}

var halves processors

// divide moves this process to the callers' half.
func divide() processors {
	var all unix.CPUSet
	must(unix.SchedGetaffinity(0, &all))
	count := all.Count()
	if count < 2 {
		return processors{servers: all, callers: all}
	}
	p := processors{}
	for processor, seen := 0, 0; seen < count; processor++ {
		if !all.IsSet(processor) {
			continue
		}
		if seen < count/2 {
			p.callers.Set(processor)
		} else {
			p.servers.Set(processor)
		}
		seen++
	}
	// Threads that exist; later ones inherit it.
	tasks, err := filepath.Glob("/proc/self/task/*")
	must(err)
	for _, task := range tasks {
		thread, err := strconv.Atoi(filepath.Base(task))
		must(err)
		if err := unix.SchedSetaffinity(thread, &p.callers); err != nil && err != unix.ESRCH {
			must(fmt.Errorf("thread %d of %d: %w", thread, os.Getpid(), err))
		}
	}
	runtime.GOMAXPROCS(p.callers.Count())
	return p
}

// asServer runs what starts a process, which inherits the servers' half.
func (p processors) asServer(start func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	must(unix.SchedSetaffinity(0, &p.servers))
	defer func() { must(unix.SchedSetaffinity(0, &p.callers)) }()
	return start()
}
