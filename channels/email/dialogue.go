package email

import (
	"context"
	"errors"
	"fmt"

	"github.com/wneessen/go-mail/smtp"
)

// dialogue is one message on one connection.
type dialogue struct {
	smtp  *SMTP
	conn  *connection
	touch int64
	at    *stage // shared with the caller: what a panic leaves behind
}

// run sends one message and gives the words of the server's answer. It drives go-mail's smtp.Client itself rather than
// through Client.SendWithSMTPClient, for three reasons: the journal must be marked between the content and the final dot;
// go-mail's RSET after each accepted message turns a lost RSET into an error for a mail that was delivered; and its errors
// flatten the server's answer into text.
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
	// Asked for without need, SMTPUTF8 would bar the mail from every relay without it (RFC 6531, section 3.6).
	client.SkipSMTPUTF8(!env.utf8)
	if f := d.command(ctx, atMail, func() error { return client.Mail("<" + env.from + ">") }); f != nil {
		return "", f
	}
	if f := d.command(ctx, atRcpt, func() error { return client.Rcpt("<" + env.to + ">") }); f != nil {
		d.reset(ctx)
		return "", f
	}
	var content *smtp.DataCloser
	if f := d.command(ctx, atData, func() error {
		w, err := client.Data()
		content, _ = w.(*smtp.DataCloser)
		return err
	}); f != nil {
		d.reset(ctx)
		return "", f
	}
	// The content leaves our buffer before the journal is marked: a connection that is already dead mostly shows here,
	// where it is harmless, and only five octets remain.
	if f := d.command(ctx, atData, func() error {
		if _, err := content.Write(env.data); err != nil {
			return err
		}
		return client.Text.W.Flush()
	}); f != nil {
		return "", f
	}
	return d.finish(ctx, w, content)
}

// finish writes the final dot and reads the answer.
func (d *dialogue) finish(ctx context.Context, w *watch, content *smtp.DataCloser) (string, *fault) {
	w.beginAnswer()
	err := d.conn.client.UpdateDeadline(d.smtp.config.AnswerTimeout)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = d.smtp.journal.MarkDot(d.touch)
	}
	if err != nil {
		d.conn.broken = true // the server waits for a dot that must not come
		return "", &fault{atData, err}
	}
	*d.at = atDot
	if err := content.Close(); err != nil {
		d.judgeConnection(err)
		return "", &fault{atDot, err}
	}
	return content.ServerResponse(), nil
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
