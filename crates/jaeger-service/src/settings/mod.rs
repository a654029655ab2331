//! Settings: flags, environment and config file, resolved once before anything runs.
//!
//! The table of flags is data (`table/`); [`Cli`](crate::command::Cli) reads the command line by it, `resolve` puts the levels
//! together, and a component builds its typed configuration from [`Settings`]. Only that travels further.

mod component;
mod duration;
mod environment;
mod file;
mod flag;
mod host_port;
mod nearest;
mod problem;
mod process;
mod resolve;
mod resolved;
mod secrets;
mod table;
mod tags;
mod value;
mod watch;

pub use component::Component;
pub use duration::{format_duration, parse_duration};
pub use flag::{Choice, Flag, Kind, Status};
pub use host_port::HostPort;
pub use problem::{Problem, SettingError, Source, WrongValue};
pub use process::{Problems, ProcessConfig};
pub use resolved::{Note, Settings};
pub use table::Table;
pub use watch::FileWatch;

pub(crate) use environment::Environment;
pub(crate) use flag::shown;
pub(crate) use nearest::nearest;
pub(crate) use resolve::{Flags, resolve};

#[cfg(test)]
mod tests;
