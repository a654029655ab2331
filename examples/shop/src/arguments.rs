//! What the shop is told.

use std::net::SocketAddr;

use anyhow::{Context, bail};

const USAGE: &str = "jaeger-shop all|frontend|driver|route [--listen ADDRESS] [--driver URL] [--route URL] [--load ORDERS_A_SECOND] \
[--sample-all]";

/// Which services run here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    All,
    Frontend,
    Driver,
    Route,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Arguments {
    pub(crate) part: Part,
    /// Where the part listens; with all of them, the frontend.
    pub(crate) listen: SocketAddr,
    pub(crate) driver: String,
    pub(crate) route: String,
    /// Orders a second that the frontend sends itself.
    pub(crate) load: f64,
    /// Every trace is recorded, whatever the agent says.
    pub(crate) sample_all: bool,
}

impl Arguments {
    pub(crate) fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let mut words = arguments.iter().map(String::as_str);
        let (part, port) = match words.next() {
            Some("all") => (Part::All, 8080),
            Some("frontend") => (Part::Frontend, 8080),
            Some("driver") => (Part::Driver, 8081),
            Some("route") => (Part::Route, 8082),
            Some(other) => bail!("{other:?} is no part of the shop; {USAGE}"),
            None => bail!("{USAGE}"),
        };
        let mut parsed = Self {
            part,
            listen: SocketAddr::from(([127, 0, 0, 1], port)),
            driver: "http://127.0.0.1:8081".into(),
            route: "http://127.0.0.1:8082".into(),
            load: 0.0,
            sample_all: false,
        };
        while let Some(flag) = words.next() {
            if flag == "--sample-all" {
                parsed.sample_all = true;
                continue;
            }
            let value = words.next().with_context(|| format!("{flag} needs a value; {USAGE}"))?;
            let wrong = || format!("{flag} {value:?}; {USAGE}");
            match flag {
                "--listen" => parsed.listen = value.parse().with_context(wrong)?,
                "--driver" => value.clone_into(&mut parsed.driver),
                "--route" => value.clone_into(&mut parsed.route),
                "--load" => parsed.load = value.parse().with_context(wrong)?,
                _ => bail!("{flag:?} is no flag; {USAGE}"),
            }
        }
        if !(0.0..=10_000.0).contains(&parsed.load) {
            bail!("--load {}: 0 to 10000 orders a second", parsed.load);
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> anyhow::Result<Arguments> {
        Arguments::parse(&text.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_part_and_flags_are_read() {
        let parsed = parse("frontend --listen 127.0.0.1:0 --route http://r:1 --load 2.5 --sample-all").expect("right");
        assert_eq!((parsed.part, parsed.listen.port(), parsed.load), (Part::Frontend, 0, 2.5));
        assert_eq!((parsed.route.as_str(), parsed.sample_all), ("http://r:1", true));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for wrong in ["", "shop", "all --load", "all --load -1", "all --load x", "all --what 1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
