//! What a block can be searched for, as numbers of 64 bits: a filter of a file says by them which blocks need not be
//! looked at.
//!
//! A search for a key and a text finds every value with that text, whatever its type: so a term is made of texts alone.
//! Files keep terms: they never change.

use hashbrown::HashSet;
use jaeger_model::{ValueIn, hash_bytes};

use super::bits::Bits;
use super::column::{Column, Field, Kind, TextColumn};
use super::lists::Lists;
use super::packed::Packed;
use super::pattern;
use super::rare::checked;
use super::{Block, Texts};

const TAG: u64 = 1;
const SERVICE: u64 = 2;
const OPERATION: u64 = 3;
const ANY_OPERATION: u64 = 4;

/// The term of a tag of a span, of its process or of one of its logs, by the text of its value.
#[must_use]
pub fn tag(key: &str, text: &str) -> u64 {
    hash_bytes(hash_bytes(TAG, key.as_bytes()), text.as_bytes())
}

/// The term of a span's service.
#[must_use]
pub fn service(name: &str) -> u64 {
    hash_bytes(SERVICE, name.as_bytes())
}

/// The term of a span's operation and its service.
#[must_use]
pub fn operation(service: &str, operation: &str) -> u64 {
    hash_bytes(hash_bytes(OPERATION, service.as_bytes()), operation.as_bytes())
}

/// The term of a span's operation, whatever its service.
#[must_use]
pub fn any_operation(operation: &str) -> u64 {
    hash_bytes(ANY_OPERATION, operation.as_bytes())
}

/// Up to so many pairs of service and operation a bit each tells which were met.
const FEW_PAIRS: usize = 1 << 20;

impl Block {
    /// Gives `each` the terms of every span, at least once; some come again, and few are of no span.
    pub fn terms(&self, each: &mut dyn FnMut(u64)) {
        let mut room = Room::default();
        for lists in [&self.tags, &self.processes.tags, &self.logs.fields] {
            lists.terms(&mut room, each);
        }
        for name in self.processes.services.iter() {
            each(hash_bytes(SERVICE, name));
        }
        for name in self.operations.iter() {
            each(hash_bytes(ANY_OPERATION, name));
        }
        self.operation_terms(each);
    }

    fn operation_terms(&self, each: &mut dyn FnMut(u64)) {
        let (services, operations) = (&self.processes.services, &self.operations);
        let of_services: Vec<u64> = services.iter().map(|name| hash_bytes(OPERATION, name)).collect();
        let mut term = |service: usize, operation: usize| {
            each(hash_bytes(of_services.get(service).copied().unwrap_or(0), operations.get(operation)));
        };
        let few = services.len().saturating_mul(operations.len()) <= FEW_PAIRS;
        let mut bits = Bits::none(if few { services.len() * operations.len() } else { 0 });
        let mut known: HashSet<(usize, usize), foldhash::fast::RandomState> = HashSet::default();
        for row in 0..self.len() {
            let (service, operation) = (self.service_of(row), self.operation.index_at(row));
            if few {
                let pair = service * operations.len() + operation;
                if !bits.has(pair) {
                    bits.set(pair);
                    term(service, operation);
                }
            } else if known.insert((service, operation)) {
                term(service, operation);
            }
        }
    }
}

/// Room that all columns use in turn.
struct Room {
    text: Vec<u8>,
    /// The numbers met last, by their low bits: a column of few different ones gives few terms.
    met: Vec<u64>,
}

const MET: usize = 1 << 12;
/// A number that is never among those met.
const NEVER: u64 = u64::MAX;

impl Default for Room {
    fn default() -> Self {
        Self { text: Vec::new(), met: vec![NEVER; MET] }
    }
}

impl Room {
    fn forget(&mut self) {
        self.met.fill(NEVER);
    }

    /// Whether a number was surely met.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low bits")]
    fn met(met: &mut [u64], number: u64) -> bool {
        match met.get_mut((number ^ number >> 12) as usize % MET) {
            Some(place) => std::mem::replace(place, number) == number && number != NEVER,
            None => false,
        }
    }
}

impl Lists {
    fn terms(&self, room: &mut Room, each: &mut dyn FnMut(u64)) {
        let seeds: Vec<u64> = self.keys.iter().map(|key| hash_bytes(TAG, key)).collect();
        let seed = |field: &Field| seeds.get(field.key as usize).copied().unwrap_or(0);
        for field in &self.fields {
            pattern_terms(field, seed(field), each);
        }
        for shape in &self.shapes {
            for column in &shape.columns {
                if let Some(field) = self.fields.get(column.field as usize) {
                    column.column.terms(field, shape.len, seed(field), room, each);
                }
            }
        }
        let mut keys = KeySeeds::default();
        self.rare.each(|key, value| {
            let seed = keys.of(key);
            value_term(seed, value, &mut room.text, each);
        });
    }
}

/// The seed of the key met last: strangers' keys are mostly all different.
#[derive(Default)]
struct KeySeeds {
    key: Vec<u8>,
    seed: Option<u64>,
}

