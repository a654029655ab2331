mod any_bytes;
mod corpus;
mod golden;
mod recorded;
mod recorded_v3;
mod responses;
mod round_trip;
mod shown;
