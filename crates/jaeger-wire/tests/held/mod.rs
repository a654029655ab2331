//! How much memory a thread holds at most while it does something: an allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    /// Bytes held by this thread, and the most that it held.
    static HELD: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

fn count(change: isize) {
    HELD.with(|cell| {
        let (now, most) = cell.get();
        cell.set((now + change, most.max(now + change)));
    });
}

// SAFETY: every call is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    // The provided `realloc` calls the two above, so that old and new count together, as they stand in memory.
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that `work` held at once.
pub(crate) fn held(work: impl FnOnce()) -> usize {
    let before = HELD.with(|cell| {
        let (now, _) = cell.get();
        cell.set((now, now));
        now
    });
    work();
    let (_, most) = HELD.with(Cell::get);
    usize::try_from(most - before).expect("more than before")
}

/// A field of protobuf with a length of any size.
pub(crate) fn field(number: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut len = body.len();
    while len >= 128 {
        out.push(u8::try_from(len % 128).expect("seven bits") | 0x80);
        len /= 128;
    }
    out.push(u8::try_from(len).expect("seven bits"));
    out.extend_from_slice(body);
    out
}
