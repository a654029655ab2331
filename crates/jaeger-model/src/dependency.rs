//! Who calls whom: the one rule by which every store counts links between services.
//!
//! Per trace, over spans that are unique:
//! 1. of spans with one id each server (consumer) side links from the first client (producer) side of that id;
//! 2. each reference to a span of the trace links that span's service to this one's, links of a service to
//!    itself included; of several spans with the id referred to, the server's counts; a span that shares its
//!    id and is not the client's side is left out, since rule 1 has it;
//! 3. a span without children and with `peer.service` links its service to that name.
//!
//! So there are at most as many links as references and twice the spans, however many spans share an id.

use std::collections::HashMap;

use crate::{Reference, SpanId, SpanView, Timestamp, TraceId, Value, keys};

/// The side of a call that a span stands on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Side {
    /// `span.kind` client or producer.
    Client,
    /// `span.kind` server or consumer.
    Server,
    /// Any other kind, or none.
    #[default]
    Neither,
}

impl Side {
    /// The side that a `span.kind` stands for.
    #[must_use]
    pub fn of_kind(kind: Option<&str>) -> Self {
        match kind {
            Some("client" | "producer") => Self::Client,
            Some("server" | "consumer") => Self::Server,
            _ => Self::Neither,
        }
    }
}

/// What the rule needs to know of a span.
#[derive(Clone, Debug)]
pub struct DependencySpan<'a> {
    /// The span's id.
    pub span_id: SpanId,
    /// The spans of the same trace that it refers to, in order.
    pub parents: Vec<SpanId>,
    /// Its service.
    pub service: &'a str,
    /// Its side of a call.
    pub side: Side,
    /// The text of its `peer.service` tag.
    pub peer_service: Option<&'a str>,
    /// When it began.
    pub start: Timestamp,
    /// Whether it failed (`error` is true).
    pub error: bool,
}

/// One call from a service to another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Link<'a> {
    /// The service that calls.
    pub parent: &'a str,
    /// The service that is called.
    pub child: &'a str,
    /// When the called side began (the calling side for a `peer.service`).
    pub start: Timestamp,
    /// Whether the called side failed.
    pub error: bool,
}

impl<'a> DependencySpan<'a> {
    /// Reads a span.
    #[must_use]
    pub fn of(span: SpanView<'a>) -> Self {
        let parents = span.references().filter(|r: &Reference| r.trace_id == span.trace_id()).map(|r| r.span_id);
        let mut of = Self {
            span_id: span.span_id(),
            parents: parents.collect(),
            service: span.service(),
            side: Side::Neither,
            peer_service: None,
            start: span.start(),
            error: false,
        };
        for tag in span.tags() {
            match (tag.key, tag.value) {
                (keys::SPAN_KIND, Value::Str(kind)) => of.side = Side::of_kind(Some(kind)),
                (keys::PEER_SERVICE, Value::Str(peer)) => of.peer_service = Some(peer),
                (keys::ERROR, value) => of.error = value.text_is("true"),
                _ => {}
            }
        }
        of
    }
}

/// What the rule asks of the spans of one id.
#[derive(Clone, Copy)]
struct Same<'s, 'a> {
    first: &'s DependencySpan<'a>,
    client: Option<&'s DependencySpan<'a>>,
    server: Option<&'s DependencySpan<'a>>,
    /// Whether there are more than one.
    shared: bool,
}

impl<'s, 'a> Same<'s, 'a> {
    fn new(first: &'s DependencySpan<'a>) -> Self {
        Self { first, client: None, server: None, shared: false }
    }
}