impl KeySeeds {
    fn of(&mut self, key: &[u8]) -> u64 {
        match self.seed {
            Some(seed) if self.key == key => seed,
            _ => {
                let seed = hash_bytes(TAG, key);
                self.key.clear();
                self.key.extend_from_slice(key);
                self.seed = Some(seed);
                seed
            }
        }
    }
}

fn value_term(seed: u64, value: ValueIn<'_>, text: &mut Vec<u8>, each: &mut dyn FnMut(u64)) {
    match value {
        ValueIn::Str(bytes) => each(hash_bytes(seed, bytes)),
        ValueIn::I64(number) => each(number_term(seed, number, text)),
        _ => {
            if let Some(value) = checked(value) {
                each(hash_bytes(seed, value.text().as_bytes()));
            }
        }
    }
}

fn number_term(seed: u64, number: i64, text: &mut Vec<u8>) -> u64 {
    text.clear();
    pattern::push_integer(number, text);
    hash_bytes(seed, text)
}

/// The texts of a dictionary that are whole: all that have no numbers, once for all columns.
fn pattern_terms(field: &Field, seed: u64, each: &mut dyn FnMut(u64)) {
    for pattern in field.patterns.iter() {
        match field.kind {
            Kind::Bytes => value_term(seed, ValueIn::Bytes(pattern), &mut Vec::new(), each),
            _ if pattern::has_numbers(pattern) => {}
            _ => each(hash_bytes(seed, pattern)),
        }
    }
}

impl Column {
    fn terms(&self, field: &Field, len: usize, seed: u64, room: &mut Room, each: &mut dyn FnMut(u64)) {
        match self {
            Self::Numbers(numbers) => {
                room.forget();
                let bool = field.kind == Kind::Bool;
                let Room { text, met, .. } = room;
                // Where all are the same, one will do.
                numbers.each(if numbers.width() == 0 { len.min(1) } else { len }, |number| {
                    if Room::met(met, number) {
                    } else if bool {
                        value_term(seed, ValueIn::Bool(number != 0), text, each);
                    } else {
                        each(number_term(seed, number.cast_signed(), text));
                    }
                });
            }
            Self::Floats(bits) | Self::FewFloats(_, bits) => {
                for bits in bits {
                    value_term(seed, ValueIn::F64(f64::from_bits(*bits)), &mut room.text, each);
                }
            }
            Self::Texts(texts) => texts.terms(field, len, seed, room, each),
        }
    }
}

impl TextColumn {
    fn terms(&self, field: &Field, len: usize, seed: u64, room: &mut Room, each: &mut dyn FnMut(u64)) {
        if let Some(rest) = &self.rest {
            let bytes = field.kind == Kind::Bytes;
            rest.each(|text| {
                let value = if bytes { ValueIn::Bytes(text) } else { ValueIn::Str(text) };
                value_term(seed, value, &mut room.text, each);
            });
        }
        if self.numbers.is_empty() {
            return;
        }
        room.forget();
        let numbered = Numbered::of(&field.patterns);
        let widths: usize = self.numbers.iter().map(Packed::width).sum::<usize>() + self.codes.width();
        let Room { text, met, .. } = room;
        for rank in 0..if widths == 0 { len.min(1) } else { len } {
            let Some(code) = self.codes.index_at(rank).checked_sub(1).filter(|code| numbered.has(*code)) else {
                continue;
            };
            // Equal codes and numbers make equal texts, and all of them fit in one number mostly.
            if widths <= 8 {
                let all = self.numbers.iter().fold(self.codes.above(rank), |all, numbers| {
                    // One of eight bytes has no other beside it.
                    if numbers.width() == 8 {
                        numbers.above(rank)
                    } else {
                        all << (8 * numbers.width()) | numbers.above(rank)
                    }
                });
                if Room::met(met, all) {
                    continue;
                }
            }
            text.clear();
            let number = |at: usize| self.numbers.get(at).map_or(0, |numbers| numbers.at(rank));
            pattern::join(field.patterns.get(code), number, text);
            each(hash_bytes(seed, text));
        }
    }
}

/// Which patterns of a dictionary have numbers.
struct Numbered(Bits);

impl Numbered {
    fn of(patterns: &Texts) -> Self {
        let mut bits = Bits::none(patterns.len());
        for (at, _) in patterns.iter().enumerate().filter(|(_, pattern)| pattern::has_numbers(pattern)) {
            bits.set(at);
        }
        Self(bits)
    }

    fn has(&self, code: usize) -> bool {
        self.0.has(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_never_change() {
        // Files keep these numbers: others here are another format.
        assert_eq!(tag("http.method", "GET"), 6_690_423_557_599_560_311);
        assert_eq!(service("front"), 8_790_518_645_867_118_239);
        assert_eq!(operation("front", "GET /"), 9_742_975_694_719_143_241);
        assert_eq!(any_operation("GET /"), 16_298_222_470_959_829_105);
    }

    #[test]
    fn terms_of_different_things_differ() {
        let terms = [tag("a", "b"), tag("b", "a"), tag("", "ab"), tag("ab", ""), operation("a", "b"), service("ab")];
        let terms: std::collections::HashSet<u64> =
            terms.into_iter().chain([any_operation("ab"), any_operation("b")]).collect();
        assert_eq!(terms.len(), 8);
    }
}
