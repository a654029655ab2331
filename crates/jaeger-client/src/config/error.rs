//! Why there is no tracer.

/// Why settings cannot be followed. Each names the environment's variable, which the methods of
/// [`Config`](crate::Config) correspond to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Nobody said what this service is called.
    #[error("JAEGER_SERVICE_NAME is empty; set it to this service's name, or JAEGER_DISABLED to true")]
    MissingService,
    /// A value that means nothing.
    #[error("{variable}={value:?} is not understood; set {expected}")]
    Invalid {
        /// The variable.
        variable: &'static str,
        /// What it was set to.
        value: String,
        /// What it can be set to.
        expected: &'static str,
    },
    /// Half of what an endpoint asks for.
    #[error("{set} is set and {missing} is not; set both, or neither")]
    HalfCredentials {
        /// The variable that is set.
        set: &'static str,
        /// The other one.
        missing: &'static str,
    },
    /// A thread could not be started.
    #[error("the thread {name} cannot be started: {source}; see the limits of processes and threads")]
    Thread {
        /// The thread's name.
        name: &'static str,
        /// Why.
        source: std::io::Error,
    },
}
