//! Texts as Go writes and reads them: what clients and the page of Go Jaeger send, see and compare.

pub mod duration;
pub mod number;
pub mod quote;
pub mod time;
