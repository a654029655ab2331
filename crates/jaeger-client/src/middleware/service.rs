//! A service whose requests are traced.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{Method, Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::body::TracedBody;
use super::layer::{MapBody, Side, TraceLayer};
use super::messages::{MessageBody, Messages};
use super::open::Open;
use crate::{InSpan as _, Kind, Span, Value, WithSpan};

/// A service whose requests are traced.
#[derive(Clone)]
pub struct Traced<S, M> {
    pub(super) inner: S,
    pub(super) layer: TraceLayer<M>,
}

impl<S, M, B, R> Service<Request<B>> for Traced<S, M>
where
    S: Service<Request<M::Out>, Response = Response<R>, Error: fmt::Display>,
    M: MapBody<B>,
    R: Body<Data: AsRef<[u8]>, Error: fmt::Display>,
{
    type Response = Response<TracedBody<R>>;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        if self.layer.filter.as_ref().is_some_and(|filter| !filter(&head)) {
            let body = self.layer.map.map(body, MessageBody::plain);
            let call = self.inner.call(Request::from_parts(head, body));
            return Answering { call: Call::Plain { call }, open: None, messages: None };
        }
        let (grpc, head_only) = (is_grpc(&head), head.method == Method::HEAD);
        let span = self.layer.begin(&mut head, grpc);
        let (asks, answers) = match self.layer.side {
            Side::Server => ("RECEIVED", "SENT"),
            Side::Client => ("SENT", "RECEIVED"),
        };
        let handle = span.handle();
        let watch = |body| match grpc {
            true => MessageBody::watched(body, Messages::new(asks), handle.clone()),
            false => MessageBody::plain(body),
        };
        let body = self.layer.map.map(body, watch);
        let entered = handle.enter();
        let call = self.inner.call(Request::from_parts(head, body));
        drop(entered);
        Answering {
            call: Call::Traced { call: call.in_span(handle) },
            open: Some(Open::new(span, self.layer.side, grpc, head_only)),
            messages: (grpc && M::LOGS).then(|| Messages::new(answers)),
        }
    }
}

fn is_grpc(head: &Parts) -> bool {
    let kind = head.headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    kind.is_some_and(|kind| kind.starts_with(b"application/grpc"))
}

impl<M> TraceLayer<M> {
    fn begin(&self, head: &mut Parts, grpc: bool) -> Span {
        let name = match &self.name {
            Some(name) => name(head),
            None if grpc => Cow::Owned(head.uri.path().to_owned()),
            None => Cow::Owned(format!("HTTP {}", head.method)),
        };
        let span = match self.side {
            // A context that cannot be read is counted, and the trace begins here.
            Side::Server => {
                let context = self.tracer.extract(&head.headers).ok().flatten();
                let builder = self.tracer.build_span(&name).kind(Kind::Server);
                match &context {
                    Some(context) => builder.child_of(context).start(),
                    None => builder.start(),
                }
            }
            Side::Client => {
                let parent = crate::try_current();
                let builder = self.tracer.build_span(&name).kind(Kind::Client);
                let span = match &parent {
                    Some(parent) => builder.child_of(parent.context()).local().start(),
                    None => builder.start(),
                };
                self.tracer.inject(span.context(), &mut head.headers);
                span
            }
        };
        if span.is_recording() {
            tell(&span, head, grpc);
        }
        if self.side == Side::Server {
            head.extensions.insert(span.handle());
        }
        span
    }
}

/// What a request says of itself.
fn tell(span: &Span, head: &Parts, grpc: bool) {
    if grpc {
        span.tag("component", "gRPC");
        if let Some(authority) = head.uri.authority() {
            span.tag("peer.address", authority.as_str());
        }
        return;
    }
    span.tag("component", "http");
    span.tag("http.method", head.method.as_str());
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    match (head.uri.authority(), host) {
        // A password has no place in a trace.
        (Some(authority), _) => {
            let host = authority.as_str().rsplit('@').next().unwrap_or_default();
            let scheme = head.uri.scheme_str().unwrap_or("http");
            let path = head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
            span.tag("http.url", Value::Str(&format!("{scheme}://{host}{path}")));
        }
        (None, Some(host)) => {
            span.tag("http.url", Value::Str(&format!("http://{host}{}", head.uri)));
        }
        (None, None) => {
            span.tag("http.url", Value::Str(&head.uri.to_string()));
        }
    }
}

pin_project! {
    #[project = CallPinned]
    enum Call<F> {
        Traced { #[pin] call: WithSpan<F> },
        Plain { #[pin] call: F },
    }
}

pin_project! {
    /// A call that waits for its answer.
    pub struct Answering<F> {
        #[pin]
        call: Call<F>,
        open: Option<Open>,
        messages: Option<Messages>,
    }
}

impl<F, R, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
    E: fmt::Display,
{
    type Output = Result<Response<TracedBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answered = ready!(match this.call.project() {
            CallPinned::Traced { call } => call.poll(context),
            CallPinned::Plain { call } => call.poll(context),
        });
        let mut open = this.open.take();
        Poll::Ready(match answered {
            Ok(answer) => {
                if let Some(open) = &mut open {
                    open.status(answer.status(), answer.headers());
                }
                let messages = this.messages.take();
                Ok(answer.map(|body| TracedBody::new(body, open, messages)))
            }
            Err(error) => {
                if let Some(open) = &mut open {
                    open.failed(&error);
                }
                Err(error)
            }
        })
    }
}
