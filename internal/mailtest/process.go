package mailtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"time"
)

// process is a server of ours that runs.
type process struct {
	stop  func()          // ends it and waits until it has ended
	ended <-chan struct{} // closed when it has
}

// launch runs a shell script that ends when its input does: when stop is called, and when this process dies, however it does.
func launch(command *exec.Cmd, output string) (process, error) {
	input, err := command.StdinPipe()
	if err != nil {
		return process{}, err
	}
	file, err := os.OpenFile(output, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return process{}, err
	}
	defer file.Close()
	command.Stdout, command.Stderr = file, file
	if err := command.Start(); err != nil {
		return process{}, err
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = command.Wait() }()
	return process{ended: done, stop: func() {
		_ = input.Close()
		select {
		case <-done:
		case <-time.After(stopLimit):
			_ = command.Process.Kill()
			<-done
		}
	}}, nil
}

// await polls until the server answers as it should.
func (p process) await(answers func() error) error {
	deadline := time.After(startLimit)
	for {
		err := answers()
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return errors.New("it ended at once")
		case <-deadline:
			return fmt.Errorf("it does not answer within %s: %w", startLimit, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close() // only now: else the next may get the same
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
