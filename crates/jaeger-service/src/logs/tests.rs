use std::io::{self, Write};
use std::sync::Arc;

use parking_lot::Mutex;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;

#[derive(Clone, Default)]
struct Pad(Arc<Mutex<Vec<u8>>>);

impl Write for Pad {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn written(level: Level, encoding: Encoding, log: impl FnOnce()) -> String {
    let pad = Pad::default();
    let sink: layer::Sink = Arc::new(Mutex::new(Box::new(pad.clone())));
    let subscriber = tracing_subscriber::registry().with(layer::Lines::new(level, encoding, sink));
    tracing::subscriber::with_default(subscriber, log);
    let bytes = pad.0.lock().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn json_has_go_jaegers_shape_with_flat_fields() {
    let text = written(Level::Info, Encoding::Json, || {
        tracing::info!(
            target: "jaeger_agent",
            port = 6831_u64,
            name = "a \"b\"",
            ok = true,
            ratio = 0.5,
            nan = f64::NAN,
            "listening\nnow"
        );
    });
    assert_eq!(text.lines().count(), 1);
    assert!(text.starts_with("{\"level\":\"info\",\"ts\":"), "{text}");
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(line["ts"].as_f64().unwrap() > 1.7e9);
    assert!(line["caller"].as_str().unwrap().starts_with("logs/tests.rs:"), "{text}");
    assert_eq!(line["msg"], "listening\nnow");
    assert_eq!(line["port"], 6831);
    assert_eq!(line["name"], "a \"b\"");
    assert_eq!(line["ok"], true);
    assert_eq!(line["ratio"], 0.5);
    assert_eq!(line["nan"], "NaN");
}

#[test]
fn an_error_brings_its_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("cannot reach the store")]
    struct Outer(#[source] io::Error);
    let text = written(Level::Info, Encoding::Json, || {
        let error = Outer(io::Error::other("connection refused"));
        let error: &(dyn std::error::Error + 'static) = &error;
        tracing::warn!(target: "jaeger_x", error, "waiting");
    });
    assert!(text.contains("\"error\":\"cannot reach the store: connection refused\""), "{text}");
}

#[test]
fn levels_below_the_chosen_one_are_left_out() {
    let text = written(Level::Warn, Encoding::Json, || {
        tracing::info!(target: "jaeger_agent", "no");
        tracing::warn!(target: "jaeger_agent", "yes");
    });
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn libraries_are_heard_from_warnings_on() {
    let text = written(Level::Debug, Encoding::Json, || {
        tracing::info!(target: "hyper", "no");
        tracing::debug!(target: "h2::codec", "no");
        tracing::warn!(target: "h2", "yes");
    });
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn console_is_one_line_for_people() {
    let text = written(Level::Info, Encoding::Console, || {
        tracing::error!(target: "jaeger_agent", port = 1_u64, why = "x", "cannot\nlisten");
    });
    assert_eq!(text.lines().count(), 1);
    assert!(text.contains("Z\tERROR\tlogs/tests.rs:"), "{text}");
    assert!(text.contains("\tcannot\\nlisten\t{\"port\": 1, \"why\": \"x\"}\n"), "{text}");
}

#[test]
fn level_and_encoding_names_are_gos() {
    assert_eq!("warn".parse::<Level>().unwrap(), Level::Warn);
    assert_eq!("fatal".parse::<Level>().unwrap(), Level::Error);
    let error = "loud".parse::<Level>().unwrap_err().to_string();
    assert_eq!(error, "\"loud\" is not one of debug, info, warn, error, dpanic, panic, fatal");
    assert_eq!("console".parse::<Encoding>().unwrap(), Encoding::Console);
    assert!("xml".parse::<Encoding>().is_err());
}
