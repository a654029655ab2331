//! `jaeger-load`: load, demo and bench.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use jaeger_load::bench::{self, Extent};
use jaeger_load::profile::Profile;
use jaeger_load::send::{grpc, http, tchannel, udp};
use jaeger_load::steady::Steady;
use jaeger_load::wire::{Payloads, Wire};
use jaeger_load::{demo, observe};
use jaeger_model::Timestamp;

fn command() -> Command {
    let option = |name: &'static str, default: &'static str, help: &'static str| {
        Arg::new(name).long(name).default_value(default).help(help)
    };
    Command::new("jaeger-load")
        .about("Sends spans to a Jaeger-compatible server, and measures what they cost it")
        .subcommand_required(true)
        .subcommand(
            Command::new("send")
                .about("Sends spans made from a seed")
                .arg(option(
                    "wire",
                    "udp-compact",
                    "udp-compact, udp-binary, api-v2, otlp-grpc, otlp-http, thrift-http, tchannel or zipkin-json",
                ))
                .arg(option("to", "127.0.0.1:6831", "host:port"))
                .arg(option("profile", "plain", "plain or real"))
                .arg(option("spans", "1000000", "how many").value_parser(value_parser!(usize)))
                .arg(
                    option("rate", "0", "spans a second over UDP; 0 is as fast as can be")
                        .value_parser(value_parser!(f64)),
                )
                .arg(option("connections", "4", "of gRPC, HTTP or TChannel").value_parser(value_parser!(usize)))
                .arg(option("seed", "1", "another seed makes other spans").value_parser(value_parser!(u64))),
        )
        .subcommand(
            Command::new("steady")
                .about("Sends spans until SIGTERM, then says in JSON what it sent and what it was told")
                .arg(option("wire", "udp-compact", "udp-compact, udp-binary, api-v2 or otlp-grpc"))
                .arg(option("to", "127.0.0.1:6831", "host:port"))
                .arg(option("rate", "1000", "spans a second").value_parser(value_parser!(f64)))
                .arg(
                    Arg::new("seed")
                        .long("seed")
                        .value_parser(value_parser!(u64))
                        .help("another seed makes other spans; without it they are others at each start"),
                ),
        )
        .subcommand(
            Command::new("demo")
                .about("Tells five stories of a shop through the real ports, and prints a link to each")
                .arg(option("udp", "127.0.0.1:6831", "the agent's port"))
                .arg(option("otlp", "127.0.0.1:4318", "the collector's OTLP port for HTTP"))
                .arg(option("query", "127.0.0.1:16686", "the query port")),
        )
        .subcommand(
            Command::new("bench")
                .about("Prints the table of docs/performance.md for the binaries beside this one")
                .arg(
                    Arg::new("quick")
                        .long("quick")
                        .action(ArgAction::SetTrue)
                        .help("fewer spans and runs: a look, not a result"),
                )
                .arg(Arg::new("only").long("only").value_parser(bench::PARTS).help("one part of it"))
                .arg(
                    Arg::new("big")
                        .long("big")
                        .action(ArgAction::SetTrue)
                        .help("an embedded store with ten million spans too, which takes some minutes"),
                )
                .arg(
                    Arg::new("disk")
                        .long("disk")
                        .value_name("FOLDER")
                        .value_parser(value_parser!(std::path::PathBuf))
                        .help("a folder on the disk to measure embedded stores on; otherwise beside this program"),
                ),
        )
}

fn main() -> ExitCode {
    let matches = command().get_matches();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(&matches)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "what a command of this program answers")]
async fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    match matches.subcommand() {
        Some(("send", options)) => send(options).await,
        Some(("steady", options)) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
            let load = Steady {
                wire: text(options, "wire").parse().map_err(anyhow::Error::msg)?,
                to: text(options, "to"),
                spans_per_second: options.get_one::<f64>("rate").copied().unwrap_or(1000.0),
                seed: options.get_one::<u64>("seed").copied().unwrap_or(u64::from(now.subsec_nanos())),
            };
            println!("{}", load.run(Timestamp::from_micros(i64::try_from(now.as_micros())?)).await?);
            Ok(())
        }
        Some(("demo", options)) => {
            let ports =
                demo::Ports { udp: text(options, "udp"), otlp: text(options, "otlp"), query: text(options, "query") };
            for story in demo::run(&ports).await? {
                println!(
                    "{:<28} {:>6} spans   http://{}/trace/{}",
                    story.title, story.spans, ports.query, story.trace_id
                );
            }
            Ok(())
        }
        Some(("bench", options)) => {
            let extent = if options.get_flag("quick") { Extent::QUICK } else { Extent::FULL };
            bench::run(bench::Wanted {
                extent,
                only: options.get_one::<String>("only").cloned(),
                big: options.get_flag("big"),
                disk: options.get_one::<std::path::PathBuf>("disk").cloned(),
            })
            .await
        }
        _ => Ok(()),
    }
}

#[expect(clippy::print_stdout, reason = "what a command of this program answers")]
async fn send(options: &ArgMatches) -> anyhow::Result<()> {
    let wire: Wire = text(options, "wire").parse().map_err(anyhow::Error::msg)?;
    let profile: Profile = text(options, "profile").parse().map_err(anyhow::Error::msg)?;
    let to = text(options, "to");
    let spans = options.get_one::<usize>("spans").copied().unwrap_or(0);
    let connections = options.get_one::<usize>("connections").copied().unwrap_or(1);
    let rate = options.get_one::<f64>("rate").copied().filter(|rate| *rate > 0.0);
    let seed = options.get_one::<u64>("seed").copied().unwrap_or(1);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let now = Timestamp::from_micros(i64::try_from(now.as_micros())?);
    let payloads = Payloads::encode(profile, wire, spans, seed, now)?;
    println!(
        "{} spans, {:.1} bytes each on the wire",
        payloads.spans(),
        payloads.bytes() as f64 / payloads.spans().max(1) as f64
    );
    let before = observe::own_cpu()?;
    let sent = match wire {
        Wire::UdpCompact | Wire::UdpBinary => {
            let to = to.parse().with_context(|| format!("--to={to}: write ip:port"))?;
            tokio::task::spawn_blocking(move || udp::send(to, &payloads, rate)).await??
        }
        Wire::ApiV2 | Wire::OtlpGrpc => grpc::send(&to, wire, &payloads, connections).await?,
        Wire::Tchannel => tchannel::send(&to, &payloads, connections).await?,
        Wire::OtlpHttp | Wire::ThriftHttp | Wire::ZipkinJson => http::send(&to, wire, &payloads, connections).await?,
    };
    let cpu = observe::own_cpu()? - before;
    println!(
        "sent {} spans in {:.2} s ({:.0}/s), {} refused; own CPU {:.2} s a million",
        sent.spans,
        sent.wall.as_secs_f64(),
        sent.rate(),
        sent.refused,
        cpu.as_secs_f64() * 1e6 / sent.spans.max(1) as f64
    );
    Ok(())
}

fn text(options: &ArgMatches, name: &str) -> String {
    options.get_one::<String>(name).cloned().unwrap_or_default()
}
