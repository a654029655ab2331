package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/uber/tchannel-go"
	"github.com/uber/tchannel-go/thirdparty/github.com/apache/thrift/lib/go/thrift"
	tthrift "github.com/uber/tchannel-go/thrift"
)

// patience of the server with whoever is to send to it.
const patience = 45 * time.Second

// server is a collector of up to 1.17, as far as an agent sees it; it ends when it has the spans that are expected.
func server(s settings) (any, error) {
	channel, err := tchannel.NewChannel(collector, nil)
	if err != nil {
		return nil, err
	}
	got := &received{busy: s.Busy, expect: s.Expect, questions: s.Questions, done: make(chan struct{})}
	register := tthrift.NewServer(channel)
	register.Register(&service{name: "Collector", method: "submitBatches", handle: got.submit})
	register.Register(&service{name: "SamplingManager", method: "getSamplingStrategy", handle: got.strategy})
	if err := channel.ListenAndServe(s.Address); err != nil {
		return nil, err
	}
	select {
	case <-got.done:
	case <-time.After(patience):
		return nil, fmt.Errorf("%d of %d spans after %v, %d calls", len(got.spans), s.Expect, patience, got.calls)
	}
	// What was asked is answered before the channel is closed.
	channel.Close()
	for end := time.Now().Add(patience); channel.State() != tchannel.ChannelClosed && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	got.Lock()
	defer got.Unlock()
	return object{"spans": got.spans, "notSampled": []string{}, "calls": got.calls, "largest": got.largest}, nil
}

type received struct {
	sync.Mutex
	busy, expect, questions int
	spans                   []object
	calls                   int
	// Spans of the largest batch.
	largest  int
	finished bool
	done     chan struct{}
}

func (g *received) submit(protocol thrift.TProtocol) (thrift.TStruct, error) {
	var batches []batch
	arguments := message{read: func(r *reader) {
		r.fields(func(id int16) bool {
			return id == 1 && r.list(func() { batches = append(batches, r.batch()) })
		})
	}}
	if err := arguments.Read(protocol); err != nil {
		return nil, err
	}
	g.Lock()
	defer g.Unlock()
	g.calls++
	if g.busy > 0 {
		g.busy--
		return nil, tchannel.ErrServerBusy
	}
	for _, b := range batches {
		g.spans = append(g.spans, spansJSON(b)...)
		g.largest = max(g.largest, len(b.spans))
	}
	g.finish()
	return message{write: func(w *writer) {
		w.do(w.p.WriteFieldBegin("", thrift.LIST, 0))
		w.do(w.p.WriteListBegin(thrift.STRUCT, len(batches)))
		for range batches {
			w.do(w.p.WriteFieldBegin("", thrift.BOOL, 1))
			w.do(w.p.WriteBool(true))
			w.do(w.p.WriteFieldStop())
		}
	}}, nil
}

// finish ends the server when it has all that is expected.
func (g *received) finish() {
	if len(g.spans) >= g.expect && g.questions <= 0 && !g.finished {
		g.finished = true
		close(g.done)
	}
}

// strategy: every service samples a quarter.
func (g *received) strategy(protocol thrift.TProtocol) (thrift.TStruct, error) {
	if err := (message{}).Read(protocol); err != nil {
		return nil, err
	}
	g.Lock()
	defer g.Unlock()
	g.questions--
	g.finish()
	return message{write: func(w *writer) {
		w.do(w.p.WriteFieldBegin("", thrift.STRUCT, 0))
		w.i32(1, 0)
		w.do(w.p.WriteFieldBegin("", thrift.STRUCT, 2))
		w.do(w.p.WriteFieldBegin("", thrift.DOUBLE, 1))
		w.do(w.p.WriteDouble(0.25))
		w.do(w.p.WriteFieldStop())
		w.do(w.p.WriteFieldStop())
	}}, nil
}

// service is a Thrift service with one method.
type service struct {
	name, method string
	handle       func(thrift.TProtocol) (thrift.TStruct, error)
}

func (s *service) Service() string   { return s.name }
func (s *service) Methods() []string { return []string{s.method} }

func (s *service) Handle(_ tthrift.Context, _ string, p thrift.TProtocol) (bool, thrift.TStruct, error) {
	result, err := s.handle(p)
	return err == nil, result, err
}
