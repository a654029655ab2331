package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/uber/tchannel-go"
	"github.com/uber/tchannel-go/raw"
	"github.com/uber/tchannel-go/thirdparty/github.com/apache/thrift/lib/go/thrift"
	tthrift "github.com/uber/tchannel-go/thrift"
	"github.com/uber/tchannel-go/thrift/gen-go/meta"
)

const collector = "jaeger-collector"

// client does everything that an agent does, and what a careless peer does, against a collector at s.Address.
func client(s settings) (any, error) {
	channel, err := tchannel.NewChannel("jaeger-agent", nil)
	if err != nil {
		return nil, err
	}
	defer channel.Close()
	channel.Peers().Add(s.Address)
	calls := tthrift.NewClient(channel, collector, nil)
	call := func(service, method string, request, response thrift.TStruct) error {
		ctx, cancel := tthrift.NewContext(20 * time.Second)
		defer cancel()
		_, err := calls.Call(ctx, service, method, request, response)
		return err
	}
	submit := func(batches ...batch) error {
		var ok []bool
		arguments := message{write: func(w *writer) {
			w.list(1, len(batches), func(i int) { w.batch(batches[i]) })
		}}
		if err := call("Collector", "submitBatches", arguments, oks(&ok)); err != nil {
			return fmt.Errorf("submitBatches: %w", err)
		}
		return all(ok, len(batches))
	}

	if err := health(call); err != nil {
		return nil, err
	}
	front, back := story(s)
	if err := submit(front, back); err != nil {
		return nil, err
	}
	bulk, sent := large(s)
	if err := submit(bulk); err != nil {
		return nil, fmt.Errorf("a call of a megabyte: %w", err)
	}
	if err := submit(); err != nil {
		return nil, fmt.Errorf("no batch at all: %w", err)
	}
	strategy, err := sampling(call, s.Front)
	if err != nil {
		return nil, err
	}
	if err := refused(channel, call); err != nil {
		return nil, err
	}
	ctx, cancel := tthrift.NewContext(20 * time.Second)
	defer cancel()
	if err := channel.Ping(ctx, s.Address); err != nil {
		return nil, fmt.Errorf("ping: %w", err)
	}
	spans := append(spansJSON(front), spansJSON(back)...)
	return object{
		"spans": spans, "notSampled": []string{}, "bulkSpans": len(bulk.spans), "bulkBytes": sent,
		"samplingRate": strategy,
	}, nil
}

type caller func(service, method string, request, response thrift.TStruct) error

// story is two services with every type of value, wide and narrow ids, references and logs.
func story(s settings) (batch, batch) {
	now := time.Now().UnixMicro()
	tags := []tag{
		{key: "text", text: "<ä> & \"x\""}, {key: "empty", text: ""},
		{key: "float", kind: 1, float: 0.25}, {key: "yes", kind: 2, bool: true}, {key: "no", kind: 2},
		{key: "small", kind: 3, long: -7}, {key: "large", kind: 3, long: 1<<62 + 1},
		{key: "bytes", kind: 4, bytes: []byte{0, 1, 254, 255}},
	}
	root := span{
		low: -3, high: 5, id: -9, operation: "GET /", flags: 3, start: now, duration: 5000, tags: tags,
		logs: []entry{{time: now + 10, fields: tags}, {time: now + 20, fields: []tag{{key: "event", text: "done"}}}},
	}
	child := span{low: -3, high: 5, id: 12, parent: -9, operation: "query", flags: 1, start: now + 100, duration: 50}
	linked := span{
		low: -3, high: 5, id: 13, parent: -9, operation: "linked", flags: 1, start: now + 200, duration: 1,
		// The parent first: the query would put it there.
		references: []reference{{kind: 0, low: -3, high: 5, span: -9}, {kind: 1, low: 77, span: 78}},
	}
	narrow := span{low: 4242, id: 4242, operation: "narrow", flags: 1, start: now + 300, duration: 0}
	process := []tag{{key: "hostname", text: "h"}, {key: "cpus", kind: 3, long: 2}}
	return batch{service: s.Front, tags: process, spans: []span{root, linked, narrow}},
		batch{service: s.Back, tags: nil, spans: []span{child}}
}

