//! Tags of a v2 span that are no tags of the span: OpenTelemetry's exporters write a resource's attributes and a
//! span's own fields so, and here they become what they were.

use jaeger_model::keys;

use super::span_kind;
use crate::otlp::finish::{STATUS_CODE, STATUS_DESCRIPTION, STATUS_ERROR, STATUS_OK, TRACE_STATE};

pub(super) const SERVICE_NAME: &[u8] = b"service.name";
const SCOPE_NAME: &[u8] = b"otel.library.name";
const SCOPE_VERSION: &[u8] = b"otel.library.version";
/// Names the attribute that the local service's name was taken from.
const SERVICE_SOURCE: &[u8] = b"otlp.service.name.source";
const KIND: &[u8] = keys::SPAN_KIND.as_bytes();
const ERROR: &[u8] = keys::ERROR.as_bytes();
const CODE: &[u8] = STATUS_CODE.as_bytes();
const MESSAGE: &[u8] = STATUS_DESCRIPTION.as_bytes();
const STATE: &[u8] = TRACE_STATE.as_bytes();

/// Where a tag belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// It describes the process.
    Resource,
    /// It stands, or may stand, for a field of the span.
    Field,
    /// It is a tag of the span.
    Span,
}

/// The attributes of a resource by OpenTelemetry's conventions of version 1.6.1, sorted, without the service's name;
/// three of OpenCensus are among them.
const RESOURCE: [&str; 83] = [
    "aws.ecs.cluster.arn",
    "aws.ecs.container.arn",
    "aws.ecs.launchtype",
    "aws.ecs.task.arn",
    "aws.ecs.task.family",
    "aws.ecs.task.revision",
    "aws.eks.cluster.arn",
    "aws.log.group.arns",
    "aws.log.group.names",
    "aws.log.stream.arns",
    "aws.log.stream.names",
    "cloud.account.id",
    "cloud.availability_zone",
    "cloud.platform",
    "cloud.provider",
    "cloud.region",
    "container.id",
    "container.image.name",
    "container.image.tag",
    "container.name",
    "container.runtime",
    "deployment.environment",
    "device.id",
    "device.model.identifier",
    "device.model.name",
    "faas.id",
    "faas.instance",
    "faas.max_memory",
    "faas.name",
    "faas.version",
    "host.arch",
    "host.id",
    "host.image.id",
    "host.image.name",
    "host.image.version",
    "host.name",
    "host.type",
    "k8s.cluster.name",
    "k8s.container.name",
    "k8s.cronjob.name",
    "k8s.cronjob.uid",
    "k8s.daemonset.name",
    "k8s.daemonset.uid",
    "k8s.deployment.name",
    "k8s.deployment.uid",
    "k8s.job.name",
    "k8s.job.uid",
    "k8s.namespace.name",
    "k8s.node.name",
    "k8s.node.uid",
    "k8s.pod.name",
    "k8s.pod.uid",
    "k8s.replicaset.name",
    "k8s.replicaset.uid",
    "k8s.statefulset.name",
    "k8s.statefulset.uid",
    "opencensus.exporterversion",
    "opencensus.resourcetype",
    "opencensus.starttime",
    "os.description",
    "os.name",
    "os.type",
    "os.version",
    "process.command",
    "process.command_args",
    "process.command_line",
    "process.executable.name",
    "process.executable.path",
    "process.owner",
    "process.pid",
    "process.runtime.description",
    "process.runtime.name",
    "process.runtime.version",
    "service.instance.id",
    "service.namespace",
    "service.version",
    "telemetry.auto.version",
    "telemetry.sdk.language",
    "telemetry.sdk.name",
    "telemetry.sdk.version",
    "webengine.description",
    "webengine.name",
    "webengine.version",
];

/// Where a tag of this key belongs.
pub(super) fn place(key: &[u8]) -> Place {
    match key {
        SERVICE_NAME | SCOPE_NAME | SCOPE_VERSION | SERVICE_SOURCE | KIND | ERROR | CODE | MESSAGE | STATE => {
            Place::Field
        }
        key if RESOURCE.binary_search_by(|known| known.as_bytes().cmp(key)).is_ok() => Place::Resource,
        _ => Place::Span,
    }
}

/// What the tags say of the span's fields.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) service: Option<Vec<u8>>,
    pub(super) service_source: Option<Vec<u8>>,
    pub(super) scope_name: Vec<u8>,
    pub(super) scope_version: Vec<u8>,
    pub(super) trace_state: Vec<u8>,
    /// For a span that has no kind.
    pub(super) kind: u32,
    code: Option<u32>,
    message: Vec<u8>,
    failed: bool,
}

impl Fields {
    pub(super) fn see(&mut self, key: &[u8], value: &[u8]) {
        match key {
            SERVICE_NAME => self.service = Some(value.to_vec()),
            SERVICE_SOURCE => self.service_source = Some(value.to_vec()).filter(|key| !key.is_empty()),
            SCOPE_NAME => self.scope_name = value.to_vec(),
            SCOPE_VERSION => self.scope_version = value.to_vec(),
            STATE => self.trace_state = value.to_vec(),
            KIND if value == b"internal" => self.kind = span_kind::INTERNAL,
            CODE => {
                self.code = Some(match value {
                    b"STATUS_CODE_OK" | b"Ok" | b"OK" => STATUS_OK,
                    b"STATUS_CODE_ERROR" | b"Error" | b"ERROR" => STATUS_ERROR,
                    _ => 0,
                });
            }
            MESSAGE => self.message = value.to_vec(),
            ERROR => self.failed = true,
            _ => {}
        }
    }

    /// Whether a tag that stands for a field is no tag besides.
    pub(super) fn takes(&self, key: &[u8], value: &[u8], says_kind: bool) -> bool {
        match key {
            // What else an error says is kept.
            ERROR => value == b"true",
            // A description belongs to a code.
            MESSAGE => self.code.is_some(),
            KIND => says_kind,
            _ => true,
        }
    }

    /// Code and message.
    pub(super) fn status(&self) -> (u32, &[u8]) {
        let message = if self.code.is_some() { &self.message[..] } else { &[] };
        (if self.failed { STATUS_ERROR } else { self.code.unwrap_or(0) }, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_a_resource_are_found_and_no_others() {
        assert!(RESOURCE.is_sorted());
        assert_eq!(place(b"host.name"), Place::Resource);
        assert_eq!(place(b"k8s.pod.name"), Place::Resource);
        assert_eq!(place(b"http.method"), Place::Span);
        assert_eq!(place(b"error"), Place::Field);
    }
}
