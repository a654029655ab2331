//! `/api/v3`: traces in OpenTelemetry's shape, as they are stored. What Jaeger's newer page, Grafana and scripts ask.
//!
//! ```text
//! route -> params (two spellings) -> search.each -> traces | summaries -> answer
//! ```

mod names;
mod params;
pub(crate) mod summaries;
mod traces;

use http::Response;
use jaeger_service::http::Body;

use crate::answer::{self, Answer, Api, Form as AnswerForm};
use crate::caller;
use crate::error::ApiError;
use crate::params::Form;
use crate::route::Endpoint;
use crate::server::{Inner, now, received};
use params::{Params, Spelling};

impl Inner {
    /// Answers one of the endpoints of v3.
    pub(crate) async fn v3(&self, endpoint: Endpoint, part: &str, form: &Form<'_>, gzip: bool) -> Response<Body> {
        let spelling = if endpoint == Endpoint::V3Summaries { Spelling::Camel } else { Spelling::of(form) };
        let wanted = AnswerForm { pretty: false, gzip, api: spelling.api() };
        let answered = match endpoint {
            Endpoint::V3Services => self.search.v3_services().await,
            Endpoint::V3Operations => self.search.v3_operations(form).await,
            Endpoint::V3Trace => match params::trace(part, form) {
                Ok(id) => {
                    let (answer, response) = Answer::new(wanted);
                    caller::spawn(traces::one(self.search.clone(), id, answer));
                    return received(response).await;
                }
                Err(error) => Err(error),
            },
            _ => match Params::parse(form, spelling, now()) {
                Ok(params) => {
                    let (answer, response) = Answer::new(wanted);
                    let search = self.search.clone();
                    if endpoint == Endpoint::V3Summaries {
                        caller::spawn(summaries::find(search, params.query, answer));
                    } else {
                        caller::spawn(traces::find(search, params.query, spelling, answer));
                    }
                    return received(response).await;
                }
                Err(error) => Err(error),
            },
        };
        match answered {
            Ok(json) => answer::whole(json, wanted),
            Err(error) => error.response(wanted.api),
        }
    }
}

impl Spelling {
    fn api(self) -> Api {
        match self {
            Self::Snake => Api::V3,
            Self::Camel => Api::V3Json,
        }
    }
}

/// A parameter that v3 cannot use.
fn malformed(name: &str, reason: &str) -> ApiError {
    ApiError::V3Param(format!("malformed parameter {name}: {reason}"))
}
