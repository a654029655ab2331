//! The `tracing` layer: an event in, a line out.

use std::io::Write;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::line::Line;
use super::{Encoding, Level};

pub(super) type Sink = Arc<Mutex<Box<dyn Write + Send>>>;

pub(super) struct Lines {
    level: Level,
    encoding: Encoding,
    sink: Sink,
}

impl Lines {
    pub(super) fn new(level: Level, encoding: Encoding, sink: Sink) -> Self {
        Lines { level, encoding, sink }
    }

    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let level = level_of(metadata.level());
        // Libraries say at info and below what only their authors need.
        let target = metadata.target();
        let ours = target.starts_with("jaeger") || target.starts_with("storage_");
        level >= self.level && (ours || level >= Level::Warn)
    }
}

pub(super) fn level_of(level: &tracing::Level) -> Level {
    match *level {
        tracing::Level::ERROR => Level::Error,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::INFO => Level::Info,
        _ => Level::Debug,
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.is_event() && self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match self.level {
            Level::Debug => LevelFilter::DEBUG,
            Level::Info => LevelFilter::INFO,
            Level::Warn => LevelFilter::WARN,
            Level::Error => LevelFilter::ERROR,
        })
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let text = match self.encoding {
            Encoding::Json => Line::of(event).json(now),
            Encoding::Console => Line::of(event).console(now),
        };
        // A closed stderr must not stop a service, and there is nowhere to say so.
        drop(self.sink.lock().write_all(text.as_bytes()));
    }
}
