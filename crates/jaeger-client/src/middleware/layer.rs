//! What a layer is told.

use std::borrow::Cow;
use std::sync::Arc;

use http::request::Parts;
use tower_layer::Layer;

use super::messages::MessageBody;
use super::service::Traced;
use crate::Tracer;

/// Which side of calls is traced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Server,
    Client,
}

type Filter = dyn Fn(&Parts) -> bool + Send + Sync;
type Name = dyn Fn(&Parts) -> Cow<'static, str> + Send + Sync;

/// Traces the requests of a service: see the module.
#[derive(Clone)]
pub struct TraceLayer<M = KeepBody> {
    pub(super) side: Side,
    pub(super) tracer: Tracer,
    pub(super) filter: Option<Arc<Filter>>,
    pub(super) name: Option<Arc<Name>>,
    pub(super) map: M,
}

impl TraceLayer {
    /// Traces requests that come, as children of the spans that their headers tell of.
    #[must_use]
    pub fn server(tracer: &Tracer) -> Self {
        Self::new(Side::Server, tracer)
    }

    /// Traces requests that go out, as children of the current span, and tells the server of them.
    #[must_use]
    pub fn client(tracer: &Tracer) -> Self {
        Self::new(Side::Client, tracer)
    }

    fn new(side: Side, tracer: &Tracer) -> Self {
        Self { side, tracer: tracer.clone(), filter: None, name: None, map: KeepBody }
    }
}

impl<M> TraceLayer<M> {
    /// Traces only the requests for which `filter` says so. The others pass as they are.
    #[must_use]
    pub fn filter(mut self, filter: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        self.filter = Some(Arc::new(filter));
        self
    }

    /// Names spans otherwise than by a call's path or HTTP's method. Keep names few: routes, not addresses.
    #[must_use]
    pub fn name(mut self, name: impl Fn(&Parts) -> Cow<'static, str> + Send + Sync + 'static) -> Self {
        self.name = Some(Arc::new(name));
        self
    }

    /// Logs each message of gRPC, both ways, with its number and size. `map` makes of the watched body of a request
    /// one that the service takes: `log_messages(tonic::body::Body::new)`.
    #[must_use]
    pub fn log_messages<F>(self, map: F) -> TraceLayer<F> {
        let Self { side, tracer, filter, name, map: _ } = self;
        TraceLayer { side, tracer, filter, name, map }
    }
}

impl<S, M: Clone> Layer<S> for TraceLayer<M> {
    type Service = Traced<S, M>;

    fn layer(&self, inner: S) -> Self::Service {
        Traced { inner, layer: self.clone() }
    }
}

/// The body that a service gets for a request.
pub trait MapBody<B> {
    /// Its type.
    type Out;

    /// Whether messages are logged.
    const LOGS: bool;

    /// Makes it. `watch` watches a body for messages.
    fn map(&self, body: B, watch: impl FnOnce(B) -> MessageBody<B>) -> Self::Out;
}

/// The request's body stays as it is, and messages are not logged.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeepBody;

impl<B> MapBody<B> for KeepBody {
    type Out = B;

    const LOGS: bool = false;

    fn map(&self, body: B, _: impl FnOnce(B) -> MessageBody<B>) -> B {
        body
    }
}

impl<B, O, F: Fn(MessageBody<B>) -> O> MapBody<B> for F {
    type Out = O;

    const LOGS: bool = true;

    fn map(&self, body: B, watch: impl FnOnce(B) -> MessageBody<B>) -> O {
        self(watch(body))
    }
}
