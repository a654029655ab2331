# Zipkin's spans, version 1. Written for this project; the field numbers are the contract.
# Fields without required or optional are always written, and may be missing when read.

struct Endpoint {
  1: i32             ipv4           # packed, high byte first
  2: i16             port           # an unsigned number
  3: string          service_name
  4: optional binary ipv6           # 16 bytes
}

struct Annotation {
  1: i64               timestamp    # microseconds
  2: string            value
  3: optional Endpoint host
}

enum AnnotationType { BOOL = 0, BYTES = 1, I16 = 2, I32 = 3, I64 = 4, DOUBLE = 5, STRING = 6 }

struct BinaryAnnotation {
  1: string            key
  2: binary            value        # numbers high byte first
  3: AnnotationType    annotation_type
  4: optional Endpoint host
}

struct Span {
  1:  i64                    trace_id
  3:  string                 name
  4:  i64                    id
  5:  optional i64           parent_id
  6:  list<Annotation>       annotations
  8:  list<BinaryAnnotation> binary_annotations
  9:  optional bool          debug = false
  10: optional i64           timestamp   # microseconds
  11: optional i64           duration    # microseconds
  12: optional i64           trace_id_high
}

struct Response {
  1: required bool ok
}

service ZipkinCollector {
  list<Response> submitZipkinBatch(1: list<Span> spans)
}
