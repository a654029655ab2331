//! Searches over generations and partitions: merges them newest first, and opens a partition or a block only when nothing
//! newer is left elsewhere. A partition is walked through by its order of time; where that says nothing, or is damaged, its
//! blocks are.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashSet};

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use jaeger_model::{Duration, Timestamp, TraceId};
use jaeger_storage::TraceQuery;
use jaeger_storage::block::{BlockQuery, Cursor, Found, Tagged, terms};

use crate::engine::{Engine, Snapshot};
use crate::partition::{BlockEntry, BlockSet, PartitionError, Timed};
use crate::walk::{Walk, Way};

/// Something that may hold the newest match that is left.
struct Candidate {
    /// The start of its match; of what is not opened, one that none of its matches is after.
    start: i64,
    id: TraceId,
    source: Source,
}

enum Source {
    Partition(usize),
    Block(usize, usize),
    /// A span on the way through a partition, which may match.
    Walk(usize, Timed),
    /// A match of a block's cursor.
    Cursor(usize),
    /// A match on the way through a partition.
    Match,
    /// A match of a generation.
    Generation(usize),
}

impl Candidate {
    fn opened(&self) -> bool {
        matches!(self.source, Source::Cursor(_) | Source::Match | Source::Generation(_))
    }
}

/// The newest is the greatest; of equal starts what is not opened, then the lowest id.
impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_start = self.start.cmp(&other.start);
        by_start.then_with(|| other.opened().cmp(&self.opened())).then_with(|| other.id.cmp(&self.id))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

/// A search under way.
struct Search<'s> {
    engine: &'s Engine,
    snapshot: &'s Snapshot,
    query: &'s TraceQuery,
    prepared: BlockQuery<'s>,
    /// The terms that a matching span's block has.
    terms: Vec<u64>,
    heap: BinaryHeap<Candidate>,
    cursors: Vec<Option<Cursor>>,
    /// The way through each partition that is walked through.
    walks: HashMap<usize, Box<Walk>, RandomState>,
    /// The rows with the wanted tags of the blocks met on the way; none of a block that cannot be read.
    tagged: HashMap<(usize, u16), Option<Tagged>, RandomState>,
}

impl Engine {
    /// The ids of the newest traces that match, and whether there are more.
    pub(crate) fn find_ids(&self, snapshot: &Snapshot, query: &TraceQuery) -> (Vec<TraceId>, bool) {
        if query.limit == 0 || query.start.start > query.start.end {
            return (Vec::new(), false);
        }
        let mut generations: Vec<_> =
            snapshot.generations.iter().map(|generation| generation.store.newest(query)).collect();
        let mut search = Search::new(self, snapshot, query);
        for (at, matches) in generations.iter_mut().enumerate() {
            search.push_match(matches.next(), Source::Generation(at));
        }
        let mut ids = Vec::new();
        let mut known: HashSet<TraceId, RandomState> = HashSet::default();
        while let Some(candidate) = search.heap.pop() {
            match candidate.source {
                Source::Partition(partition) => search.open_partition(partition),
                Source::Block(partition, block) => search.open_block(partition, block),
                Source::Walk(partition, span) => search.step(partition, span),
                Source::Cursor(at) => search.advance(at),
                Source::Match => {}
                Source::Generation(at) => {
                    let next = generations.get_mut(at).and_then(Iterator::next);
                    search.push_match(next, Source::Generation(at));
                }
            }
            if candidate.opened() && known.insert(candidate.id) {
                if ids.len() == query.limit {
                    return (ids, true);
                }
                ids.push(candidate.id);
            }
        }
        (ids, false)
    }
}

impl<'s> Search<'s> {
    fn new(engine: &'s Engine, snapshot: &'s Snapshot, query: &'s TraceQuery) -> Self {
        let mut search = Self {
            engine,
            snapshot,
            query,
            prepared: BlockQuery::new(query),
            terms: terms_of(query),
            heap: BinaryHeap::new(),
            cursors: Vec::new(),
            walks: HashMap::default(),
            tagged: HashMap::default(),
        };
        for (at, partition) in snapshot.partitions.iter().enumerate() {
            let whole = BlockEntry { start: partition.start, duration: (i64::MIN, i64::MAX), ..BlockEntry::default() };
            search.push_closed(&whole, Source::Partition(at));
        }
        search
    }

