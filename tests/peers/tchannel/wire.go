package main

import (
	"fmt"

	"github.com/uber/tchannel-go/thirdparty/github.com/apache/thrift/lib/go/thrift"
)

// The structs of jaeger.thrift by their field numbers, as far as this peer needs them.

type tag struct {
	key   string
	kind  int32 // STRING 0, DOUBLE 1, BOOL 2, LONG 3, BINARY 4
	text  string
	float float64
	bool  bool
	long  int64
	bytes []byte
}

type entry struct {
	time   int64
	fields []tag
}

type reference struct {
	kind      int32 // CHILD_OF 0, FOLLOWS_FROM 1
	low, high int64
	span      int64
}

type span struct {
	low, high, id, parent int64
	operation             string
	references            []reference
	flags                 int32
	start, duration       int64
	tags                  []tag
	logs                  []entry
}

type batch struct {
	service string
	tags    []tag
	spans   []span
}

// writer remembers the first error, so that what is written can be read line by line.
type writer struct {
	p   thrift.TProtocol
	err error
}

func (w *writer) do(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) i32(id int16, v int32) {
	w.do(w.p.WriteFieldBegin("", thrift.I32, id))
	w.do(w.p.WriteI32(v))
}

func (w *writer) i64(id int16, v int64) {
	w.do(w.p.WriteFieldBegin("", thrift.I64, id))
	w.do(w.p.WriteI64(v))
}

func (w *writer) text(id int16, v string) {
	w.do(w.p.WriteFieldBegin("", thrift.STRING, id))
	w.do(w.p.WriteString(v))
}

func (w *writer) list(id int16, n int, each func(int)) {
	w.do(w.p.WriteFieldBegin("", thrift.LIST, id))
	w.do(w.p.WriteListBegin(thrift.STRUCT, n))
	for i := 0; i < n; i++ {
		each(i)
		w.do(w.p.WriteFieldStop())
	}
}

func (w *writer) tags(id int16, tags []tag) {
	w.list(id, len(tags), func(i int) {
		t := tags[i]
		w.text(1, t.key)
		w.i32(2, t.kind)
		switch t.kind {
		case 0:
			w.text(3, t.text)
		case 1:
			w.do(w.p.WriteFieldBegin("", thrift.DOUBLE, 4))
			w.do(w.p.WriteDouble(t.float))
		case 2:
			w.do(w.p.WriteFieldBegin("", thrift.BOOL, 5))
			w.do(w.p.WriteBool(t.bool))
		case 3:
			w.i64(6, t.long)
		case 4:
			w.do(w.p.WriteFieldBegin("", thrift.STRING, 7))
			w.do(w.p.WriteBinary(t.bytes))
		}
	})
}

func (w *writer) span(s span) {
	w.i64(1, s.low)
	w.i64(2, s.high)
	w.i64(3, s.id)
	w.i64(4, s.parent)
	w.text(5, s.operation)
	if len(s.references) > 0 {
		w.list(6, len(s.references), func(i int) {
			r := s.references[i]
			w.i32(1, r.kind)
			w.i64(2, r.low)
			w.i64(3, r.high)
			w.i64(4, r.span)
		})
	}
	w.i32(7, s.flags)
	w.i64(8, s.start)
	w.i64(9, s.duration)
	w.tags(10, s.tags)
	w.list(11, len(s.logs), func(i int) {
		w.i64(1, s.logs[i].time)
		w.tags(2, s.logs[i].fields)
	})
}

func (w *writer) batch(b batch) {
	w.do(w.p.WriteFieldBegin("", thrift.STRUCT, 1))
	w.text(1, b.service)
	w.tags(2, b.tags)
	w.do(w.p.WriteFieldStop())
	w.list(2, len(b.spans), func(i int) { w.span(b.spans[i]) })
}

// message is a Thrift struct whose fields two functions write and read.
type message struct {
	write func(*writer)
	read  func(*reader)
}

func (m message) Write(p thrift.TProtocol) error {
	w := &writer{p: p}
	w.do(p.WriteStructBegin(""))
	if m.write != nil {
		m.write(w)
	}
	w.do(p.WriteFieldStop())
	w.do(p.WriteStructEnd())
	return w.err
}

func (m message) Read(p thrift.TProtocol) error {
	r := &reader{p: p}
	if m.read == nil {
		r.fields(func(int16) bool { return false })
	} else {
		m.read(r)
	}
	return r.err
}

