//! Hosts' clocks differ: a child on another host is moved into its parent, and what runs below it on its
//! host moves along. Where moving is off, the span says by how much it would have moved.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use jaeger_model::{Duration, Value, keys};

use super::{Note, SpanIndex};
use crate::draft::{Draft, DraftProcess, DraftSpan, DraftValue};

/// The move of one host's spans below some span.
#[derive(Clone, Copy)]
struct Skew {
    process: u32,
    delta: Duration,
}

pub(super) fn adjust(draft: &mut Draft<'_>, index: &SpanIndex, max: Duration) {
    let hosts: Vec<Cow<'_, str>> = draft.processes.iter().map(|process| host(draft, process)).collect();
    let tree = Tree::of(draft, index);
    let host_of = |process: u32| hosts.get(process as usize).map_or("", |host| host.as_ref());

    // Spans and skews still to be walked below.
    let mut walk: Vec<(u32, Skew)> = Vec::new();
    let spans = &mut draft.spans;
    for root in tree.roots {
        let Some(span) = spans.get(root as usize) else { continue };
        walk.push((root, Skew { process: span.process, delta: Duration::ZERO }));
        while let Some((parent, skew)) = walk.pop() {
            let mut next = tree.first_child.get(parent as usize).copied().unwrap_or(NONE);
            while next != NONE {
                let child = next;
                next = tree.next_sibling.get(child as usize).copied().unwrap_or(NONE);
                let (Some(parent), Some(span)) = (spans.get(parent as usize), spans.get(child as usize)) else {
                    continue;
                };
                let own = host_of(span.process);
                let skew = if own.is_empty() || own != host_of(skew.process) {
                    Skew { process: span.process, delta: delta(parent, span) }
                } else {
                    skew
                };
                if let Some(span) = spans.get_mut(child as usize) {
                    apply(span, &mut draft.logs, skew.delta, max);
                }
                if tree.first_child.get(child as usize).is_some_and(|first| *first != NONE) {
                    walk.push((child, skew));
                }
            }
        }
    }
}

const NONE: u32 = u32::MAX;

/// Parents and children by place. Spans in a circle hang from no root and are left alone.
struct Tree {
    roots: Vec<u32>,
    first_child: Vec<u32>,
    next_sibling: Vec<u32>,
}

impl Tree {
    /// Notes what keeps a span out of the tree.
    fn of(draft: &mut Draft<'_>, index: &SpanIndex) -> Self {
        let spans = draft.spans.len();
        let mut tree = Self { roots: Vec::new(), first_child: vec![NONE; spans], next_sibling: vec![NONE; spans] };
        for (place, first) in index.firsts() {
            let Some(span) = draft.spans.get(place) else { continue };
            let row = u32::try_from(place).unwrap_or(NONE);
            if !first {
                note(draft, place, Note::DuplicateSpanId);
                continue;
            }
            let Some(parent) = draft.parent(span) else {
                tree.roots.push(row);
                continue;
            };
            match index.first(parent) {
                Some(parent) => {
                    let sibling = tree.first_child.get_mut(parent).map(|first| std::mem::replace(first, row));
                    if let (Some(next), Some(sibling)) = (tree.next_sibling.get_mut(place), sibling) {
                        *next = sibling;
                    }
                }
                None => {
                    note(draft, place, Note::ParentNotInTrace(parent));
                    tree.roots.push(row);
                }
            }
        }
        tree
    }
}

fn note(draft: &mut Draft<'_>, place: usize, note: Note) {
    if let Some(span) = draft.spans.get_mut(place) {
        span.notes.push(note);
    }
}

/// By how much `child` must move to lie within `parent`.
fn delta(parent: &DraftSpan<'_>, child: &DraftSpan<'_>) -> Duration {
    let before = parent.start.since(child.start);
    if child.duration() > parent.duration() {
        return before.max(Duration::ZERO);
    }
    let child_end = child.start.saturating_add(child.duration());
    let parent_end = parent.start.saturating_add(parent.duration());
    if child.start >= parent.start && child_end <= parent_end {
        return Duration::ZERO;
    }
    let rest = parent.duration().as_nanos().saturating_sub(child.duration().as_nanos());
    parent.start.saturating_add(Duration::from_nanos(rest / 2)).since(child.start)
}

fn apply(span: &mut DraftSpan<'_>, logs: &mut [crate::draft::DraftLog], delta: Duration, max: Duration) {
    if delta == Duration::ZERO {
        return;
    }
    if delta.as_nanos().unsigned_abs() > max.as_nanos().unsigned_abs() {
        let off = max == Duration::ZERO;
        span.notes.push(if off { Note::SkewNotApplied(delta) } else { Note::SkewTooLarge { max, delta } });
        return;
    }
    span.start = span.start.saturating_add(delta);
    for log in span.logs.of_mut(logs) {
        log.time = log.time.saturating_add(delta);
    }
    span.notes.push(Note::Moved(delta));
}

/// The host of a process by its tag `ip`, empty where it doesn't say.
fn host<'t>(draft: &Draft<'t>, process: &DraftProcess<'t>) -> Cow<'t, str> {
    let tag = process.tags.of(&draft.tags).iter().find(|tag| tag.key == keys::IP);
    match tag.map(|tag| tag.value) {
        Some(DraftValue::Stored(Value::Str(text))) => Cow::Borrowed(text),
        Some(DraftValue::Stored(Value::I64(number))) => Cow::Owned(super::ip_tag::address(number).to_string()),
        Some(DraftValue::Stored(Value::Bytes(bytes))) => Cow::Owned(match bytes.len() {
            4 => <[u8; 4]>::try_from(bytes).map(|v4| Ipv4Addr::from(v4).to_string()).unwrap_or_default(),
            16 => <[u8; 16]>::try_from(bytes).map(|v6| v6_text(Ipv6Addr::from(v6))).unwrap_or_default(),
            _ => String::new(),
        }),
        Some(DraftValue::Ipv4(address)) => Cow::Owned(address.to_string()),
        _ => Cow::Borrowed(""),
    }
}

/// As Go writes it: an IPv4 address mapped into IPv6 is an IPv4 address.
fn v6_text(address: Ipv6Addr) -> String {
    address.to_ipv4_mapped().map_or_else(|| address.to_string(), |v4| v4.to_string())
}
