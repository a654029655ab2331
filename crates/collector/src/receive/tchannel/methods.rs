//! `calls -> METHODS -> take`: what a whole call asks for.

use std::time::Duration;

use bytes::Bytes;
use jaeger_wire::tchannel::{
    Arguments, COLLECTOR, CallRequest, ErrorCode, Method, OWN, SCHEME, decode_headers, encode_submitted, meta, sampling,
};
use tokio_util::sync::CancellationToken;

use super::super::take;
use super::answer::{No, yes};
use super::calls::Caller;
use crate::admit::Held;
use crate::decode::Wire;
use crate::{Collector, Refused, Source};

/// A call whose last frame has come.
pub(super) struct Call {
    pub(super) id: u32,
    pub(super) head: CallRequest,
    pub(super) from: Caller,
    pub(super) arguments: Arguments,
    /// Its bytes in the bound.
    pub(super) held: Held,
    /// What is left of its time.
    pub(super) patience: Duration,
}

/// The frames that answer a call.
pub(super) async fn answer(collector: Collector, call: Call, stopping: CancellationToken) -> Bytes {
    let (id, tracing, kind) = (call.id, call.head.tracing, call.arguments.kind);
    match result(&collector, call, stopping.is_cancelled()).await {
        Ok(result) => yes(id, tracing, kind, &result),
        Err(no) => no.frames(id, tracing),
    }
}

async fn result(collector: &Collector, call: Call, stopping: bool) -> Result<Vec<u8>, No> {
    let method = method(&call.head, &call.arguments.method)?;
    // Nothing in them is for us, but what is none is told.
    decode_headers(&call.arguments.headers)?;
    let mut out = Vec::new();
    match method {
        Method::SubmitBatches => submit(collector, Wire::TchannelBatches, call, &mut out).await?,
        Method::SubmitZipkinBatch => submit(collector, Wire::TchannelZipkin, call, &mut out).await?,
        Method::SamplingStrategy => {
            let service = sampling::decode_question(&call.arguments.body)?;
            let answer = collector.strategies().of(&service);
            sampling::encode_answer(&answer, &mut out)
                .map_err(|why| No::new(ErrorCode::Unexpected, why.to_string()))?;
        }
        Method::Health => {
            let question = meta::decode_health_question(&call.arguments.body)?;
            let why = (question == meta::HealthQuestion::Traffic).then(|| no_traffic(collector, stopping)).flatten();
            meta::encode_health(why.as_deref(), &mut out);
        }
        Method::ThriftIdl => {
            meta::decode_nothing(&call.arguments.body)?;
            meta::encode_definitions(&mut out);
        }
        Method::VersionInfo => {
            meta::decode_nothing(&call.arguments.body)?;
            meta::encode_version(&mut out);
        }
    }
    Ok(out)
}

/// The method, where this service has it. (The words are Go's.)
fn method(head: &CallRequest, name: &[u8]) -> Result<Method, No> {
    let (scheme, thrift) = SCHEME;
    if let Some(other) = head.header(scheme).filter(|scheme| *scheme != thrift) {
        return Err(No::bad_request(format!("arguments in the scheme {other:?} are not read here; use {thrift}")));
    }
    let served = |method: &Method| head.service == COLLECTOR || (head.service == OWN && method.is_meta());
    Method::named(name).filter(served).ok_or_else(|| {
        let name: String = String::from_utf8_lossy(name).chars().take(100).collect();
        No::bad_request(format!("no handler for service {:?} and method {name:?}", head.service))
    })
}

/// Takes spans and waits until the store has them.
async fn submit(collector: &Collector, wire: Wire, call: Call, out: &mut Vec<u8>) -> Result<(), Refused> {
    let source = Source::tchannel(wire, call.from.origin);
    let Arguments { method, headers, body, .. } = call.arguments;
    // These are parts of the first frame, which is to go when it is decoded.
    drop((method, headers));
    let elements = wire.elements(&body);
    take(collector, wire, body, call.held, source, call.patience).await?;
    encode_submitted(elements, true, out);
    Ok(())
}

/// Why this collector wants no spans now.
fn no_traffic(collector: &Collector, stopping: bool) -> Option<String> {
    if stopping {
        return Some("collector is stopping".to_owned());
    }
    collector.inner().waits_for.load_full().map(|why| format!("collector waits for {why}"))
}
