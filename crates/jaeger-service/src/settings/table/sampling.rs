//! Settings of sampling: the strategies file, and the adaptive ones that come later.

use super::super::flag::{Kind, Row, row};
use super::{Group, WITH_COLLECTOR, group};

pub(super) const GROUPS: &[Group] = &[
    group("Sampling", "sampling.", WITH_COLLECTOR, STRATEGIES),
    group("Sampling, adaptive", "sampling.", WITH_COLLECTOR, ADAPTIVE)
        .not_yet("adaptive sampling is not there yet, use --sampling.strategies-file"),
];

const STRATEGIES: &[Row] = &[
    row("strategies-file", Kind::File, "", "JSON file with the sampling strategy of each service"),
    row("strategies-reload-interval", Kind::Duration, "0s", "how often to look whether the file changed; 0 never"),
    row(
        "strategies.bugfix-5270",
        Kind::Bool,
        "false",
        "services with operations of their own get the default operations too",
    ),
];

const ADAPTIVE: &[Row] = &[
    row("target-samples-per-second", Kind::Float, "1", "traces wanted for each operation"),
    row("delta-tolerance", Kind::Float, "0.3", "how far off the target is good enough"),
    row("buckets-for-calculation", Kind::Int, "1", "buckets that a calculation looks at"),
    row("calculation-interval", Kind::Duration, "1m", "how often probabilities are calculated"),
    row("aggregation-buckets", Kind::Int, "10", "buckets kept in memory"),
    row("delay", Kind::Duration, "2m", "how old a bucket must be to count"),
    row("initial-sampling-probability", Kind::Float, "0.001", "probability of an operation not seen before"),
    row("min-sampling-probability", Kind::Float, "1e-05", "probability that is never gone below"),
    row("min-samples-per-second", Kind::Float, "0.016666666666666666", "traces that each operation gets at least"),
    row("leader-lease-refresh-interval", Kind::Duration, "5s", "how often the leader renews its lease"),
    row("follower-lease-refresh-interval", Kind::Duration, "1m", "how often others ask for the lease"),
];