/// Gives `emit` every link of one trace, whose spans are unique and in order of arrival.
pub fn links<'a>(spans: &[DependencySpan<'a>], mut emit: impl FnMut(Link<'a>)) {
    let mut by_id: HashMap<SpanId, Same<'_, 'a>> = HashMap::with_capacity(spans.len());
    let mut parents: std::collections::HashSet<SpanId> = std::collections::HashSet::with_capacity(spans.len());
    for span in spans {
        let same = by_id.entry(span.span_id).and_modify(|same| same.shared = true).or_insert(Same::new(span));
        match span.side {
            Side::Client => same.client = same.client.or(Some(span)),
            Side::Server => same.server = same.server.or(Some(span)),
            Side::Neither => {}
        }
        parents.extend(&span.parents);
    }
    for span in spans {
        let same = by_id.get(&span.span_id).copied().unwrap_or(Same::new(span));
        let called_by = |caller: &DependencySpan<'a>| Link {
            parent: caller.service,
            child: span.service,
            start: span.start,
            error: span.error,
        };
        if let (true, Side::Server, Some(client)) = (same.shared, span.side, same.client) {
            emit(called_by(client));
        }
        if !same.shared || span.side == Side::Client {
            for caller in span.parents.iter().filter_map(|parent| by_id.get(parent)) {
                emit(called_by(caller.server.unwrap_or(caller.first)));
            }
        }
        if let Some(peer) = span.peer_service
            && !same.shared
            && !parents.contains(&span.span_id)
        {
            emit(Link { parent: span.service, child: peer, start: span.start, error: span.error });
        }
    }
}

/// The links of a whole trace, straight from its spans; copies are dropped first.
pub fn links_of_trace<'a>(spans: impl Iterator<Item = SpanView<'a>>, emit: impl FnMut(Link<'a>)) {
    let mut known: std::collections::HashSet<(TraceId, u64)> = std::collections::HashSet::new();
    let unique = spans.filter(|span| known.insert((span.trace_id(), span.identity().0)));
    let spans: Vec<_> = unique.map(DependencySpan::of).collect();
    links(&spans, emit);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: u64, parent: u64, service: &'static str, side: Side) -> DependencySpan<'static> {
        DependencySpan {
            span_id: SpanId(id),
            parents: if parent == 0 { Vec::new() } else { vec![SpanId(parent)] },
            service,
            side,
            peer_service: None,
            start: Timestamp::from_nanos(1),
            error: false,
        }
    }

    fn check(spans: &[DependencySpan<'static>], expected: &[(&str, &str)]) {
        let mut found = Vec::new();
        links(spans, |link| found.push((link.parent, link.child)));
        found.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_child_links_from_its_parent_and_to_itself_too() {
        check(
            &[span(1, 0, "a", Side::Server), span(2, 1, "a", Side::Client), span(3, 2, "b", Side::Server)],
            &[("a", "a"), ("a", "b")],
        );
    }

    #[test]
    fn a_shared_id_links_client_to_server_once() {
        check(
            &[span(1, 0, "front", Side::Server), span(2, 1, "front", Side::Client), span(2, 1, "back", Side::Server)],
            &[("front", "back"), ("front", "front")],
        );
    }

    #[test]
    fn every_server_of_a_shared_id_links_from_its_first_client() {
        check(
            &[
                span(2, 1, "b", Side::Server),
                span(2, 1, "a", Side::Client),
                span(2, 1, "x", Side::Client),
                span(2, 1, "c", Side::Server),
            ],
            &[("a", "b"), ("a", "c")],
        );
    }

    #[test]
    fn spans_that_all_share_an_id_link_no_more_than_once_each() {
        let of =
            |n| span(7, 7, if n % 2 == 0 { "a" } else { "b" }, if n % 2 == 0 { Side::Client } else { Side::Server });
        let spans: Vec<_> = (0..30_000).map(of).collect();
        let mut found: HashMap<(&str, &str), u32> = HashMap::new();
        links(&spans, |link| *found.entry((link.parent, link.child)).or_default() += 1);
        // Each server once from the first client, each client once from the first server, its parent.
        assert_eq!(found, HashMap::from([(("a", "b"), 15_000), (("b", "a"), 15_000)]));
    }

    #[test]
    fn the_server_is_the_parent_where_an_id_is_shared() {
        check(
            &[span(2, 0, "front", Side::Client), span(2, 0, "back", Side::Server), span(3, 2, "db", Side::Neither)],
            &[("back", "db"), ("front", "back")],
        );
    }

    #[test]
    fn a_leaf_links_to_its_peer_service() {
        let mut leaf = span(2, 1, "a", Side::Client);
        leaf.peer_service = Some("mysql");
        let mut root = span(1, 0, "a", Side::Server);
        root.peer_service = Some("not a leaf");
        check(&[root, leaf], &[("a", "a"), ("a", "mysql")]);
    }

    #[test]
    fn an_unknown_parent_links_nothing() {
        check(&[span(1, 77, "a", Side::Server)], &[]);
    }
}
