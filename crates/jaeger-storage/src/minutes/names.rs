//! Names by number. The empty one is 0 everywhere and costs nothing.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// Names that are only added.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Box<str>, u32, RandomState>,
    /// From 1.
    listed: Vec<Box<str>>,
}

impl Names {
    /// The number of a name.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if name.is_empty() {
            return 0;
        }
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.listed.push(name.into());
        // No memory holds so many names.
        let number = u32::try_from(self.listed.len()).unwrap_or(0);
        self.numbers.insert(name.into(), number);
        number
    }

    pub(super) fn text(&self, number: u32) -> &str {
        (number as usize).checked_sub(1).and_then(|at| self.listed.get(at)).map_or("", |name| name)
    }

    /// How many numbers there are, 0 included.
    pub(super) fn len(&self) -> usize {
        self.listed.len() + 1
    }
}

/// Names that go when nothing names them any more.
#[derive(Debug, Default)]
pub(super) struct HeldNames {
    numbers: HashMap<Box<str>, u32, RandomState>,
    /// From 1: the name and how many rows name it.
    listed: Vec<(Box<str>, u32)>,
    free: Vec<u32>,
    bytes: usize,
}

impl HeldNames {
    /// The number of a name, which is then held once more until it is released.
    pub(super) fn hold(&mut self, name: &str) -> u32 {
        if name.is_empty() {
            return 0;
        }
        if let Some(number) = self.numbers.get(name).copied() {
            self.hold_again(number);
            return number;
        }
        let number = if let Some(number) = self.free.pop() {
            if let Some(listed) = self.at(number) {
                *listed = (name.into(), 1);
            }
            number
        } else {
            self.listed.push((name.into(), 1));
            u32::try_from(self.listed.len()).unwrap_or(0)
        };
        self.bytes += cost(name);
        self.numbers.insert(name.into(), number);
        number
    }

    pub(super) fn hold_again(&mut self, number: u32) {
        if let Some((_, held)) = self.at(number) {
            *held = held.saturating_add(1);
        }
    }

    pub(super) fn release(&mut self, number: u32) {
        let Some((name, held)) = self.at(number) else { return };
        *held = held.saturating_sub(1);
        if *held == 0 {
            let name = std::mem::take(name);
            self.bytes = self.bytes.saturating_sub(cost(&name));
            if self.numbers.remove(&name).is_some() {
                self.free.push(number);
            }
        }
    }

    fn at(&mut self, number: u32) -> Option<&mut (Box<str>, u32)> {
        self.listed.get_mut((number as usize).checked_sub(1)?)
    }

    pub(super) fn text(&self, number: u32) -> &str {
        (number as usize).checked_sub(1).and_then(|at| self.listed.get(at)).map_or("", |(name, _)| name)
    }

    /// How many numbers there may be, 0 included.
    pub(super) fn len(&self) -> usize {
        self.listed.len() + 1
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.numbers.len()
    }

    /// The bytes of the names themselves.
    pub(super) fn name_bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.bytes
            + self.numbers.allocation_size()
            + self.listed.capacity() * size_of::<(Box<str>, u32)>()
            + self.free.capacity() * size_of::<u32>()
    }
}

/// Each name is there twice.
fn cost(name: &str) -> usize {
    2 * (name.len() + 16)
}
