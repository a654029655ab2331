//! Lists of tags as bytes: the shape of each list, the keys, the fields with their patterns, the columns of each shape,
//! and the lists that have no shape.

use super::super::chunks::Chunks;
use super::super::column::{Column, Field, Kind, TextColumn};
use super::super::lists::{Lists, Shape, ShapeColumn};
use super::super::marks::Marks;
use super::super::packed::Packed;
use super::super::rare::Rare;
use super::super::texts::Texts;
use super::BlockFormatError;
use super::reader::Reader;
use super::writer::Writer;

const FLOATS: u8 = 0;
const FEW_FLOATS: u8 = 1;

const NO_REST: u8 = 0;
const ALL_REST: u8 = 1;
const SOME_REST: u8 = 2;

const KINDS: [Kind; 5] = [Kind::Str, Kind::Bool, Kind::I64, Kind::F64, Kind::Bytes];

impl Lists {
    /// The tags of all lists; of those without a shape as many as they have hashes.
    pub(super) fn count_tags(&self) -> usize {
        let shapes = self.shapes.iter().map(|shape| shape.len.saturating_mul(shape.columns.len()));
        shapes.fold(self.rare.hashes.len(), usize::saturating_add)
    }

    pub(super) fn write(&self, out: &mut Writer<'_>) {
        self.keys.write(out);
        out.count(self.fields.len());
        for field in &self.fields {
            out.count(field.key as usize);
            out.byte(field.kind as u8);
            field.patterns.write(out);
        }
        out.count(self.shapes.len());
        self.shape_of.write(out, self.len);
        for shape in &self.shapes {
            out.count(shape.columns.len());
            for column in &shape.columns {
                out.count(column.field as usize);
                column.column.write(out, shape.len);
            }
        }
        self.rare.write(out);
    }

    /// `len` lists.
    pub(super) fn read_form(reader: &mut Reader<'_>, len: usize) -> Result<Self, BlockFormatError> {
        let keys = Texts::read(reader)?;
        let fields = reader.count_left()?;
        let fields: Result<Box<[Field]>, _> = (0..fields).map(|_| read_field(reader, keys.len())).collect();
        let fields = fields?;
        let shapes = reader.count_left()?;
        let shape_of = Packed::read_below(reader, len, shapes + 1)?;
        let (rank, lens) = ranks(&shape_of, len, shapes);
        let mut of_shapes = Vec::with_capacity(shapes);
        for len in lens.iter().skip(1) {
            of_shapes.push(read_shape(reader, *len as usize, &keys, &fields)?);
        }
        let rare = Rare::read_form(reader, lens.first().map_or(0, |len| *len as usize))?;
        Ok(Self { len, shape_of, rank, keys, fields, shapes: of_shapes.into_boxed_slice(), rare })
    }
}

/// Each list's number among those of its shape (none where there is one shape alone), and how many each shape has.
fn ranks(shape_of: &Packed, len: usize, shapes: usize) -> (Option<Packed>, Vec<u32>) {
    let mut lens = vec![0u32; shapes + 1];
    if shape_of.width() == 0 {
        if let Some(all) = lens.get_mut(shape_of.index_at(0)) {
            *all = u32::try_from(len).unwrap_or(u32::MAX);
        }
        return (None, lens);
    }
    let mut ranks = Vec::with_capacity(len);
    shape_of.each(len, |shape| {
        if let Some(next) = usize::try_from(shape).ok().and_then(|shape| lens.get_mut(shape)) {
            ranks.push(*next);
            *next += 1;
        }
    });
    (Some(Packed::small(ranks)), lens)
}

fn read_field(reader: &mut Reader<'_>, keys: usize) -> Result<Field, BlockFormatError> {
    let key = reader.count(u64::from(u32::MAX))?;
    let kind = KINDS.get(usize::from(reader.byte()?)).copied().ok_or(reader.wrong())?;
    let key = u32::try_from(key).ok().filter(|_| key < keys).ok_or(reader.wrong())?;
    Ok(Field { key, kind, patterns: Texts::read(reader)? })
}

fn read_shape(reader: &mut Reader<'_>, len: usize, keys: &Texts, fields: &[Field]) -> Result<Shape, BlockFormatError> {
    let count = reader.count_left()?;
    let mut columns = Vec::with_capacity(count.min(64));
    for _ in 0..count {
        let field = reader.count(u64::from(u32::MAX))?;
        let of = fields.get(field).ok_or(reader.wrong())?;
        let column = Column::read(reader, len, of)?;
        columns.push(ShapeColumn { field: u32::try_from(field).map_err(|_| reader.wrong())?, column });
    }
    let marks = Marks::of(&columns, |field| match fields.get(field as usize) {
        Some(field) => (keys.get(field.key as usize), field.kind),
        None => (&[], Kind::Bytes),
    });
    Ok(Shape { len, columns: columns.into_boxed_slice(), marks })
}

