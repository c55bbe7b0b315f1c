//! Bodies of commands: JSON, bounded, and read strictly.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use http::{HeaderMap, header};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, marker::PhantomData};

use super::{
    kinds::{INVALID, NOT_JSON, TOO_LARGE},
    problem::Problem,
};
use crate::http::site::Site;

/// The body of a command. No body at all stands for `{}`, so that a command without choices needs none; what must be
/// there its type says.
pub struct Given<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Site> for Given<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let read = Bytes::from_request(request, site).await;
        match read {
            Ok(bytes) => parse(&headers, &bytes).map(Self),
            Err(refused) if refused.status() == TOO_LARGE.status => Err(Problem::new(
                TOO_LARGE,
                format!("The body is larger than {} bytes.", site.limits.body_bytes),
                "Send less at once.",
            )),
            Err(_) => Err(Problem::new(INVALID, "The body broke off.", "Send it again.")),
        }
    }
}

fn parse<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Problem> {
    let json = if bytes.is_empty() {
        b"{}".as_slice()
    } else if is_json(headers) {
        bytes
    } else {
        return Err(Problem::new(
            NOT_JSON,
            "The body is not said to be JSON.",
            "Send it with Content-Type: application/json.",
        ));
    };
    // serde would take a list for a struct too, field by field.
    if !json.trim_ascii_start().starts_with(b"{") {
        return Err(Problem::new(INVALID, "The body is no JSON object.", "See /api/openapi.json for its shape."));
    }
    serde_json::from_slice(json).map_err(|why| {
        // serde's words name the field and the place; what stands there may be long, and is the sender's own.
        let why: String = why.to_string().chars().take(300).collect();
        Problem::new(INVALID, format!("The body can't be read: {why}."), "See /api/openapi.json for its shape.")
    })
}

/// Nothing to choose: `{}`, or no body at all.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A field that is an object and nothing else, for `deserialize_with`.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Object::deserialize(from).map(|object| object.0)
}

/// The same where it may be null; goes with `default` where it may be left out.
pub fn object_or_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    Option::<Object<T>>::deserialize(from).map(|found| found.map(|object| object.0))
}

/// A list of objects.
pub fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Vec::<Object<T>>::deserialize(from).map(|all| all.into_iter().map(|object| object.0).collect())
}

/// What serde derives takes a list for a struct as well, field by field; this does not.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(MapOnly(PhantomData))
    }
}

struct MapOnly<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for MapOnly<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        name: String,
    }

    fn read(kind: &str, body: &str) -> Result<Body, u16> {
        let headers = [(header::CONTENT_TYPE, kind.parse().unwrap())].into_iter().collect();
        parse(&headers, body.as_bytes()).map_err(|p: Problem| p.status)
    }

    #[test]
    fn a_list_is_no_object() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Outer {
            #[serde(deserialize_with = "object")]
            one: Body,
            #[serde(default, deserialize_with = "object_or_null")]
            perhaps: Option<Body>,
            #[serde(default, deserialize_with = "objects")]
            many: Vec<Body>,
        }
        let read = |text: &str| serde_json::from_str::<Outer>(text);
        let good = read(r#"{"one":{"name":"a"},"perhaps":null,"many":[{"name":"b"}]}"#).unwrap();
        assert_eq!((good.one.name.as_str(), good.perhaps, good.many[0].name.as_str()), ("a", None, "b"));
        assert!(read(r#"{"one":{"name":"a"}}"#).is_ok());
        for bad in [
            r#"{"one":["a"]}"#,
            r#"{"one":{"name":"a"},"perhaps":["a"]}"#,
            r#"{"one":{"name":"a"},"many":[["a"]]}"#,
            r#"{"one":{"name":"a","other":1}}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn json_that_says_so_and_nothing_else() {
        let good = Ok(Body { name: "a".into() });
        for kind in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
            assert_eq!(read(kind, r#"{"name":"a"}"#), good, "{kind}");
        }
        for kind in ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
            assert_eq!(read(kind, r#"{"name":"a"}"#), Err(415), "{kind}");
        }
        for body in [
            "",
            "{",
            "[]",
            r#"["a"]"#,
            "null",
            "\"a\"",
            r#"{"name":1}"#,
            r#"{"name":"a","other":1}"#,
            r#"{"name":"a"} x"#,
        ] {
            assert_eq!(read("application/json", body), Err(400), "{body}");
        }
    }
}
