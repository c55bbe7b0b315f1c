//! The description of `/api/v1` (OpenAPI 3.1). It is made of the annotations at the handlers; what holds for every
//! operation (who may, what can go wrong) is put to them here, from the list of use cases.

use std::{collections::BTreeMap, sync::OnceLock};

use serde_json::json;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self, Content, HttpMethod, Ref, RefOr, Required, Response, ResponseBuilder,
        header::HeaderBuilder,
        path::{Operation, Parameter, ParameterIn},
        schema::{ObjectBuilder, Schema, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use weir_domain::access::{Access, Role, use_case};

use super::{
    audit, backfill, budget, capture, catalog, changes, channel, erasures, events,
    kinds::KINDS,
    lag, links, me, monitors, overview, people,
    problem::{self, Problem},
    searches, sources, verify,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Weir",
        version = "1",
        description = "Events of your brokers, and how far capture has come. Ids and positions are texts (64 bits), \
            times are RFC 3339 in UTC, null is unknown. Fields are only ever added: ignore those you don't know. \
            Make a token on the page /account/tokens and send it as Authorization: Bearer weir_…",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/", description = "This server.")),
    paths(
        me::me,
        me::environments,
        overview::overview,
        budget::read,
        budget::set,
        capture::list,
        capture::detail,
        capture::set,
        catalog::complete,
        channel::detail,
        changes::list,
        changes::report,
        events::around::around,
        events::breakdown::breakdown,
        events::list::list,
        events::export::export,
        events::keys::keys,
        events::tail::tail,
        events::detail::detail,
        events::live::live,
        events::from_broker::from_broker,
        events::gone::gone,
        events::links::links,
        events::missing::missing,
        events::payload::payload,
        people::read::list,
        people::read::detail,
        people::rights::invite,
        people::rights::change,
        people::acts::deactivate,
        people::acts::reactivate,
        people::acts::reset,
        people::acts::revoke_invite,
        people::requests::list,
        people::requests::answer,
        searches::list,
        searches::save,
        searches::rename,
        searches::share,
        searches::remove,
        links::keep,
        links::open,
        links::templates,
        links::add,
        links::remove,
        lag::list::list,
        lag::export::export,
        lag::hot_key::hot_key,
        lag::detail::detail,
        lag::history::history,
        lag::acts::settings,
        lag::acts::archive,
        lag::acts::delete,
        lag::reset::plan,
        lag::reset::reset,
        lag::reset::undo,
        lag::report::report,
        monitors::alerts::list,
        monitors::alerts::detail,
        monitors::alerts::acknowledge,
        monitors::alerts::snooze,
        monitors::rules::list,
        monitors::rules::set,
        monitors::rules::remove,
        monitors::rules::maintenance,
        monitors::rules::end_maintenance,
        monitors::outlets::list,
        monitors::outlets::add,
        monitors::outlets::edit,
        monitors::outlets::remove,
        monitors::outlets::test,
        monitors::outlets::heartbeat,
        erasures::list,
        erasures::detail,
        erasures::ask,
        erasures::decline,
        erasures::withdraw,
        erasures::holds,
        erasures::place,
        erasures::end,
        sources::list::list,
        sources::detail::detail,
        backfill::list::list,
        backfill::act::start,
        backfill::act::pause,
        backfill::act::stop,
        backfill::content::detail,
        backfill::content::fill,
        backfill::content::pause,
        backfill::content::stop,
        verify::list::list,
        verify::run::run,
        sources::standing::pause,
        sources::standing::resume,
        audit::list::list,
        audit::detail::detail,
        audit::export::export,
        sources::settings::settings,
        sources::trial::examine,
        sources::trial::preview,
        sources::add::add,
        sources::change::edit,
        sources::change::policy,
        sources::change::remove,
    ),
    components(schemas(Problem)),
    tags(
        (name = "you", description = "The token and what it reaches."),
        (name = "overview", description = "Figures, and what needs a person."),
        (name = "capture", description = "What is kept of channels, and what it costs."),
        (name = "catalog", description = "Names, and what is known of a channel."),
        (name = "changes", description = "What changed, and reporting it: deployments, most often."),
        (name = "events", description = "Finding, reading and following events."),
        (name = "searches", description = "Searches that people keep under a name."),
        (name = "links", description = "Short links to searches, and links from values of events to other systems."),
        (name = "monitors", description = "Alerts, the rules that raise them, and the outlets that they are sent to."),
        (name = "erasures", description = "Taking subjects out of the store, and holds that keep events."),
        (name = "lag", description = "Consumer groups: how far behind they are, and moving their positions."),
        (name = "people", description = "People, what they may, and what they ask for."),
        (name = "sources", description = "Sources, their channels, partitions and gaps."),
        (name = "audit", description = "Who did what, and who saw what."),
    ),
    modifiers(&Throughout),
)]
struct Api;

