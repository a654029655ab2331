//! A process with a store is killed at every place where that could matter, and by time; whatever it had acknowledged is
//! found afterwards by id and by search, nothing else is, and each span once. And a disk that is full or fails for a while
//! refuses spans and loses none.
//!
//! The process that is killed is this test binary, started again for one test ([`child`]) with its orders in the environment.

#[path = "../common/mod.rs"]
mod common;

mod child;
mod full_disk;
mod parent;
mod phases;

/// Not a test but the process that is killed; without orders it has nothing to do.
#[test]
fn the_process_that_is_killed() {
    child::run();
}
