//! A shop of three services that speak gRPC, each traced by `jaeger-client`.
//!
//! ```text
//! browser --HTTP--> frontend --FindNearest, Track--> driver
//!                       \------Estimate------------> route
//! ```
//!
//! `jaeger-shop all --load 5` runs them in one process with five orders a second; `make run` beside it shows the traces
//! on port 16686. Each runs by itself too, as pods do. All follow `JAEGER_*`.

mod arguments;
mod driver;
mod frontend;
mod load;
mod route;
mod run;

/// What the services say to each other.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::needless_pass_by_value,
    clippy::semicolon_if_nothing_returned
)]
mod shop {
    include!("gen/shop.rs");
}

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments::Arguments::parse(&arguments) {
        Ok(arguments) => run::run(arguments).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("jaeger-shop: {error:#}");
            ExitCode::FAILURE
        }
    }
}
