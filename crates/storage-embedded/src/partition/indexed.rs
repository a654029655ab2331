//! What a search reads of a partition before it opens a block: the order of time, and the lists of terms.

use std::ops::Range;

use super::footer::{Section, SectionKind};
use super::lists::{self, List, ListPlace, Terms};
use super::open::{Partition, PartitionError, Wrong};
use super::times::{Page, Pages};

/// So much of the lists is read first: with few terms all but the lists.
const FIRST_READ: u64 = 8192;

impl Partition {
    /// The order of time; none in a file of the first versions.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn pages(&self) -> Result<Option<Pages>, PartitionError> {
        let Some(section) = self.footer.section(SectionKind::Times) else { return Ok(None) };
        let read = || -> Result<Pages, Wrong> {
            let (spans, len) = (self.footer.spans, Pages::table_bytes(self.footer.spans));
            let wrong = damaged("times", section, 0..section.len);
            let Some(at) = section.len.checked_sub(len) else { return Err(wrong) };
            let table = self.read(section.offset.saturating_add(at), len)?;
            Pages::decode(&table, section.len, spans).ok_or(wrong)
        };
        read().map(Some).map_err(|what| self.error(what))
    }

    /// A page of the order.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn page(&self, pages: &Pages, number: usize) -> Result<Page, PartitionError> {
        let read = || -> Result<Page, Wrong> {
            let section = self.footer.section(SectionKind::Times).copied().unwrap_or(NONE);
            let wrong = damaged("times", &section, 0..section.len);
            let Some(place) = pages.place(number) else { return Err(wrong) };
            Page::decode(self.part("times", &section, place)?, pages.spans_of(number)).ok_or(wrong)
        };
        read().map_err(|what| self.error(what))
    }

    /// The list of each term that has one.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub(crate) fn lists(&self, terms: &[u64]) -> Result<Vec<Option<List>>, PartitionError> {
        let Some(section) = self.footer.section(SectionKind::Lists) else {
            return Ok(terms.iter().map(|_| None).collect());
        };
        let read = || -> Result<Vec<Option<List>>, Wrong> {
            let (head, known) = self.head(section)?;
            let mut found = Vec::with_capacity(terms.len());
            for term in terms {
                let place = match known.page_of(*term) {
                    Some(page) => {
                        let entries = self.entries(section, &head, page)?;
                        entries.into_iter().find(|(other, _)| other == term).map(|(_, place)| place)
                    }
                    None => None,
                };
                found.push(place.map(|place| self.list(section, &place)).transpose()?);
            }
            Ok(found)
        };
        read().map_err(|what| self.error(what))
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// The first part that is damaged.
    pub(crate) fn verify_index(&self) -> Result<(), PartitionError> {
        if let Some(pages) = self.pages()? {
            (0..pages.count()).try_for_each(|number| self.page(&pages, number).map(|_| ()))?;
        }
        let Some(section) = self.footer.section(SectionKind::Lists) else { return Ok(()) };
        let read = || -> Result<(), Wrong> {
            let (head, terms) = self.head(section)?;
            for page in terms.pages() {
                for (_, place) in self.entries(section, &head, page)? {
                    self.list(section, &place)?;
                }
            }
            Ok(())
        };
        read().map_err(|what| self.error(what))
    }

    /// The first bytes of the lists, and the terms that they name.
    fn head(&self, section: &Section) -> Result<(Vec<u8>, Terms), Wrong> {
        let wrong = || damaged("lists", section, 0..section.len);
        let mut head = self.read(section.offset, section.len.min(FIRST_READ))?;
        let len = Terms::head_bytes(&head, section.len).ok_or_else(wrong)?;
        if len > head.len() {
            head = self.read(section.offset, len as u64)?;
        }
        let terms = Terms::decode(&head).ok_or_else(wrong)?;
        Ok((head, terms))
    }

    fn entries(&self, section: &Section, head: &[u8], page: Range<usize>) -> Result<Vec<(u64, ListPlace)>, Wrong> {
        let entries = match head.get(page.clone()) {
            Some(page) => lists::page_entries(page),
            None => lists::page_entries(&self.part("lists", section, page.clone())?),
        };
        entries.ok_or_else(|| damaged("lists", section, page.start as u64..page.end as u64))
    }

    fn list(&self, section: &Section, place: &ListPlace) -> Result<List, Wrong> {
        let Range { start, end } = place.place;
        let list = List::decode(self.part("lists", section, start..end)?, place);
        list.ok_or_else(|| damaged("lists", section, start as u64..end as u64))
    }

    /// A part of a section that lies in it.
    fn part(&self, name: &'static str, section: &Section, part: Range<usize>) -> Result<Vec<u8>, Wrong> {
        let place = part.start as u64..part.end as u64;
        if place.start > place.end || place.end > section.len {
            return Err(damaged(name, section, place));
        }
        self.read(section.offset.saturating_add(place.start), place.end - place.start)
    }
}

const NONE: Section = Section { kind: 0, offset: 0, len: 0, crc: 0 };

fn damaged(part: &'static str, section: &Section, place: Range<u64>) -> Wrong {
    let len = place.end.saturating_sub(place.start);
    Wrong::Damaged { part, offset: section.offset.saturating_add(place.start), len }
}
