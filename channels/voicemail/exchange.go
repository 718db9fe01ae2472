package voicemail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

// maxAnswer bounds how much of an answer is read: a page of 50 calls is about 60 KB.
const maxAnswer = 1 << 20

var errAnswerTooLong = errors.New("the answer is longer than 1 MB")

// exchange is the round tripper of exactly one API request. It reaches another host when told to, ties the request to a context
// (twilio-go takes none), and keeps what the library's errors do not tell: whether the request may have left this machine,
// the HTTP status, and Retry-After.
//
// It reads the whole answer and keeps the time-out itself: twilio-go closes no body of a refused request, which would leak the
// connection, and with http.Client.Timeout a goroutine until the time is up.
type exchange struct {
	ctx       context.Context //nolint:containedctx // the one request's own, see above
	timeout   time.Duration
	base      *url.URL
	transport http.RoundTripper

	wrote      atomic.Bool
	status     int // 0: no answer came
	retryAfter time.Duration
}

// RoundTrip implements http.RoundTripper.
func (x *exchange) RoundTrip(request *http.Request) (*http.Response, error) {
	timed, done := context.WithTimeoutCause(request.Context(), x.timeout, fmt.Errorf("no answer within %v", x.timeout))
	defer done()
	ctx, cancel := context.WithCancelCause(timed)
	defer cancel(nil)
	stop := context.AfterFunc(x.ctx, func() { cancel(context.Cause(x.ctx)) })
	defer stop()

	sent := request.Clone(httptrace.WithClientTrace(ctx, x.trace()))
	if x.base != nil {
		sent.URL.Scheme, sent.URL.Host, sent.Host = x.base.Scheme, x.base.Host, ""
	}
	response, err := x.transport.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	x.status = response.StatusCode
	x.retryAfter = retryAfter(response.Header)
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = errAnswerTooLong
	}
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// trace notes whether any of the request may have been written: from the moment a connection is there, since a request that is
// given up just then may still be flushed by the connection's own goroutine. A new GetConn means that the transport starts
// over, which it does with a POST without Idempotency-Key only when nothing was written (net/http:
// persistConn.shouldRetryRequest, Request.isReplayable) or the server declared it unprocessed (RFC 9113 section 8.7).
func (x *exchange) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { x.wrote.Store(false) },
		GotConn:      func(httptrace.GotConnInfo) { x.wrote.Store(true) },
		WroteRequest: func(httptrace.WroteRequestInfo) { x.wrote.Store(true) },
	}
}

// retryAfter reads Retry-After (RFC 9110 section 10.2.3): seconds, or a date, taken relative to the answer's own Date so that the
// two clocks need not agree. 0 when absent, past or unreadable.
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		const day = 24 * 60 * 60
		return time.Duration(min(max(seconds, 0), day)) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0
	}
	return max(until.Sub(at), 0)
}
