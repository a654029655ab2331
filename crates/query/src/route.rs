//! All routes, as one table. Paths are matched as they came, so that a slash in a name stays escaped.

use http::Method;

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Endpoint {
    /// Names of services.
    Services,
    /// Names of a service's operations, as Jaeger's own page asks.
    ServiceOperations,
    /// Operations with their kinds.
    Operations,
    /// A search, or traces by id.
    Traces,
    /// One trace.
    Trace,
    /// Keeping a trace for longer.
    Archive,
    /// Who calls whom.
    Dependencies,
    /// Traces out of a posted file.
    Transform,
    /// Latencies of services.
    Latencies,
    /// Calls of services a second.
    CallRates,
    /// The part of calls that failed.
    ErrorRates,
    /// The smallest step of those.
    MinStep,
    /// The newer API: names of services.
    V3Services,
    /// Operations with their kinds.
    V3Operations,
    /// A search.
    V3Traces,
    /// One trace.
    V3Trace,
    /// A search, of which only summaries are wanted.
    V3Summaries,
    /// Metrics by their names of 1.6.
    Metrics,
    /// What the process received, stored and lost.
    Ledger,
    /// Files of the page.
    Static,
    /// Everything else is the page's.
    Page,
}

/// Methods of a row: `GET` rows take no other; `ANY` rows take all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Get,
    Post,
    Any,
}

struct Row(Takes, &'static str, Endpoint);

/// `{}` stands for one part of the path, a `*` at the end for the rest.
const ROUTES: &[Row] = &[
    Row(Takes::Get, "/api/services", Endpoint::Services),
    Row(Takes::Get, "/api/services/{}/operations", Endpoint::ServiceOperations),
    Row(Takes::Get, "/api/operations", Endpoint::Operations),
    Row(Takes::Get, "/api/traces", Endpoint::Traces),
    Row(Takes::Get, "/api/traces/{}", Endpoint::Trace),
    Row(Takes::Post, "/api/archive/{}", Endpoint::Archive),
    Row(Takes::Get, "/api/dependencies", Endpoint::Dependencies),
    Row(Takes::Post, "/api/transform", Endpoint::Transform),
    Row(Takes::Get, "/api/metrics/latencies", Endpoint::Latencies),
    Row(Takes::Get, "/api/metrics/calls", Endpoint::CallRates),
    Row(Takes::Get, "/api/metrics/errors", Endpoint::ErrorRates),
    Row(Takes::Get, "/api/metrics/minstep", Endpoint::MinStep),
    Row(Takes::Get, "/api/v3/services", Endpoint::V3Services),
    Row(Takes::Get, "/api/v3/operations", Endpoint::V3Operations),
    Row(Takes::Get, "/api/v3/traces", Endpoint::V3Traces),
    Row(Takes::Get, "/api/v3/traces/{}", Endpoint::V3Trace),
    Row(Takes::Get, "/api/v3/trace-summaries", Endpoint::V3Summaries),
    Row(Takes::Get, "/api/ledger", Endpoint::Ledger),
    Row(Takes::Get, "/metrics", Endpoint::Metrics),
    Row(Takes::Any, "/static/*", Endpoint::Static),
];

/// Where a request goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Route<'p> {
    /// To an endpoint, with the part of the path that `{}` stands for.
    To(Endpoint, &'p str),
    /// Nowhere: the path is known, but not with this method.
    WrongMethod,
}

/// Finds the route of a clean path below the base path.
#[must_use]
pub fn find<'p>(method: &Method, path: &'p str) -> Route<'p> {
    for Row(takes, pattern, endpoint) in ROUTES {
        let Some(part) = matched(pattern, path) else { continue };
        let taken = match takes {
            Takes::Get => *method == Method::GET,
            Takes::Post => *method == Method::POST,
            Takes::Any => true,
        };
        return if taken { Route::To(*endpoint, part) } else { Route::WrongMethod };
    }
    Route::To(Endpoint::Page, "")
}

/// What `{}` or `*` stands for, empty without one.
fn matched<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    if let Some(prefix) = pattern.strip_suffix('*') {
        return path.strip_prefix(prefix);
    }
    let Some((before, after)) = pattern.split_once("{}") else {
        return (pattern == path).then_some("");
    };
    let part = path.strip_prefix(before)?.strip_suffix(after)?;
    (!part.is_empty() && !part.contains('/')).then_some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_paths_go_to_their_endpoint_and_others_to_the_page() {
        for (method, path, expected) in [
            (Method::GET, "/api/services", Route::To(Endpoint::Services, "")),
            (Method::GET, "/api/services/a%2Fb/operations", Route::To(Endpoint::ServiceOperations, "a%2Fb")),
            (Method::GET, "/api/traces/3001", Route::To(Endpoint::Trace, "3001")),
            (Method::GET, "/api/traces/", Route::To(Endpoint::Page, "")),
            (Method::GET, "/api/traces/3001/", Route::To(Endpoint::Page, "")),
            (Method::GET, "/api/traces/3001/x", Route::To(Endpoint::Page, "")),
            (Method::POST, "/api/services", Route::WrongMethod),
            (Method::HEAD, "/api/services", Route::WrongMethod),
            (Method::GET, "/api/archive/3001", Route::WrongMethod),
            (Method::POST, "/search", Route::To(Endpoint::Page, "")),
            (Method::GET, "/static/", Route::To(Endpoint::Static, "")),
            (Method::GET, "/static/js/a.js", Route::To(Endpoint::Static, "js/a.js")),
            (Method::GET, "/api/v3/traces/3001", Route::To(Endpoint::V3Trace, "3001")),
            (Method::GET, "/api/v3/nope", Route::To(Endpoint::Page, "")),
            (Method::POST, "/api/v3/services", Route::WrongMethod),
            (Method::GET, "/trace/3001", Route::To(Endpoint::Page, "")),
            (Method::GET, "/api/ledger", Route::To(Endpoint::Ledger, "")),
            (Method::GET, "", Route::To(Endpoint::Page, "")),
        ] {
            assert_eq!(find(&method, path), expected, "{method} {path}");
        }
    }
}
