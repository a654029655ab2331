//! OTLP requests in protobuf written field by field, so that a span can be wrong in any way.

/// The ids of a span as they stand on the wire, of any length.
pub struct Ids<'a> {
    pub trace: &'a [u8],
    pub span: &'a [u8],
}

/// A request of one span, whose resource has an attribute of lists in lists, so many.
pub fn nested_request(levels: usize, ids: &Ids<'_>) -> Vec<u8> {
    let mut value = bytes(1, b"the innermost");
    for _ in 0..levels {
        value = bytes(5, &bytes(1, &value));
    }
    let attribute = [bytes(1, b"nested"), bytes(2, &value)].concat();
    let span = [bytes(1, ids.trace), bytes(2, ids.span)].concat();
    bytes(1, &[bytes(1, &bytes(1, &attribute)), bytes(2, &bytes(2, &span))].concat())
}

/// A request of one resource, whose spans have nothing but a name, ids and a start.
pub fn request<'a>(service: &str, start_ns: u64, spans: impl IntoIterator<Item = Ids<'a>>) -> Vec<u8> {
    let service = [bytes(1, b"service.name"), bytes(2, &bytes(1, service.as_bytes()))].concat();
    let resource = bytes(1, &service);
    let mut scope = Vec::new();
    for ids in spans {
        let span = [
            bytes(1, ids.trace),
            bytes(2, ids.span),
            bytes(5, b"a span"),
            fixed64(7, start_ns),
            fixed64(8, start_ns.saturating_add(1_000_000)),
        ];
        scope.extend(bytes(2, &span.concat()));
    }
    bytes(1, &[bytes(1, &resource), bytes(2, &scope)].concat())
}

fn bytes(field: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![field << 3 | 2];
    let mut length = content.len();
    while length >= 0x80 {
        let [low, ..] = length.to_le_bytes();
        out.push(low | 0x80);
        length >>= 7;
    }
    let [low, ..] = length.to_le_bytes();
    out.push(low);
    out.extend_from_slice(content);
    out
}

fn fixed64(field: u8, number: u64) -> Vec<u8> {
    let mut out = vec![field << 3 | 1];
    out.extend_from_slice(&number.to_le_bytes());
    out
}
