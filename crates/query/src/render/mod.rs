//! search -> assemble -> adjust -> **render**: writes traces as the page of Go Jaeger reads them.

pub mod float;
pub mod json;
pub mod pretty;
pub mod ui_json;
