//! A span that is not sampled allocates nothing, whatever sampler decided that, and neither do its children.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use jaeger_client::{Config, Memory, Sampling, Tracer};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: all work is the system's; counting touches a plain cell that needs no memory of its own.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is handed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl Fn()) -> u64 {
    // The first time a thread makes its generator of ids, and a sampler its operation.
    work();
    let before = ALLOCATIONS.with(Cell::get);
    (0..1000).for_each(|_| work());
    ALLOCATIONS.with(Cell::get) - before
}

fn spans(tracer: &Tracer) {
    let root = tracer.span("GET /cart");
    root.tag("http.method", "GET").tag("http.status_code", 200);
    let child = root.child("select");
    child.log(&[("event", "row".into())]);
    child.finish();
    root.finish();
}

#[test]
fn what_is_not_sampled_allocates_nothing() {
    let remote = Sampling::Remote {
        initial: 0.0,
        endpoint: Some("http://127.0.0.1:9/sampling".into()),
        refresh: Duration::from_secs(60),
        max_operations: 10,
    };
    for sampling in [Sampling::Const(false), Sampling::Probabilistic(0.0), Sampling::RateLimiting(0.0), remote] {
        let config = Config::new("shop").sampling(sampling.clone()).transport(Memory::new());
        let tracer = config.start().expect("a tracer");
        assert_eq!(allocations(|| spans(&tracer)), 0, "{sampling:?}");
    }
    assert_ne!(allocations(|| drop(Box::new(1))), 0, "allocations are counted");
}
