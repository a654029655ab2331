mod any_bytes;
mod golden_v1;
mod golden_v2;
mod recorded;
