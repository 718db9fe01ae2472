package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// stopWait is how long a process may take to end after its standard input was closed.
const stopWait = 40 * time.Second

// child is another process of this program. It is asked in lines over its standard input and answers each with one line of JSON; it ends
// when its input does, so that none is left behind if this process is killed.
type child struct {
	name  string
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	log   string // file with what it wrote to standard error
	ended chan error
}

// spawn starts the program with arguments and environment variables beside those that this process has, without any that would
// configure it otherwise.
func (o Options) spawn(name string, env []string, args ...string) (*child, error) {
	c := &child{name: name, log: filepath.Join(o.Dir, name+".log"), ended: make(chan error, 1)}
	logFile, err := os.Create(c.log)
	if err != nil {
		return nil, err
	}
	defer logFile.Close() // the process has its own handle
	c.cmd = exec.Command(o.Program, args...)
	c.cmd.Env = append(plainEnvironment(), env...)
	c.cmd.Stderr = logFile
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return c, nil
}

// plainEnvironment is this process's without the variables that configure the program.
func plainEnvironment() []string {
	var plain []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "NURTURE_") && !strings.HasPrefix(v, "DATABASE_URL=") {
			plain = append(plain, v)
		}
	}
	return plain
}

// ask sends a line, unless it is "", and reads the answer.
func (c *child) ask(line string, answer any) error {
	if line != "" {
		if _, err := io.WriteString(c.in, line+"\n"); err != nil {
			return c.failed(err)
		}
	}
	got, err := c.out.ReadBytes('\n')
	if err != nil {
		return c.failed(err)
	}
	if err := json.Unmarshal(got, answer); err != nil {
		return c.failed(fmt.Errorf("its answer %q: %w", got, err))
	}
	return nil
}

// failed adds what the process said last.
func (c *child) failed(err error) error {
	said, _ := os.ReadFile(c.log)
	if tail := 2000; len(said) > tail {
		said = said[len(said)-tail:]
	}
	return fmt.Errorf("the %s process: %w\n%s", c.name, err, said)
}

// stop ends the process and waits for it.
func (c *child) stop() error {
	_ = c.in.Close()
	go func() {
		_, _ = io.Copy(io.Discard, c.out) // Wait closes the pipe; what is still said must not block
		c.ended <- c.cmd.Wait()
	}()
	timeout := time.NewTimer(stopWait)
	defer timeout.Stop()
	select {
	case err := <-c.ended:
		if err != nil {
			return c.failed(err)
		}
		return nil
	case <-timeout.C:
		return errors.Join(c.failed(errors.New("does not end")), c.cmd.Process.Kill())
	}
}

// Answer serves the other end of a child: it calls do for each line of in and writes what it returns as a line of JSON, until in ends.
func Answer(in io.Reader, out io.Writer, do func(line string) (any, error)) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		answer, err := do(lines.Text())
		if err != nil {
			return err
		}
		text, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		if _, err := out.Write(append(text, '\n')); err != nil {
			return err
		}
	}
	return lines.Err()
}
