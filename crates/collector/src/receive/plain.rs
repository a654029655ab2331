//! The answers of the ways in that have only a status and a text: Thrift and Zipkin over HTTP.

use http::header::{self, HeaderValue};
use http::{Response, StatusCode};
use jaeger_service::http::{Body, reply};

use crate::Refused;
use crate::acknowledge::{Acknowledged, Answer};

/// 202 where every span of the request is stored. A refusal of a body begins with `malformed`.
pub(super) fn answer(answer: Answer, malformed: &str) -> Response<Body> {
    let refused = match answer {
        Ok(acknowledged) => return yes(&acknowledged),
        Err(refused) => refused,
    };
    let decision = refused.decision();
    let mut response = match &refused {
        Refused::Malformed(why) => reply::error(decision.http, &format!("{malformed}{why}")),
        other => reply::error(decision.http, &other.to_string()),
    };
    if let Some(after) = decision.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
    }
    response
}

/// A sender that knows only yes and no is told no where some of its spans can never be stored: a yes would be for
/// all of them. To send the others again does no harm.
fn yes(acknowledged: &Acknowledged) -> Response<Body> {
    let Acknowledged { taken, invalid, reason } = acknowledged;
    if *invalid == 0 {
        return reply::status(StatusCode::ACCEPTED);
    }
    let text = format!("{invalid} of {} spans were refused, the others are stored: {reason}", taken + invalid);
    reply::error(StatusCode::BAD_REQUEST, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_is_for_every_span() {
        let stored = Acknowledged { taken: 3, ..Acknowledged::default() };
        assert_eq!(answer(Ok(stored.clone()), "").status(), StatusCode::ACCEPTED);
        let some = Acknowledged { invalid: 1, reason: "too long".into(), ..stored };
        assert_eq!(answer(Ok(some), "").status(), StatusCode::BAD_REQUEST);
        let busy = answer(Err(Refused::MemoryFull { held: 1, bound: 1 }), "");
        assert_eq!(
            (busy.status(), busy.headers()["retry-after"].as_bytes()),
            (StatusCode::SERVICE_UNAVAILABLE, &b"1"[..])
        );
    }
}