impl Column {
    fn write(&self, out: &mut Writer<'_>, len: usize) {
        match self {
            Self::Numbers(numbers) => numbers.write(out, len),
            Self::Floats(bits) => {
                out.byte(FLOATS);
                out.words(bits);
            }
            Self::FewFloats(codes, bits) => {
                out.byte(FEW_FLOATS);
                out.count(bits.len());
                out.words(bits);
                codes.write(out, len);
            }
            Self::Texts(texts) => texts.write(out, len),
        }
    }

    fn read(reader: &mut Reader<'_>, len: usize, field: &Field) -> Result<Self, BlockFormatError> {
        Ok(match field.kind {
            Kind::Bool | Kind::I64 => Self::Numbers(Packed::read(reader, len)?),
            Kind::F64 => match reader.byte()? {
                FLOATS => Self::Floats(reader.words(len)?),
                FEW_FLOATS => {
                    let count = reader.count_left()?;
                    let bits = reader.words(count)?;
                    Self::FewFloats(Packed::read_below(reader, len, count)?, bits)
                }
                _ => return Err(reader.wrong()),
            },
            Kind::Str | Kind::Bytes => Self::Texts(Box::new(TextColumn::read(reader, len, field)?)),
        })
    }
}

impl TextColumn {
    fn write(&self, out: &mut Writer<'_>, len: usize) {
        self.codes.write(out, len);
        // At most six.
        out.byte(u8::try_from(self.numbers.len()).unwrap_or(u8::MAX));
        for numbers in &self.numbers {
            numbers.write(out, len);
        }
        match (&self.rest, &self.rest_at) {
            (None, _) => out.byte(NO_REST),
            (Some(rest), None) => {
                out.byte(ALL_REST);
                rest.write(out);
            }
            (Some(rest), Some(at)) => {
                out.byte(SOME_REST);
                rest.write(out);
                at.write(out, len);
            }
        }
    }

    fn read(reader: &mut Reader<'_>, len: usize, field: &Field) -> Result<Self, BlockFormatError> {
        let codes = Packed::read_below(reader, len, field.patterns.len() + 1)?;
        let numbers = reader.byte()?;
        let numbers: Result<_, _> = (0..numbers).map(|_| Packed::read(reader, len)).collect();
        let numbers = numbers?;
        let (rest, rest_at) = match reader.byte()? {
            NO_REST => (None, None),
            ALL_REST => {
                let rest = Chunks::read(reader)?;
                if rest.len() != len {
                    return Err(reader.wrong());
                }
                (Some(rest), None)
            }
            SOME_REST => {
                let rest = Chunks::read(reader)?;
                // A place is 0 where there is none, even if all texts are gone with copies.
                let at = Packed::read_below(reader, len, rest.len().max(1))?;
                (Some(rest), Some(at))
            }
            _ => return Err(reader.wrong()),
        };
        Ok(Self { codes, numbers, rest_at, rest })
    }
}

impl Rare {
    fn write(&self, out: &mut Writer<'_>) {
        self.lists.write(out);
        if self.len() == 0 {
            return;
        }
        let mut before = 0;
        let mut tags = Vec::with_capacity(self.len());
        self.ends.each(self.len(), |end| {
            tags.push(end.saturating_sub(before));
            before = end;
        });
        Packed::unsigned(tags.iter().copied()).write(out, tags.len());
        out.singles(&self.hashes);
    }

    fn read_form(reader: &mut Reader<'_>, len: usize) -> Result<Self, BlockFormatError> {
        let lists = Chunks::read(reader)?;
        if lists.len() != len {
            return Err(reader.wrong());
        }
        if len == 0 {
            return Ok(Self { lists, hashes: Box::default(), ends: Packed::same(0) });
        }
        let sums = Packed::read(reader, len)?.sums(len, reader.left() as u64).ok_or(reader.wrong())?;
        let hashes = reader.singles(sums.last().map_or(0, |tags| *tags as usize))?;
        let ends = Packed::small(sums.get(1..).unwrap_or(&[]).to_vec());
        Ok(Self { lists, hashes, ends })
    }
}
