//! The methods of a collector: a call's first argument.

/// A method.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Method {
    /// Jaeger's spans.
    SubmitBatches,
    /// Zipkin's spans.
    SubmitZipkinBatch,
    /// How a service's clients sample.
    SamplingStrategy,
    /// Whether the process is well.
    Health,
    /// The definitions of all this.
    ThriftIdl,
    /// Of which version.
    VersionInfo,
}

impl Method {
    const ALL: [Self; 6] = [
        Self::SubmitBatches,
        Self::SubmitZipkinBatch,
        Self::SamplingStrategy,
        Self::Health,
        Self::ThriftIdl,
        Self::VersionInfo,
    ];

    /// The method of that name.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name().as_bytes() == name)
    }

    /// Its name: the Thrift service's and its own.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SubmitBatches => "Collector::submitBatches",
            Self::SubmitZipkinBatch => "ZipkinCollector::submitZipkinBatch",
            Self::SamplingStrategy => "SamplingManager::getSamplingStrategy",
            Self::Health => "Meta::health",
            Self::ThriftIdl => "Meta::thriftIDL",
            Self::VersionInfo => "Meta::versionInfo",
        }
    }

    /// One of those that every TChannel server has, under its own service and under `tchannel`.
    #[must_use]
    pub const fn is_meta(self) -> bool {
        matches!(self, Self::Health | Self::ThriftIdl | Self::VersionInfo)
    }
}
