//! Every store by its name in SPAN_STORAGE_TYPE: the one place that knows all of them.
//!
//! ```text
//! settings --StoreSettings::from_settings--> which stores, where, how large --open--> Arc<dyn Store>
//!             |  embedded: the folder, and what Badger's flags mean for it              |  opening: answers "unavailable,
//!             |  disk: can it be written, how much may it hold                          |  recovering" until it is there
//! ```
//!
//! A `main` reads its settings, opens, and serves inside [`Opened::serve`], which ends when a store turns out to be one
//! that cannot be opened.

mod badger;
mod blackhole;
mod cassandra;
mod disk;
mod elasticsearch;
mod embedded;
mod figures;
mod links;
mod memory;
mod offline;
mod open;
mod opening;
mod reach;
mod remote;
mod settings;
mod watch;

pub use cassandra::CassandraSettings;
pub use elasticsearch::ElasticsearchSettings;
pub use embedded::EmbeddedSettings;
pub use memory::MemoryBounds;
pub use offline::storage_command;
pub use open::{OpenError, Opened, open};
pub use reach::reach;
pub use remote::RemoteSettings;
pub use settings::{StoreKind, StoreSettings};
pub use watch::watch;
