package email

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// dialogue is one message on one connection.
type dialogue struct {
	smtp  *SMTP
	conn  *connection
	touch int64
	at    *stage // shared with the caller: what a panic leaves behind
}

// run sends one message and gives the words of the server's answer. It drives go-mail's smtp.Client itself rather than
// through Client.SendWithSMTPClient, for four reasons: the commands travel together where the server allows it; the journal must be
// marked between the content and the final dot; go-mail's RSET after each accepted message turns a lost RSET into an error for a
// mail that was delivered; and its errors flatten the server's answer into text.
func (d *dialogue) run(ctx context.Context, env envelope) (string, *fault) {
	d.conn.sent++
	w := newWatch(ctx, d.conn.raw, d.smtp.config.Grace)
	answer, f := d.transact(ctx, w, env)
	if !w.end() {
		d.conn.broken = true
	}
	return answer, f
}

func (d *dialogue) transact(ctx context.Context, w *watch, env envelope) (string, *fault) {
	client := d.conn.client
	if offered, _ := client.Extension("SMTPUTF8"); env.utf8 && !offered {
		return "", &fault{atMail, &unsupportedError{fmt.Sprintf(
			"the address %s or %s is not ASCII and the server does not offer SMTPUTF8 (RFC 6531)", env.from, env.to)}}
	}
	begin := d.begin
	if offered, _ := client.Extension("PIPELINING"); offered {
		begin = d.beginAtOnce
	}
	if f := begin(ctx, env); f != nil {
		return "", f
	}
	// The content leaves our buffer before the journal is marked: a connection that is already dead mostly shows here,
	// where it is harmless, and only three octets remain.
	if f := d.command(ctx, atData, func() error {
		if _, err := client.Text.W.Write(onWire(env.data)); err != nil {
			return err
		}
		return client.Text.W.Flush()
	}); f != nil {
		d.conn.broken = true // half a message stands on the wire
		return "", f
	}
	return d.finish(ctx, w)
}

// begin names sender and recipient and asks to send, each command after the answer to the one before.
func (d *dialogue) begin(ctx context.Context, env envelope) *fault {
	for _, c := range d.opening(env) {
		if f := d.command(ctx, c.at, func() error {
			if err := d.conn.client.Text.PrintfLine("%s", c.line); err != nil {
				return err
			}
			return d.answer(c.expect)
		}); f != nil {
			d.reset(ctx)
			return f
		}
	}
	return nil
}

// beginAtOnce writes the same commands together and reads their answers in order (RFC 2920): one round trip in place of three.
func (d *dialogue) beginAtOnce(ctx context.Context, env envelope) *fault {
	commands := d.opening(env)
	var refused *fault
	goAhead := false
	if f := d.command(ctx, atMail, func() error {
		for _, c := range commands {
			if _, err := d.conn.client.Text.W.WriteString(c.line + "\r\n"); err != nil {
				return err
			}
		}
		return d.conn.client.Text.W.Flush()
	}); f != nil {
		return f
	}
	for _, c := range commands {
		f := d.command(ctx, c.at, func() error { return d.answer(c.expect) })
		goAhead = f == nil && c.at == atData
		if refused == nil {
			refused = f
		}
		if d.conn.broken {
			break
		}
	}
	switch {
	case refused == nil:
		return nil
	case d.conn.broken:
	case goAhead: // it waits for content although it took no recipient: it gets none (RFC 2920, section 3.1)
		if f := d.command(ctx, refused.stage, func() error {
			if err := d.conn.client.Text.PrintfLine("."); err != nil {
				return err
			}
			return d.answer(5)
		}); f != nil {
			d.conn.broken = true
		}
	default:
		d.reset(ctx)
	}
	return refused
}

// opened is one of the commands before the content, with the first digits of the answer that it hopes for.
type opened struct {
	at     stage
	line   string
	expect int
}

