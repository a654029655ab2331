//! The tags that the backend itself looks at: the side of a call, the other side's name, whether the span failed.

use jaeger_model::{Value, ValueIn, dependency::Side, keys};

use super::column::{Column, Kind};
use super::lists::{Lists, Reading, ShapeColumn};
use super::rare::checked;

/// Where a shape has them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    /// The first `span.kind`, if that is text: the span's kind.
    kind: Option<u32>,
    /// The last `span.kind` that is text: the side of the call.
    side: Option<u32>,
    /// The last `peer.service` that is text.
    peer: Option<u32>,
    /// The last `error`.
    error: Option<u32>,
}

impl Marks {
    pub(super) fn of<'k>(columns: &[ShapeColumn], field: impl Fn(u32) -> (&'k [u8], Kind)) -> Self {
        let mut marks = Self::default();
        let mut any_kind = false;
        for (column, place) in columns.iter().zip(0..) {
            let (key, kind) = field(column.field);
            let text = kind == Kind::Str;
            if key == keys::SPAN_KIND.as_bytes() {
                if text && !any_kind {
                    marks.kind = Some(place);
                }
                if text {
                    marks.side = Some(place);
                }
                any_kind = true;
            } else if key == keys::PEER_SERVICE.as_bytes() && text {
                marks.peer = Some(place);
            } else if key == keys::ERROR.as_bytes() {
                marks.error = Some(place);
            }
        }
        marks
    }
}

/// What a list says of a call.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct CallTags {
    pub(crate) side: Side,
    pub(crate) peer: Option<String>,
    pub(crate) error: bool,
}

impl Lists {
    /// What the list says of a call, its side included.
    pub(crate) fn call_tags(&self, at: usize, reading: &mut Reading) -> CallTags {
        self.marked(at, true, reading)
    }

    /// What the list says of a call, its side left out.
    pub(crate) fn call_tags_without_side(&self, at: usize, reading: &mut Reading) -> CallTags {
        self.marked(at, false, reading)
    }

    fn marked(&self, at: usize, with_side: bool, reading: &mut Reading) -> CallTags {
        let Some(shape) = self.shape_of.index_at(at).checked_sub(1).and_then(|shape| self.shapes.get(shape)) else {
            return self.rare_call_tags(at, reading);
        };
        let Marks { side, peer, error, .. } = shape.marks;
        let side = side.filter(|_| with_side);
        let mut tags = CallTags::default();
        if side.is_none() && peer.is_none() && error.is_none() {
            return tags;
        }
        let rank = self.rank_of(at);
        let mut value = |place: u32, with: &mut dyn FnMut(ValueIn<'_>)| {
            if let Some(column) = shape.columns.get(place as usize)
                && let Some(field) = self.fields.get(column.field as usize)
            {
                reading.with(field, &column.column, rank, with);
            }
        };
        if let Some(place) = side {
            value(place, &mut |value| {
                if let Some(Value::Str(kind)) = checked(value) {
                    tags.side = Side::of_kind(Some(kind));
                }
            });
        }
        if let Some(place) = peer {
            value(place, &mut |value| {
                if let Some(Value::Str(peer)) = checked(value) {
                    tags.peer = Some(peer.into());
                }
            });
        }
        if let Some(place) = error {
            value(place, &mut |value| tags.error = checked(value).is_some_and(|value| value.text_is("true")));
        }
        tags
    }

    /// Whether the text of the list's last `error` is `true`.
    #[inline]
    pub(crate) fn failed(&self, at: usize, reading: &mut Reading) -> bool {
        let Some(shape) = self.shape_of.index_at(at).checked_sub(1).and_then(|shape| self.shapes.get(shape)) else {
            return self.rare_call_tags(at, reading).error;
        };
        let Some(column) = shape.marks.error.and_then(|place| shape.columns.get(place as usize)) else { return false };
        let Some(field) = self.fields.get(column.field as usize) else { return false };
        let mut failed = false;
        reading.with(field, &column.column, self.rank_of(at), &mut |value| {
            failed = checked(value).is_some_and(|value| value.text_is("true"));
        });
        failed
    }

    fn rare_call_tags(&self, at: usize, reading: &Reading) -> CallTags {
        let mut tags = CallTags::default();
        self.rare.read(self.rank_of(at), &reading.cache, |key, value| {
            let Some(value) = checked(value) else { return };
            match (str::from_utf8(key), value) {
                (Ok(keys::SPAN_KIND), Value::Str(kind)) => tags.side = Side::of_kind(Some(kind)),
                (Ok(keys::PEER_SERVICE), Value::Str(peer)) => tags.peer = Some(peer.into()),
                (Ok(keys::ERROR), value) => tags.error = value.text_is("true"),
                _ => {}
            }
        });
        tags
    }

    /// The list's `span.kind`, and a number by which equal ones can be told without it: 0 for none, unique within
    /// this block else, or none where only the text tells.
    pub(crate) fn kind_code(&self, at: usize) -> Option<u64> {
        let shape = self.shape_of.index_at(at).checked_sub(1)?;
        let Some(place) = self.shapes.get(shape)?.marks.kind else { return Some(0) };
        let column = self.shapes.get(shape)?.columns.get(place as usize)?;
        match &column.column {
            Column::Texts(texts) if texts.numbers.is_empty() => {
                let code = texts.codes.at(self.rank_of(at));
                (code != 0).then_some(u64::from(column.field) << 32 | code)
            }
            _ => None,
        }
    }

    /// Calls `with` with the list's `span.kind`, empty where it has none.
    pub(crate) fn with_kind(&self, at: usize, reading: &mut Reading, mut with: impl FnMut(&str)) {
        let Some(shape) = self.shape_of.index_at(at).checked_sub(1).and_then(|shape| self.shapes.get(shape)) else {
            let mut kind = None;
            self.rare.read(self.rank_of(at), &reading.cache, |key, value| {
                if kind.is_none() && key == keys::SPAN_KIND.as_bytes() {
                    kind = Some(match checked(value) {
                        Some(Value::Str(kind)) => String::from(kind),
                        _ => String::new(),
                    });
                }
            });
            return with(kind.as_deref().unwrap_or(""));
        };
        let column = shape.marks.kind.and_then(|place| shape.columns.get(place as usize));
        let Some((column, field)) = column.and_then(|column| Some((column, self.fields.get(column.field as usize)?)))
        else {
            return with("");
        };
        reading.with(field, &column.column, self.rank_of(at), &mut |value| match checked(value) {
            Some(Value::Str(kind)) => with(kind),
            _ => with(""),
        });
    }
}
