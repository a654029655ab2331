//! Thrift packets for an agent that no client would send, byte by byte.

/// How packets are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Binary,
    Compact,
}

/// Levels that nobody needs.
const LEVELS: usize = 65;

/// Packets that claim more than they hold, each with what is wrong with it.
pub fn bad_packets(protocol: Protocol) -> Vec<(&'static str, Vec<u8>)> {
    let parts: [(&str, Vec<Part>); 9] = [
        ("a method's name of 2^31 bytes", vec![Part::Start, Part::Length]),
        ("a service of 2^31 bytes", vec![Part::Method, Part::Batch, Part::Process, Part::Text, Part::Length]),
        ("2^31 spans", vec![Part::Method, Part::Batch, Part::Service, Part::Spans, Part::Count]),
        ("2^31 elements of an unknown field", vec![Part::Method, Part::Batch, Part::UnknownList, Part::Count]),
        ("an unknown field of 65 levels", vec![Part::Method, Part::Batch, Part::UnknownStruct, Part::Nested]),
        ("no arguments", vec![Part::Method]),
        ("no method that an agent has", vec![Part::OtherMethod]),
        ("no message", vec![Part::Noise]),
        ("nothing", vec![]),
    ];
    parts
        .into_iter()
        .map(|(what, parts)| (what, parts.iter().flat_map(|part| part.bytes(protocol)).collect()))
        .collect()
}

#[derive(Clone, Copy)]
enum Part {
    /// Version and kind of a message.
    Start,
    /// All of a message before its arguments: a call of `emitBatch`.
    Method,
    OtherMethod,
    /// The field of the batch, and it begins.
    Batch,
    /// The field of the process, and it begins.
    Process,
    /// The field of the service, before its length.
    Text,
    /// A whole process.
    Service,
    /// The field of the spans.
    Spans,
    /// The field 9 of a batch, which has no such field.
    UnknownList,
    UnknownStruct,
    /// A length of 2^31.
    Length,
    /// A list of 2^31 structs.
    Count,
    /// Structs in structs, all ended.
    Nested,
    Noise,
}

impl Part {
    fn bytes(self, protocol: Protocol) -> Vec<u8> {
        match protocol {
            Protocol::Compact => self.compact(),
            Protocol::Binary => self.binary(),
        }
    }

    fn compact(self) -> Vec<u8> {
        match self {
            Self::Start => vec![0x82, 0x81, 0],
            Self::Method => [&[0x82, 0x81, 0, 9][..], b"emitBatch"].concat(),
            Self::OtherMethod => [&[0x82, 0x81, 0, 9][..], b"dropBatch"].concat(),
            Self::Batch | Self::Process => vec![0x1c],
            Self::Text => vec![0x18],
            Self::Service => vec![0x1c, 0x18, 1, b'x', 0],
            Self::Spans => vec![0x19],
            Self::UnknownList => vec![0x99],
            Self::UnknownStruct => vec![0x9c],
            Self::Length => vec![0x80, 0x80, 0x80, 0x80, 0x08],
            Self::Count => vec![0xfc, 0x80, 0x80, 0x80, 0x80, 0x08],
            Self::Nested => [vec![0x1c; LEVELS], vec![0; LEVELS + 3]].concat(),
            Self::Noise => vec![0xa5; 100],
        }
    }

    fn binary(self) -> Vec<u8> {
        match self {
            Self::Start => vec![0x80, 1, 0, 4],
            Self::Method => [&[0x80, 1, 0, 4, 0, 0, 0, 9][..], b"emitBatch", &[0; 4]].concat(),
            Self::OtherMethod => [&[0x80, 1, 0, 4, 0, 0, 0, 9][..], b"dropBatch", &[0; 4]].concat(),
            Self::Batch | Self::Process => vec![12, 0, 1],
            Self::Text => vec![11, 0, 1],
            Self::Service => vec![12, 0, 1, 11, 0, 1, 0, 0, 0, 1, b'x', 0],
            Self::Spans => vec![15, 0, 2],
            Self::UnknownList => vec![15, 0, 9],
            Self::UnknownStruct => vec![12, 0, 9],
            Self::Length => vec![0x80, 0, 0, 0],
            Self::Count => vec![12, 0x80, 0, 0, 0],
            Self::Nested => [[12, 0, 1].repeat(LEVELS), vec![0; LEVELS + 3]].concat(),
            Self::Noise => vec![0xa5; 100],
        }
    }
}