// large is over a megabyte in one call: 17 frames and more.
func large(s settings) (batch, int) {
	b := batch{service: "bulk"}
	bytes := 0
	for i := int64(1); bytes < 1<<20; i++ {
		text := strings.Repeat(fmt.Sprintf("%07d", i), 300)
		bytes += len(text)
		b.spans = append(b.spans, span{
			low: 9000 + i, id: i, operation: "bulk", flags: 1, start: time.Now().UnixMicro(), duration: i,
			tags: []tag{{key: "text", text: text}},
		})
	}
	return b, bytes
}

func health(call caller) error {
	var answer meta.MetaHealthResult
	if err := call("Meta", "health", &meta.MetaHealthArgs{Hr: &meta.HealthRequest{}}, &answer); err != nil {
		return fmt.Errorf("Meta::health: %w", err)
	}
	if !answer.GetSuccess().GetOk() {
		return fmt.Errorf("Meta::health: %v", answer.GetSuccess())
	}
	var version meta.MetaVersionInfoResult
	if err := call("Meta", "versionInfo", &meta.MetaVersionInfoArgs{}, &version); err != nil {
		return fmt.Errorf("Meta::versionInfo: %w", err)
	}
	if version.GetSuccess().GetLanguage() != "rust" {
		return fmt.Errorf("Meta::versionInfo: %v", version.GetSuccess())
	}
	var idl meta.MetaThriftIDLResult
	if err := call("Meta", "thriftIDL", &meta.MetaThriftIDLArgs{}, &idl); err != nil {
		return fmt.Errorf("Meta::thriftIDL: %w", err)
	}
	entry := idl.GetSuccess().Idls[idl.GetSuccess().EntryPoint]
	if !strings.Contains(string(entry), "struct Batch") {
		return fmt.Errorf("Meta::thriftIDL: %v", idl.GetSuccess())
	}
	return nil
}

// sampling asks for a service's strategy, and gives the rate of a probabilistic one.
func sampling(call caller, service string) (float64, error) {
	rate := -1.0
	answer := message{read: func(r *reader) {
		r.fields(func(id int16) bool {
			if id != 0 {
				return false
			}
			r.fields(func(id int16) bool {
				if id != 2 {
					return false
				}
				r.fields(func(id int16) bool { return id == 1 && take(r, &rate, r.p.ReadDouble) })
				return true
			})
			return true
		})
	}}
	question := message{write: func(w *writer) { w.text(1, service) }}
	if err := call("SamplingManager", "getSamplingStrategy", question, answer); err != nil {
		return 0, fmt.Errorf("getSamplingStrategy: %w", err)
	}
	return rate, nil
}

// refused asks for what nobody serves, and sends what is no batch: each is a bad request, and the connection stays.
func refused(channel *tchannel.Channel, call caller) error {
	bad := func(what string, err error) error {
		if code := tchannel.GetSystemErrorCode(err); err == nil || code != tchannel.ErrCodeBadRequest {
			return fmt.Errorf("%s: a bad request was expected, not %v", what, err)
		}
		return nil
	}
	question := message{write: func(w *writer) { w.text(1, "x") }}
	err := call("BaggageRestrictionManager", "getBaggageRestrictions", question, message{})
	if err := bad("baggage", err); err != nil {
		return err
	}
	ctx, cancel := tthrift.NewContext(20 * time.Second)
	defer cancel()
	target := channel.GetSubChannel(collector)
	arguments := [][]byte{[]byte("Collector::submitBatches"), {0, 0}, []byte("no struct")}
	_, _, _, err = raw.CallSC(ctx, target, string(arguments[0]), arguments[1], arguments[2])
	return bad("a body that is none", err)
}