// opening lists the commands before the content. SMTPUTF8 asked for without need would bar the mail from every relay without it
// (RFC 6531, section 3.6).
func (d *dialogue) opening(env envelope) [3]opened {
	mail := "MAIL FROM:<" + env.from + ">"
	if offered, _ := d.conn.client.Extension("8BITMIME"); offered {
		mail += " BODY=8BITMIME"
	}
	if env.utf8 {
		mail += " SMTPUTF8"
	}
	return [3]opened{{atMail, mail, 250}, {atRcpt, "RCPT TO:<" + env.to + ">", 25}, {atData, "DATA", 354}}
}

// answer reads one answer.
func (d *dialogue) answer(expect int) error {
	_, err := readReply(&d.conn.client.Text.Reader, expect)
	return err
}

// onWire is content as it travels: with a dot more where a line begins with one (RFC 5321, section 4.5.2). Line ends that are not
// CRLF are made so first: what one server takes for the end of the content must not be that for none.
func onWire(data []byte) []byte {
	dots, proper := surveyLines(data)
	if !proper {
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
		if !bytes.HasSuffix(data, []byte("\r\n")) {
			data = append(data, "\r\n"...)
		}
		dots, _ = surveyLines(data)
	}
	if dots == 0 {
		return data
	}
	stuffed := make([]byte, 0, len(data)+dots)
	for line := range bytes.Lines(data) {
		if line[0] == '.' {
			stuffed = append(stuffed, '.')
		}
		stuffed = append(stuffed, line...)
	}
	return stuffed
}

// surveyLines counts the lines that begin with a dot, and says whether every line ends in CRLF, the last one too, and has neither octet inside.
func surveyLines(data []byte) (dots int, proper bool) {
	lines := 0
	for rest := data; len(rest) > 0; lines++ {
		if rest[0] == '.' {
			dots++
		}
		end := bytes.IndexByte(rest, '\n')
		if end < 1 || rest[end-1] != '\r' {
			return 0, false
		}
		rest = rest[end+1:]
	}
	return dots, len(data) > 0 && bytes.Count(data, []byte{'\r'}) == lines
}

// finish writes the final dot and reads the answer.
func (d *dialogue) finish(ctx context.Context, w *watch) (string, *fault) {
	w.beginAnswer()
	err := d.conn.client.UpdateDeadline(d.smtp.config.AnswerTimeout)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		if err = d.smtp.journal.MarkLeaving(d.touch); err != nil {
			err = &unmarkedError{err}
		}
	}
	if err != nil {
		d.conn.broken = true // the server waits for a dot that must not come
		return "", &fault{atData, err}
	}
	*d.at = atDot
	text := d.conn.client.Text
	if err := text.PrintfLine("."); err != nil {
		d.judgeConnection(err)
		return "", &fault{atDot, err}
	}
	words, err := readReply(&text.Reader, 250)
	if err != nil {
		d.judgeConnection(err)
		return "", &fault{atDot, err}
	}
	return words, nil
}

// command runs one exchange under its own deadline. The order counts: a context that ends behind the check sets a deadline
// in the past, one that ended before it is seen by the check.
func (d *dialogue) command(ctx context.Context, at stage, exchange func() error) *fault {
	*d.at = at
	err := d.conn.client.UpdateDeadline(d.smtp.config.Timeout)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = exchange()
	}
	if err == nil {
		return nil
	}
	d.judgeConnection(err)
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		if _, answered := replyOf(err); !answered {
			err = fmt.Errorf("%w (%w)", ctx.Err(), err)
		}
	}
	return &fault{at, err}
}

// judgeConnection keeps a connection on which the server merely said no. After 421 it closes (RFC 5321, section 3.8).
func (d *dialogue) judgeConnection(err error) {
	if answer, ok := replyOf(err); !ok || answer.code == 421 || answer.code < 400 {
		d.conn.broken = true
	}
}

// reset takes back a transaction that the server refused half-way (RFC 5321, section 4.1.1.5).
func (d *dialogue) reset(ctx context.Context) {
	if d.conn.broken {
		return
	}
	at := *d.at
	if f := d.command(ctx, at, d.conn.client.Reset); f != nil {
		d.conn.broken = true
	}
}
