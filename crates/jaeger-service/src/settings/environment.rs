//! The environment as the settings see it: a map, so that tests need no real one.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use super::flag::env_of;
use super::nearest::nearest;
use super::table::every_name;

/// Variables by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    pub(crate) fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let text = |os: OsString| os.to_string_lossy().into_owned();
        Self { variables: variables.into_iter().map(|(name, value)| (text(name), text(value))).collect() }
    }

    /// The value, if there is one that is not empty: Go takes an empty variable for an unset one.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A line for each variable that begins like one of ours and is none.
    pub(crate) fn strangers(&self) -> Vec<String> {
        let ours = Ours::collect();
        self.variables.iter().filter_map(|(name, value)| ours.judge(name, value)).collect()
    }
}

/// Kubernetes puts `COLLECTOR_PORT=tcp://10.0.0.1:14267` into every container of a namespace that has a service `collector`.
pub(crate) fn is_from_kubernetes(value: &str) -> bool {
    ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme))
}

/// What all components know, so that a variable meant for another one is no stranger.
struct Ours {
    known: BTreeSet<String>,
    /// `COLLECTOR_`: how ours begin.
    first: BTreeSet<String>,
    /// `COLLECTOR_OTLP_GRPC_`: begins so and is none of ours, then it is a mistake even without a near name.
    deep: BTreeSet<String>,
}

impl Ours {
    fn collect() -> Self {
        let mut ours = Self { known: BTreeSet::new(), first: BTreeSet::new(), deep: BTreeSet::new() };
        for name in every_name() {
            ours.add(&name);
        }
        // Clients have variables of their own that begin so.
        ours.first.remove("JAEGER_");
        ours
    }

    fn add(&mut self, name: &str) {
        let env = env_of(name);
        if let Some((first, _)) = env.split_once('_') {
            self.first.insert(format!("{first}_"));
        }
        for (at, _) in name.match_indices('.').skip(1) {
            self.deep.insert(format!("{}_", env_of(&name[..at])));
        }
        self.known.insert(env);
    }

    fn judge(&self, name: &str, value: &str) -> Option<String> {
        let begins = |prefixes: &BTreeSet<String>| prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()));
        if self.known.contains(name) || !begins(&self.first) || is_from_kubernetes(value) || is_service_variable(name) {
            return None;
        }
        match nearest(name, self.known.iter().map(String::as_str)) {
            Some(near) => {
                Some(format!("environment variable {name} is not a setting and has no effect: did you mean {near}?"))
            }
            None if begins(&self.deep) => {
                Some(format!("environment variable {name} is not a setting and has no effect: \"env\" lists them all"))
            }
            None => None,
        }
    }
}

/// `QUERY_SERVICE_HOST`, `QUERY_SERVICE_PORT_HTTP`, `QUERY_PORT_80_TCP_ADDR`: Kubernetes again.
fn is_service_variable(name: &str) -> bool {
    let port = name.split_once("_PORT_").is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()));
    port || name.ends_with("_SERVICE_HOST") || name.contains("_SERVICE_PORT")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strangers(pairs: &[(&str, &str)]) -> Vec<String> {
        Environment::new(pairs.iter().map(|(k, v)| (OsString::from(k), OsString::from(v)))).strangers()
    }

    #[test]
    fn a_mistyped_variable_is_told_with_the_right_name() {
        let lines = strangers(&[("COLLECTOR_QEUE_SIZE", "5")]);
        assert_eq!(
            lines,
            [
                "environment variable COLLECTOR_QEUE_SIZE is not a setting and has no effect: did you mean COLLECTOR_QUEUE_SIZE?"
            ]
        );
        assert_eq!(strangers(&[("COLLECTOR_OTLP_GRPC_NO_SUCH_THING", "5")]).len(), 1);
    }

    #[test]
    fn variables_of_others_are_left_alone() {
        let others = [
            ("COLLECTOR_SERVICE_HOST", "10.0.0.1"),
            ("QUERY_PORT_16686_TCP_ADDR", "10.0.0.1"),
            ("QUERY_PORT", "tcp://10.0.0.1:16686"),
            ("JAEGER_AGENT_HOST", "localhost"),
            ("HTTP_PROXY", "http://proxy"),
            ("GRPC_VERBOSITY", "debug"),
            ("LOG_DIR", "/tmp"),
            ("PATH", "/bin"),
            ("REPORTER_GRPC_HOST_PORT", "collector:14250"),
        ];
        assert_eq!(strangers(&others), [""; 0]);
    }
}
