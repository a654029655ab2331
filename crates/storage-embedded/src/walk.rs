//! Goes through a partition's order of time for a search: from the newest span that may match to the next, without
//! opening a block.

use jaeger_model::Duration;
use jaeger_storage::TraceQuery;

use crate::partition::{BlockSet, List, PAGE_SPANS, Page, Pages, Partition, PartitionError, Timed, class};

/// Where few blocks have what no list tells of, these are looked through one by one.
const FEW_BLOCKS: usize = 8;

/// A way through a partition, newest first.
pub(crate) struct Walk {
    pages: Pages,
    page: Option<(usize, Page)>,
    /// Every span that matches is in all of them; the shortest first.
    lists: Vec<List>,
    blocks: BlockSet,
    next: u32,
    earliest: i64,
    classes: (u8, u8),
}

/// How a partition is searched.
pub(crate) enum Way {
    /// By its order of time.
    Walk(Box<Walk>),
    /// By its blocks, of which these may have what is wanted.
    Blocks(BlockSet),
}

impl Walk {
    /// The way to search a partition for what has all of `terms`.
    ///
    /// # Errors
    /// Why its order of time cannot be read.
    pub(crate) fn of(partition: &Partition, query: &TraceQuery, terms: &[u64]) -> Result<Way, PartitionError> {
        let all = partition.footer.blocks.len();
        let Some(pages) = partition.pages()? else { return Ok(Way::Blocks(blocks_with(partition, terms)?)) };
        let found = partition.lists(terms)?;
        let unlisted = terms.iter().zip(&found).filter(|(_, list)| list.is_none()).map(|(term, _)| *term);
        let unlisted: Vec<u64> = unlisted.collect();
        let blocks = blocks_with(partition, &unlisted)?;
        let mut lists: Vec<List> = found.into_iter().flatten().collect();
        if !unlisted.is_empty() && (lists.is_empty() || blocks.count() * FEW_BLOCKS <= all) {
            return Ok(Way::Blocks(blocks));
        }
        lists.sort_by_key(List::len);
        let end = query.start.end.as_nanos();
        let mut walk = Self {
            page: None,
            lists,
            blocks,
            next: 0,
            earliest: query.start.start.as_nanos(),
            classes: (
                query.duration_min.map_or(0, |min| class(Duration::as_nanos(min))),
                query.duration_max.map_or(u8::MAX, |max| class(Duration::as_nanos(max))),
            ),
            pages,
        };
        let page = walk.pages.page_before(end);
        if page < walk.pages.count() {
            let after = walk.read(partition, page)?.after(end);
            walk.next = u32::try_from(page * PAGE_SPANS + after).unwrap_or(u32::MAX);
        }
        Ok(Way::Walk(Box::new(walk)))
    }

    /// The next span that may match.
    ///
    /// # Errors
    /// Why the order cannot be read further.
    pub(crate) fn next(&mut self, partition: &Partition) -> Result<Option<Timed>, PartitionError> {
        loop {
            let Some(place) = self.agreed() else { return Ok(None) };
            let at = place as usize;
            if at >= self.pages.spans() {
                return Ok(None);
            }
            let Some(next) = place.checked_add(1) else { return Ok(None) };
            self.next = next;
            let (earliest, (least, most)) = (self.earliest, self.classes);
            let span = self.read(partition, at / PAGE_SPANS)?.get(at % PAGE_SPANS);
            if span.start < earliest {
                return Ok(None);
            }
            if least <= span.class && span.class <= most && self.blocks.has(usize::from(span.block)) {
                return Ok(Some(span));
            }
        }
    }

    /// The next place that is in all lists.
    fn agreed(&mut self) -> Option<u32> {
        let mut place = self.next;
        loop {
            let before = place;
            for list in &mut self.lists {
                place = list.seek(place)?;
            }
            if place == before {
                return Some(place);
            }
        }
    }

    fn read(&mut self, partition: &Partition, number: usize) -> Result<&Page, PartitionError> {
        let page = match self.page.take() {
            Some((held, page)) if held == number => page,
            _ => partition.page(&self.pages, number)?,
        };
        Ok(&self.page.insert((number, page)).1)
    }
}

/// The blocks that may have all terms.
fn blocks_with(partition: &Partition, terms: &[u64]) -> Result<BlockSet, PartitionError> {
    let mut blocks = BlockSet::all(partition.footer.blocks.len());
    for term in terms {
        blocks.and(&partition.blocks_with(*term)?);
        if blocks.is_empty() {
            break;
        }
    }
    Ok(blocks)
}
