//! What reached a broker, by the broker's own log.

use std::collections::BTreeSet;

use weir_testkit::Kafka;

/// One request as `kafka.request.logger` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// As Kafka calls it: FETCH, METADATA.
    pub api: String,
    pub client: String,
    pub listener: String,
    pub user: String,
}

/// Every request so far, oldest first.
pub fn requests(kafka: &Kafka) -> Vec<Request> {
    let log = kafka.log().unwrap();
    let told = log.lines().filter_map(|line| line.split_once("Completed request:"));
    let parsed = told.filter_map(|(_, json)| serde_json::from_str::<serde_json::Value>(json.trim()).ok());
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    parsed
        .map(|v| Request {
            api: text(&v["requestHeader"]["requestApiKeyName"]),
            client: text(&v["requestHeader"]["clientId"]),
            listener: text(&v["listener"]),
            user: text(&v["principal"]),
        })
        .collect()
}

/// Those of Weir's, whatever the installation is called.
pub fn of_weir(all: &[Request]) -> impl Iterator<Item = &Request> {
    all.iter().filter(|r| r.client.starts_with("weir."))
}

pub fn apis<'a>(requests: impl IntoIterator<Item = &'a Request>) -> BTreeSet<&'a str> {
    requests.into_iter().map(|r| r.api.as_str()).collect()
}

/// What the authorizer decided for one user: (operation, resource), as `kafka.authorizer.logger` tells it.
pub fn decisions(kafka: &Kafka, user: &str) -> BTreeSet<(String, String)> {
    let log = kafka.log().unwrap();
    let of_user = format!("Principal = User:{user} is ");
    let decided = log.lines().filter_map(|line| line.split_once(&of_user));
    let word = |text: &str, after: &str| -> Option<String> {
        let (_, rest) = text.split_once(after)?;
        Some(rest.split_whitespace().next()?.trim_end_matches(',').to_owned())
    };
    decided.filter_map(|(_, rest)| Some((word(rest, "operation = ")?, word(rest, "on resource = ")?))).collect()
}
