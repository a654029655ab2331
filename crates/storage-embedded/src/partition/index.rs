//! Puts the spans of a partition's blocks in order of time, and lists where in it each service, each operation and each
//! tag stands that neither next to none nor most spans have.

use std::cmp::Reverse;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use jaeger_storage::block::{Block, Reading, Row, terms};

use super::times::{Timed, class};
use super::{lists, times};

/// What fewer spans have is found by the filter of blocks.
const LEAST_SPANS: usize = 32;
/// So many spans are looked at to find tags that are worth a list.
const SAMPLE: usize = 2048;
/// A tag that fewer spans of the sample have is too rare for a list.
const LEAST_IN_SAMPLE: usize = 10;
/// So many tags get lists: each costs a look through a column of every block.
const MAX_TAGS: usize = 128;

/// The sections of times and of lists.
pub(super) fn encode(blocks: &[Arc<Block>]) -> (Vec<u8>, Vec<u8>) {
    let mut pairs = Pairs::default();
    let mut spans = Vec::with_capacity(blocks.iter().map(|block| block.len()).sum());
    for (block, number) in blocks.iter().zip(0..) {
        let pair_of = pairs.of_block(block);
        spans.extend(block.each_row().zip(0..).map(|(row, at)| (timed(&row, number, at), pair_of(&row))));
    }
    // Of equal starts a search looks at all before it gives one.
    spans.sort_unstable_by_key(|(span, _)| (Reverse(span.start), span.block, span.row));
    let mut lists = pairs.lists(&spans);
    lists.extend(tag_lists(blocks, &spans));
    lists.retain(|(_, places)| places.len() >= LEAST_SPANS);
    let spans: Vec<Timed> = spans.into_iter().map(|(span, _)| span).collect();
    (times::encode(&spans), lists::encode(lists))
}

fn timed(row: &Row, block: u16, at: u16) -> Timed {
    Timed { start: row.start, block, row: at, class: class(row.duration) }
}

/// Services with their operations.
#[derive(Default)]
struct Pairs {
    numbers: HashMap<(u64, u64), u32, RandomState>,
    /// The terms of service and operation.
    terms: Vec<(u64, u64)>,
}

impl Pairs {
    /// Numbers those of a block.
    fn of_block(&mut self, block: &Block) -> impl Fn(&Row) -> u32 + use<> {
        let (services, operations) = (names(block.service_names()), names(block.operation_names()));
        let mut known: HashMap<(usize, usize), u32, RandomState> = HashMap::default();
        for Row { service, operation, .. } in block.each_row() {
            known.entry((service, operation)).or_insert_with(|| {
                let (service, operation) = (services.get(service), operations.get(operation));
                let (service, operation) = (service.map_or("", |name| name), operation.map_or("", |name| name));
                let key = (terms::service(service), terms::operation(service, operation));
                let next = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
                *self.numbers.entry(key).or_insert_with(|| {
                    self.terms.push(key);
                    next
                })
            });
        }
        move |row| known.get(&(row.service, row.operation)).copied().unwrap_or(u32::MAX)
    }

    fn lists(&self, spans: &[(Timed, u32)]) -> Vec<(u64, Vec<u32>)> {
        let mut of_pairs: Vec<Vec<u32>> = vec![Vec::new(); self.terms.len()];
        let mut services: HashMap<u64, usize, RandomState> = HashMap::default();
        let mut of_services: Vec<(u64, Vec<u32>)> = Vec::new();
        let service_of: Vec<usize> = self
            .terms
            .iter()
            .map(|(service, _)| {
                *services.entry(*service).or_insert_with(|| {
                    of_services.push((*service, Vec::new()));
                    of_services.len() - 1
                })
            })
            .collect();
        for ((_, pair), place) in spans.iter().zip(0..) {
            let pair = *pair as usize;
            if let Some(places) = of_pairs.get_mut(pair) {
                places.push(place);
            }
            if let Some((_, places)) = service_of.get(pair).and_then(|service| of_services.get_mut(*service)) {
                places.push(place);
            }
        }
        let of_pairs = self.terms.iter().map(|(_, pair)| *pair).zip(of_pairs);
        of_services.into_iter().chain(of_pairs).collect()
    }
}

fn names<'b>(names: impl Iterator<Item = &'b [u8]>) -> Vec<String> {
    names.map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

/// The places of the spans that have one of the tags that are worth it.
fn tag_lists(blocks: &[Arc<Block>], spans: &[(Timed, u32)]) -> Vec<(u64, Vec<u32>)> {
    let tags = telling_tags(blocks);
    if tags.is_empty() {
        return Vec::new();
    }
    let mut place_of: Vec<Vec<u32>> = blocks.iter().map(|block| vec![0; block.len()]).collect();
    for ((span, _), place) in spans.iter().zip(0..) {
        let of_block = place_of.get_mut(usize::from(span.block));
        if let Some(of_row) = of_block.and_then(|rows| rows.get_mut(usize::from(span.row))) {
            *of_row = place;
        }
    }
    let lists = tags.into_iter().map(|(key, text)| {
        let mut places = Vec::new();
        for (block, place_of) in blocks.iter().zip(&place_of) {
            block.rows_with_tag(&key, &text, &mut |row| places.extend(place_of.get(row)));
        }
        places.sort_unstable();
        (terms::tag(&key, &text), places)
    });
    lists.filter(|(_, places)| places.len() <= spans.len() / 2).collect()
}

/// Tags that some of the spans have, but not most: the most frequent of a sample.
fn telling_tags(blocks: &[Arc<Block>]) -> Vec<(String, String)> {
    let mut counts: HashMap<String, HashMap<String, usize, RandomState>, RandomState> = HashMap::default();
    let (mut reading, mut sampled) = (Reading::default(), 0);
    let each = SAMPLE.div_ceil(blocks.len().max(1));
    for block in blocks {
        // All over the block, and not in step with the spans of a trace.
        for row in (0..each.min(block.len())).map(|at| at * 7919 % block.len()) {
            sampled += 1;
            block.tags_of_row(row, &mut reading, &mut |key, text| {
                let Ok(key) = str::from_utf8(key) else { return };
                let texts = match counts.get_mut(key) {
                    Some(texts) => texts,
                    None => counts.entry(key.to_owned()).or_default(),
                };
                match texts.get_mut(text) {
                    Some(count) => *count += 1,
                    None => drop(texts.insert(text.to_owned(), 1)),
                }
            });
        }
    }
    let mut tags: Vec<(usize, String, String)> = Vec::new();
    for (key, texts) in counts {
        let telling = texts.into_iter().filter(|(_, count)| (LEAST_IN_SAMPLE..=sampled * 5 / 8).contains(count));
        tags.extend(telling.map(|(text, count)| (count, key.clone(), text)));
    }
    tags.sort_unstable_by(|one, other| other.cmp(one));
    tags.truncate(MAX_TAGS);
    tags.into_iter().map(|(_, key, text)| (key, text)).collect()
}