/// The document, made once.
pub fn document() -> &'static openapi::OpenApi {
    static DOCUMENT: OnceLock<openapi::OpenApi> = OnceLock::new();
    DOCUMENT.get_or_init(Api::openapi)
}

/// The document as it is served and committed: indented, and with a line end.
///
/// `root` is the path that Weir stands under, empty at the top of its host.
///
/// # Errors
/// Never, as far as is known: it is made of texts and numbers.
pub fn text(root: &str) -> serde_json::Result<String> {
    let mut document = document().clone();
    if !root.is_empty() {
        document.servers.iter_mut().flatten().for_each(|server| root.clone_into(&mut server.url));
    }
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// The use case behind an operation. Two operations are parts of one use case; the others are called like theirs.
pub fn case_of(operation_id: &str) -> String {
    match operation_id {
        "me" | "environments" => "access/me".to_owned(),
        id => id.replacen('_', "/", 1),
    }
}

/// What an operation asks of its caller, for people and for tools.
pub fn permission_of(operation_id: &str) -> Option<(&'static str, Vec<&'static str>)> {
    match use_case(&case_of(operation_id))?.access {
        Access::Needs(permission) => Some((permission.as_str(), Role::with(permission))),
        Access::SignedIn | Access::Public => None,
    }
}

/// What holds for every operation.
struct Throughout;

impl Modify for Throughout {
    fn modify(&self, api: &mut openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A personal token, made on the page /account/tokens: weir_ and 43 characters."))
            .build();
        let components = api.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let mut sent = vec!["Problem".to_owned()];
        for item in api.paths.paths.values_mut() {
            for (method, operation) in operations(item) {
                throughout(method, operation, &components.schemas);
                sent.extend(body_of(operation));
            }
        }
        // What bodies are made of is sent as well.
        let mut seen = 0;
        while let Some(name) = sent.get(seen).cloned() {
            seen += 1;
            let within = components.schemas.get(&name).map(references).unwrap_or_default();
            sent.extend(within.into_iter().filter(|name| !sent.contains(name)).collect::<Vec<_>>());
        }
        for (_, schema) in components.schemas.iter_mut().filter(|(name, _)| !sent.contains(name)) {
            always_there(schema);
        }
    }
}

/// The name of what an operation takes, if it takes something.
fn body_of(operation: &Operation) -> Option<String> {
    let Some(RefOr::T(body)) = operation.request_body.as_ref() else { return None };
    let schema = body.content.values().find_map(|content| match content {
        RefOr::T(content) => content.schema.as_ref(),
        RefOr::Ref(_) => None,
    })?;
    match schema {
        RefOr::Ref(to) => to.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => None,
    }
}

/// May all of what a schema describes be left out?
fn is_optional(schemas: &BTreeMap<String, RefOr<Schema>>, name: &str) -> bool {
    matches!(schemas.get(name), Some(RefOr::T(Schema::Object(object))) if object.required.is_empty())
}

/// Names of the schemas that a schema is made of.
fn references(schema: &RefOr<Schema>) -> Vec<String> {
    fn look(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(map) => {
                let to = map.get("$ref").and_then(|to| to.as_str()).and_then(|to| to.rsplit('/').next());
                found.extend(to.map(str::to_owned));
                map.values().for_each(|v| look(v, found));
            }
            serde_json::Value::Array(list) => list.iter().for_each(|v| look(v, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    look(&json!(schema), &mut found);
    found
}

/// Every field of an answer is there, with `null` for what is not known; only problems leave fields out.
fn always_there(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => object.required = object.properties.keys().cloned().collect(),
        RefOr::T(Schema::AllOf(all)) => all.items.iter_mut().for_each(always_there),
        _ => {}
    }
}

/// The operations of one path.
pub fn operations(item: &mut openapi::PathItem) -> Vec<(HttpMethod, &mut Operation)> {
    let all = [(HttpMethod::Get, &mut item.get), (HttpMethod::Post, &mut item.post)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?))).collect()
}

fn throughout(method: HttpMethod, operation: &mut Operation, schemas: &BTreeMap<String, RefOr<Schema>>) {
    let id = operation.operation_id.clone().unwrap_or_default();
    let needs = match permission_of(&id) {
        Some((permission, roles)) => format!("Needs `{permission}` (roles: {}).", roles.join(", ")),
        None => "Any token may.".to_owned(),
    };
    let description = operation.description.take().unwrap_or_default();
    operation.description = Some(format!("{description}\n\n{needs}").trim().to_owned());
    let mut extensions = operation.extensions.take().unwrap_or_default();
    // One of them: several would stand in another order each time.
    let permission = permission_of(&id).map(|(permission, _)| permission);
    extensions.insert("x-weir".to_owned(), json!({ "use_case": case_of(&id), "permission": permission }));
    operation.extensions = Some(extensions);
    operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("token", [])]);
    // A command without choices that have to be made needs no body.
    if body_of(operation).is_some_and(|name| is_optional(schemas, &name))
        && let Some(RefOr::T(body)) = &mut operation.request_body
    {
        body.required = Some(Required::False);
    }
    let in_path = |p: &RefOr<Parameter>| matches!(p, RefOr::T(p) if p.parameter_in == ParameterIn::Path);
    let has_path = operation.parameters.iter().flatten().any(in_path);
    let mut statuses = vec![400, 401, 429, 500, 503, 504];
    if permission_of(&id).is_some() {
        statuses.push(403);
    }
    if has_path {
        statuses.push(404);
    }
    if method == HttpMethod::Post {
        statuses.extend([409, 413, 415]);
    }
    // And what the operation itself says beyond that.
    let own = operation.responses.responses.keys().filter_map(|status| status.parse().ok());
    statuses.extend(own.filter(|status: &u16| *status >= 400));
    for status in statuses {
        operation.responses.responses.insert(status.to_string(), RefOr::T(refusal(status)));
    }
}

