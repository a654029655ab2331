//! Who hands out memory: the C library, or mimalloc in images, where the C library is musl.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
