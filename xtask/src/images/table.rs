//! Which images there are. A binary more is a row more.

/// One image.
#[derive(Debug)]
pub(crate) struct Image {
    /// After the registry and `jaegertracing/`.
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) package: &'static str,
    /// As cargo calls it, below `/usr/bin` in the image.
    pub(crate) binary: &'static str,
    /// Where Go Jaeger's image has its binary: manifests with `command:` name it.
    pub(crate) go_path: &'static str,
    /// Given where a manifest gives none.
    pub(crate) arguments: &'static [&'static str],
    pub(crate) ports: &'static [&'static str],
    pub(crate) files: &'static [File],
    /// Left out unless somebody asks for it by name.
    pub(crate) for_tests: bool,
}

/// A file of an image besides its binary.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: &'static str,
    pub(crate) content: &'static str,
}

/// Every trace is kept, as in Go Jaeger's image.
const STRATEGIES: File = File {
    path: "etc/jaeger/sampling_strategies.json",
    content: "{\"default_strategy\": {\"type\": \"probabilistic\", \"param\": 1}}\n",
};

const IMAGE: Image = Image {
    name: "",
    about: "",
    package: "",
    binary: "",
    go_path: "",
    arguments: &[],
    ports: &[],
    files: &[],
    for_tests: false,
};

pub(crate) const IMAGES: &[Image] = &[
    Image {
        name: "jaeger-agent",
        about: "Receives spans by UDP beside applications and forwards them to collectors",
        package: "jaeger-agent",
        binary: "jaeger-agent",
        go_path: "go/bin/agent-linux",
        ports: &["5775/udp", "6831/udp", "6832/udp", "5778/tcp", "14271/tcp"],
        ..IMAGE
    },
    Image {
        name: "jaeger-collector",
        about: "Receives spans from agents and SDKs and writes them into a store",
        package: "jaeger-collector",
        binary: "jaeger-collector",
        go_path: "go/bin/collector-linux",
        ports: &["4317/tcp", "4318/tcp", "9411/tcp", "14250/tcp", "14267/tcp", "14268/tcp", "14269/tcp"],
        ..IMAGE
    },
    Image {
        name: "jaeger-query",
        about: "Finds traces in a store and shows them",
        package: "jaeger-query",
        binary: "jaeger-query",
        go_path: "go/bin/query-linux",
        ports: &["16685/tcp", "16686/tcp", "16687/tcp"],
        ..IMAGE
    },
    Image {
        name: "all-in-one",
        about: "Agent, collector and query in one process, with a store in it",
        package: "jaeger-all-in-one",
        binary: "jaeger-all-in-one",
        go_path: "go/bin/all-in-one-linux",
        arguments: &["--sampling.strategies-file=/etc/jaeger/sampling_strategies.json"],
        ports: &[
            "4317/tcp",
            "4318/tcp",
            "5775/udp",
            "5778/tcp",
            "6831/udp",
            "6832/udp",
            "9411/tcp",
            "14250/tcp",
            "14267/tcp",
            "14268/tcp",
            "14269/tcp",
            "16685/tcp",
            "16686/tcp",
        ],
        files: &[STRATEGIES],
        ..IMAGE
    },
    Image {
        name: "jaeger-remote-storage",
        about: "Serves one store to collectors and queries over gRPC",
        package: "jaeger-remote-storage",
        binary: "jaeger-remote-storage",
        go_path: "go/bin/remote-storage-linux",
        ports: &["17270/tcp", "17271/tcp"],
        ..IMAGE
    },
    Image {
        name: "jaeger-cassandra-schema",
        about: "Makes what is missing of Jaeger's keyspace and tables in Cassandra",
        package: "jaeger-cassandra-schema",
        binary: "jaeger-cassandra-schema",
        go_path: "cassandra-schema/docker.sh",
        ..IMAGE
    },
    Image {
        name: "jaeger-load",
        about: "Sends spans, for tests on a cluster",
        package: "jaeger-load",
        binary: "jaeger-load",
        go_path: "go/bin/load-linux",
        for_tests: true,
        ..IMAGE
    },
];
