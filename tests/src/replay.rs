//! The recorded answers of Go Jaeger, given again: a case is read, a server is started with its flags, the inputs are
//! sent, every exchange is asked, and the answers are compared by the rules of `recorded/README.md`.

pub mod carry;
pub mod compare;
pub mod difference;
pub mod recording;
pub mod report;
pub mod rules;
pub mod run;
pub mod settle;
pub mod site;
