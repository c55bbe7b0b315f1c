//! Requests, by the template of their route: never by path, which holds ids.

use std::time::Duration;

use http::{Method, StatusCode};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

/// Seconds.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Web {
    requests: Family<Answer, Counter>,
    seconds: Family<Route, Histogram>,
}

impl Web {
    pub fn register(registry: &mut Registry) -> Self {
        let web =
            Self { requests: Family::default(), seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)) };
        registry.register("weir_http_requests", "Requests answered, by method, route and status", web.requests.clone());
        let help = "Seconds until an answer began, by method and route; a live stream's answer begins at once";
        registry.register("weir_http_request_seconds", help, web.seconds.clone());
        web
    }

    /// `route` is the template; `None` for what leads nowhere.
    pub fn answered(&self, method: &Method, route: Option<&str>, status: StatusCode, took: Duration) {
        let (method, route) = (word(method), route.unwrap_or("none").to_owned());
        self.seconds.get_or_create(&Route { method, route: route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Answer { method, route, status: status.as_u16() }).inc();
    }
}

/// Anybody can send any word as a method.
fn word(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "other",
    }
}
