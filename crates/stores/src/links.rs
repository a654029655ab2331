//! Whether links between services are counted as spans are written, for stores that count none themselves.

use jaeger_service::settings::Settings;
use jaeger_storage::linker::Mode;

/// `--collector.dependencies`; where spans are written without a collector's flags, as by a remote storage, its default.
pub(crate) fn mode(settings: &Settings) -> Mode {
    match settings.string("collector.dependencies") {
        Ok("on") => Mode::On,
        Ok("off") => Mode::Off,
        _ => Mode::Auto,
    }
}
