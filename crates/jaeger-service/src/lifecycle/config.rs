//! The times of a stop.

use std::time::Duration;

/// `--shutdown.*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutdownConfig {
    /// From the signal until listeners stop accepting.
    pub lame_duck: Duration,
    /// UDP is received until nothing came for so long.
    pub quiet: Duration,
    /// From the signal until what is left is given up.
    pub deadline: Duration,
}

impl Default for ShutdownConfig {
    fn default() -> Self {
        ShutdownConfig {
            lame_duck: Duration::from_secs(3),
            quiet: Duration::from_secs(3),
            deadline: Duration::from_secs(25),
        }
    }
}

impl ShutdownConfig {
    /// From the signal until UDP is received no longer, quiet or not: what came must still be delivered before the deadline.
    #[must_use]
    pub fn last_receive(&self) -> Duration {
        const RESERVE: Duration = Duration::from_secs(5);
        if self.deadline < 2 * RESERVE { self.deadline / 2 } else { self.deadline.saturating_sub(RESERVE) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receiving_ends_five_seconds_before_the_deadline_or_at_half_of_a_short_one() {
        for (deadline, last) in [(25, 20), (10, 5), (8, 4), (0, 0)] {
            let config = ShutdownConfig { deadline: Duration::from_secs(deadline), ..ShutdownConfig::default() };
            assert_eq!(config.last_receive(), Duration::from_secs(last));
        }
    }
}