// reader remembers the first error, as writer does.
type reader struct {
	p   thrift.TProtocol
	err error
}

// fields gives each field's number to read, which says whether it has read it.
func (r *reader) fields(read func(id int16) bool) {
	for r.err == nil {
		_, kind, id, err := r.p.ReadFieldBegin()
		if err != nil {
			r.err = err
			return
		}
		if kind == thrift.STOP {
			return
		}
		if !read(id) && r.err == nil {
			r.err = r.p.Skip(kind)
		}
	}
}

func (r *reader) list(each func()) bool {
	_, n, err := r.p.ReadListBegin()
	if err != nil {
		r.err = err
		return true
	}
	for i := 0; i < n && r.err == nil; i++ {
		each()
	}
	return true
}

func take[T any](r *reader, into *T, read func() (T, error)) bool {
	value, err := read()
	if err != nil && r.err == nil {
		r.err = err
	}
	*into = value
	return true
}

func (r *reader) tags(into *[]tag) bool {
	return r.list(func() {
		var t tag
		r.fields(func(id int16) bool {
			switch id {
			case 1:
				return take(r, &t.key, r.p.ReadString)
			case 2:
				return take(r, &t.kind, r.p.ReadI32)
			case 3:
				return take(r, &t.text, r.p.ReadString)
			case 4:
				return take(r, &t.float, r.p.ReadDouble)
			case 5:
				return take(r, &t.bool, r.p.ReadBool)
			case 6:
				return take(r, &t.long, r.p.ReadI64)
			case 7:
				return take(r, &t.bytes, r.p.ReadBinary)
			}
			return false
		})
		*into = append(*into, t)
	})
}

func (r *reader) span() span {
	var s span
	r.fields(func(id int16) bool {
		switch id {
		case 1:
			return take(r, &s.low, r.p.ReadI64)
		case 2:
			return take(r, &s.high, r.p.ReadI64)
		case 3:
			return take(r, &s.id, r.p.ReadI64)
		case 4:
			return take(r, &s.parent, r.p.ReadI64)
		case 5:
			return take(r, &s.operation, r.p.ReadString)
		case 6:
			return r.list(func() {
				var to reference
				r.fields(func(id int16) bool {
					switch id {
					case 1:
						return take(r, &to.kind, r.p.ReadI32)
					case 2:
						return take(r, &to.low, r.p.ReadI64)
					case 3:
						return take(r, &to.high, r.p.ReadI64)
					case 4:
						return take(r, &to.span, r.p.ReadI64)
					}
					return false
				})
				s.references = append(s.references, to)
			})
		case 7:
			return take(r, &s.flags, r.p.ReadI32)
		case 8:
			return take(r, &s.start, r.p.ReadI64)
		case 9:
			return take(r, &s.duration, r.p.ReadI64)
		case 10:
			return r.tags(&s.tags)
		case 11:
			return r.list(func() {
				var e entry
				r.fields(func(id int16) bool {
					switch id {
					case 1:
						return take(r, &e.time, r.p.ReadI64)
					case 2:
						return r.tags(&e.fields)
					}
					return false
				})
				s.logs = append(s.logs, e)
			})
		}
		return false
	})
	return s
}

func (r *reader) batch() batch {
	var b batch
	r.fields(func(id int16) bool {
		switch id {
		case 1:
			r.fields(func(id int16) bool {
				switch id {
				case 1:
					return take(r, &b.service, r.p.ReadString)
				case 2:
					return r.tags(&b.tags)
				}
				return false
			})
			return true
		case 2:
			return r.list(func() { b.spans = append(b.spans, r.span()) })
		}
		return false
	})
	return b
}

// oks reads the answer to a submit: field 0, a list of structs whose field 1 is "ok".
func oks(into *[]bool) message {
	return message{read: func(r *reader) {
		r.fields(func(id int16) bool {
			return id == 0 && r.list(func() {
				var ok bool
				r.fields(func(id int16) bool { return id == 1 && take(r, &ok, r.p.ReadBool) })
				*into = append(*into, ok)
			})
		})
	}}
}

func all(oks []bool, n int) error {
	if len(oks) != n {
		return fmt.Errorf("%d answers to %d batches", len(oks), n)
	}
	for i, ok := range oks {
		if !ok {
			return fmt.Errorf("batch %d is not ok", i)
		}
	}
	return nil
}