    /// What is not opened yet, if it may have a match.
    fn push_closed(&mut self, entry: &BlockEntry, source: Source) {
        let TraceQuery { start, duration_min, duration_max, .. } = self.query;
        let (least, most) = entry.duration;
        if entry.start.1 >= start.start.as_nanos()
            && entry.start.0 <= start.end.as_nanos()
            && duration_min.is_none_or(|min| Duration::as_nanos(min) <= most)
            && duration_max.is_none_or(|max| least <= Duration::as_nanos(max))
        {
            let start = entry.start.1.min(start.end.as_nanos());
            self.heap.push(Candidate { start, id: TraceId::default(), source });
        }
    }

    fn push_match(&mut self, found: Option<(Timestamp, TraceId)>, source: Source) {
        if let Some((start, id)) = found {
            self.heap.push(Candidate { start: start.as_nanos(), id, source });
        }
    }

    fn open_partition(&mut self, at: usize) {
        let Some(partition) = self.snapshot.partitions.get(at) else { return };
        match Walk::of(partition, self.query, &self.terms) {
            Ok(Way::Walk(walk)) => {
                self.walks.insert(at, walk);
                self.walk_on(at);
            }
            Ok(Way::Blocks(blocks)) => self.push_blocks(at, &blocks),
            // Every block can still be looked into.
            Err(error) => self.leave_way(at, &error),
        }
    }

    fn leave_way(&mut self, at: usize, error: &PartitionError) {
        self.engine.damaged(error);
        let blocks = self.snapshot.partitions.get(at).map_or(0, |partition| partition.footer.blocks.len());
        self.push_blocks(at, &BlockSet::all(blocks));
    }

    fn push_blocks(&mut self, at: usize, blocks: &BlockSet) {
        let Some(partition) = self.snapshot.partitions.get(at) else { return };
        for (block, entry) in partition.footer.blocks.iter().enumerate() {
            if blocks.has(block) {
                self.push_closed(entry, Source::Block(at, block));
            }
        }
    }

    /// The next span on the way through a partition.
    fn walk_on(&mut self, at: usize) {
        let (Some(partition), Some(walk)) = (self.snapshot.partitions.get(at), self.walks.get_mut(&at)) else { return };
        match walk.next(partition) {
            Ok(Some(span)) => {
                self.heap.push(Candidate { start: span.start, id: TraceId::default(), source: Source::Walk(at, span) });
            }
            Ok(None) => {}
            Err(error) => self.leave_way(at, &error),
        }
    }

    /// Looks at a span on the way, now that nothing newer is left, and goes on.
    fn step(&mut self, at: usize, span: Timed) {
        if let Some(found) = self.matching(at, span) {
            self.push_match(Some((found.start, found.id)), Source::Match);
        }
        self.walk_on(at);
    }

    fn matching(&mut self, at: usize, span: Timed) -> Option<Found> {
        let partition = self.snapshot.partitions.get(at)?;
        let key = (at, span.block);
        if matches!(self.tagged.get(&key), Some(None)) {
            return None;
        }
        let block = match self.engine.cache.block(partition, usize::from(span.block)) {
            Ok(block) => block,
            Err(error) => {
                self.tagged.insert(key, None);
                self.engine.damaged(&error);
                return None;
            }
        };
        let tagged = self.tagged.entry(key).or_insert_with(|| Some(block.tagged_rows(&self.prepared)));
        block.matching_row(usize::from(span.row), &self.prepared, tagged.as_ref()?)
    }

    fn open_block(&mut self, partition: usize, block: usize) {
        let Some(partition) = self.snapshot.partitions.get(partition) else { return };
        let block = match self.engine.cache.block(partition, block) {
            Ok(block) => block,
            Err(error) => return self.engine.damaged(&error),
        };
        let mut cursors = Vec::new();
        block.search(&self.prepared, &mut cursors);
        for cursor in cursors {
            self.cursors.push(Some(cursor));
            self.advance(self.cursors.len() - 1);
        }
    }

    /// The cursor's next match; one that has none lets go of its block.
    fn advance(&mut self, at: usize) {
        let Some(place) = self.cursors.get_mut(at) else { return };
        match place.as_mut().and_then(Cursor::next) {
            Some(found) => self.push_match(Some((found.start, found.id)), Source::Cursor(at)),
            None => *place = None,
        }
    }
}

/// The terms that a block with a matching span has, those that tell most first.
fn terms_of(query: &TraceQuery) -> Vec<u64> {
    let mut all: Vec<u64> = query.tags.iter().map(|(key, value)| terms::tag(key, value)).collect();
    match (&query.service, &query.operation) {
        (Some(service), Some(operation)) => all.push(terms::operation(service, operation)),
        (Some(service), None) => all.push(terms::service(service)),
        (None, Some(operation)) => all.push(terms::any_operation(operation)),
        (None, None) => {}
    }
    all
}