/// A problem of this status.
fn refusal(status: u16) -> Response {
    let meanings: Vec<_> = KINDS.iter().filter(|k| k.status == status).map(|k| k.meaning).collect();
    let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
    let response = ResponseBuilder::new()
        .description(meanings.join(" Or: "))
        .content(problem::CONTENT_TYPE, Content::new(Some(schema)));
    let seconds = || {
        HeaderBuilder::new()
            .description(Some("Seconds to wait."))
            .schema(Some(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1))))
            .build()
    };
    match status {
        429 | 503 => response.header("Retry-After", seconds()).build(),
        _ => response.build(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn each(mut look: impl FnMut(&str, &str, &Value)) {
        let all = serde_json::to_value(document()).unwrap();
        for (path, item) in all["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap().iter().filter(|(m, _)| *m != "parameters") {
                look(method, path, operation);
            }
        }
    }

    #[test]
    fn every_operation_says_who_may_what_can_go_wrong_and_what_it_is() {
        let mut seen = 0;
        each(|method, path, operation| {
            seen += 1;
            let line = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap();
            let case = use_case(&case_of(id)).unwrap_or_else(|| panic!("{line}: {id} is no use case"));
            assert_eq!(operation["x-weir"]["use_case"], case.name, "{line}");
            match case.access {
                Access::Needs(p) => {
                    assert_eq!(operation["x-weir"]["permission"], p.as_str(), "{line}");
                    assert!(operation["description"].as_str().unwrap().contains(p.as_str()), "{line}");
                }
                _ => assert!(operation["x-weir"]["permission"].is_null(), "{line}"),
            }
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{line}");
            assert_eq!(operation["security"][0]["token"], serde_json::json!([]), "{line}");
            assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{line}");
            for status in ["200", "401", "429", "503"] {
                let words = operation["responses"][status]["description"].as_str();
                assert!(words.is_some_and(|w| !w.is_empty()), "{line}: {status}");
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let words = parameter["description"].as_str().unwrap_or_default();
                assert!(!words.is_empty(), "{line}: {}", parameter["name"]);
            }
        });
        assert!(seen >= 12, "{seen}");
    }

    #[test]
    fn fields_of_answers_are_always_there_and_those_of_problems_are_not() {
        let all = serde_json::to_value(document()).unwrap();
        let schemas = &all["components"]["schemas"];
        let count =
            |of: &Value| (of["required"].as_array().map_or(0, Vec::len), of["properties"].as_object().unwrap().len());
        let (required, properties) = count(&schemas["Event"]);
        assert_eq!(required, properties);
        let (required, properties) = count(&schemas["EventInFull"]["allOf"][1]);
        assert_eq!((required, required > 4), (properties, true));
        assert_eq!(count(&schemas["Problem"]), (6, 9));
        assert_eq!(count(&schemas["GrantGiven"]), (1, 3), "part of a body");
        assert_eq!(count(&schemas["GrantHeld"]), (5, 5), "part of an answer");
        let body = &all["paths"]["/api/v1/sources/{id}/pause"]["post"]["requestBody"];
        assert_eq!(body["required"], false, "{body}");
    }

    #[test]
    fn it_is_openapi_3_1_and_every_reference_leads_somewhere() {
        let all = serde_json::to_value(document()).unwrap();
        assert!(all["openapi"].as_str().unwrap().starts_with("3.1."), "{}", all["openapi"]);
        fn references(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(map) => {
                    found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    map.values().for_each(|v| references(v, found));
                }
                Value::Array(list) => list.iter().for_each(|v| references(v, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        references(&all, &mut found);
        assert!(found.len() > 20, "{found:?}");
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(all.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }
}
