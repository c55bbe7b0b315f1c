//! Everything that is mounted is in the one list of use cases, or in the short list of what is open to all; whoever is
//! not signed in gets nothing, and what another site causes is refused.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use common::{World, client::Ask};
use http::Method;
use weir::http::{Gate, Mounted};
use weir_domain::access::{Access, Kind, USE_CASES, use_case};

/// Open to everybody, on purpose. Whoever adds a line here says why where it is mounted.
const PUBLIC: [&str; 11] = [
    "/api/openapi.json",
    "/api/v1",
    "/api/v1/",
    "/api/v1/{*rest}",
    "/api/{*nothing}",
    "/healthz",
    "/invite",
    "/pkg/{*file}",
    "/readyz",
    "/setup",
    "/sign-in",
];

fn names(gate: &Gate) -> &[&'static str] {
    match gate {
        Gate::Public(_) | Gate::Page => &[],
        Gate::Case(name) | Gate::Token(name) => std::slice::from_ref(name),
        Gate::Streams(names) | Gate::Drawn(names) => names,
    }
}

/// A path that fits the route.
fn example(path: &str) -> String {
    path.replace("{id}", "1-1")
        .replace("{*file}", "none.js")
        .replace("{*rest}", "nowhere")
        .replace("{*any}", "nowhere/at/all")
        .replace("{*nothing}", "nope")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_mounted_is_what_is_listed() {
    let world = World::start().await;
    let mounted = &world.running.mounted;
    let public: BTreeSet<_> =
        mounted.iter().filter(|m| matches!(m.gate, Gate::Public(_))).map(|m| m.path.as_str()).collect();
    assert_eq!(public, BTreeSet::from(PUBLIC), "the list of what is open to all");

    for route in mounted {
        for name in names(&route.gate) {
            let case = use_case(name).unwrap_or_else(|| panic!("{} serves {name}, which is not listed", route.path));
            // A question whose keys must not stand in an address is sent like a command. What a command would do is asked by
            // programs with the command's own body, and shown by a page with an address.
            if *name == "lag/plan" {
                continue;
            }
            let sent = case.kind == Kind::Command || *name == "events/keys";
            let method = if sent { Method::POST } else { Method::GET };
            assert_eq!(route.method, method, "{} for {name}, a {:?}", route.path, case.kind);
        }
    }
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        let name = path.strip_prefix("/api/").unwrap_or_else(|| panic!("{path} is not under /api/"));
        assert!(use_case(name).is_some(), "the server function {path} is not listed");
        let there = mounted.iter().any(|m| m.path == path && m.method == method && names(&m.gate) == [name]);
        assert!(there, "the server function {path} is not mounted by its name");
    }
    let reached: BTreeSet<_> = mounted.iter().flat_map(|m| names(&m.gate)).copied().collect();
    let listed: BTreeSet<_> = USE_CASES.iter().map(|u| u.name).collect();
    assert_eq!(listed, reached, "use cases nobody can reach");
    let streams: BTreeSet<_> = USE_CASES.iter().filter(|u| u.kind == Kind::Stream).map(|u| u.name).collect();
    let topics: BTreeSet<_> =
        mounted.iter().filter(|m| matches!(m.gate, Gate::Streams(_))).flat_map(|m| names(&m.gate)).copied().collect();
    assert_eq!(topics, streams, "topics of streams");
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_signed_in_gets_nothing() {
    let world = World::start().await;
    let ended = {
        let cookie = world.administrator().await;
        let out = world.ask(Ask::form("/sign-out", &[]).cookie(&cookie)).await;
        assert_eq!((out.status, out.header("location")), (303, "/sign-in?done=signed_out"));
        cookie
    };
    for route in &world.running.mounted {
        let needs_somebody = match route.gate {
            Gate::Public(_) => false,
            Gate::Page | Gate::Drawn(_) | Gate::Streams(_) => true,
            Gate::Case(name) => use_case(name).unwrap().access != Access::Public,
            Gate::Token(_) => true,
        };
        for cookie in ["", "weir=", "weir=nonsense", "weir=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &ended] {
            let answer = world.ask(Ask::new(route.method.clone(), &example(&route.path)).cookie(cookie)).await;
            let turned_away =
                answer.status == 401 || (answer.status == 303 && answer.header("location").starts_with("/sign-in"));
            match needs_somebody {
                true => assert!(turned_away, "{route:?} with {cookie:?}: {} {}", answer.status, answer.text()),
                // The forms lead back to themselves with what is wrong.
                false if matches!(route.gate, Gate::Case(_)) => assert_eq!(answer.status, 303, "{route:?}"),
                false => assert!(!turned_away, "{route:?} with {cookie:?}: {}", answer.status),
            }
            match route.gate {
                // For programs a cookie is nothing, be it good or bad.
                Gate::Token(_) => assert_eq!(answer.json()["type"], "urn:weir:error:no_token", "{route:?}"),
                _ if answer.status == 401 => assert_eq!(answer.json()["kind"], "signed_out", "{route:?}"),
                _ => {}
            }
        }
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_causes_is_refused() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let evil: [&[(&str, &str)]; 6] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", ""), ("origin", "https://evil.example")],
        &[("sec-fetch-site", ""), ("origin", "null")],
        &[("sec-fetch-site", "")],
    ];
    let guarded: Vec<&Mounted> =
        world.running.mounted.iter().filter(|m| matches!(m.gate, Gate::Case(_) | Gate::Streams(_))).collect();
    assert!(guarded.len() >= 10, "{guarded:?}");
    for route in guarded {
        for headers in evil {
            let mut request = Ask::new(route.method.clone(), &example(&route.path)).cookie(&cookie);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let answer = world.ask(request).await;
            assert_eq!(answer.status, 403, "{route:?} with {headers:?}: {}", answer.text());
            assert!(answer.headers.get("access-control-allow-origin").is_none());
        }
    }
    // The session is none the worse for it.
    assert_eq!(world.ask(Ask::get("/help").cookie(&cookie)).await.status, 200);
    // A link on another site leads to a page, as links do.
    let linked = Ask::get("/help").header("sec-fetch-site", "cross-site").cookie(&cookie);
    assert_eq!(world.ask(linked).await.status, 200);
    world.running.end().await;
}

#[test]
fn nothing_is_mounted_or_seen_by_the_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = Vec::new();
    for dir in ["app", "server"] {
        collect(&root.join(dir), &mut sources);
    }
    assert!(sources.len() > 50, "{sources:?}");
    // Written in two parts, so that this file is not found itself.
    let allowed: [(String, &[&str]); 4] = [
        (["SystemView::for_", "composition_root"].concat(), &["server/src/compose.rs"]),
        ([".rou", "te("].concat(), &["server/src/http/mount.rs", "server/src/http/routes.rs"]),
        // The others begin on a connection of their own, in upkeep.
        (
            [".beg", "in()"].concat(),
            &[
                "server/store/src/pool.rs",
                "server/store/src/audit/months.rs",
                "server/store/src/maintenance/make.rs",
                "server/store/src/maintenance/retire.rs",
            ],
        ),
        (["SystemTime", "::now"].concat(), &["server/src/clock.rs"]),
    ];
    for path in sources {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        // The demo is a program of its own, which the server knows nothing of.
        let is_test = ["/tests/", "/benches/", "server/bench/", "server/testkit/", "server/demo/", "conformance"]
            .iter()
            .any(|p| name.contains(p));
        let text = fs::read_to_string(&path).unwrap();
        // Tests inside a file stand at its end.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (needle, places) in &allowed {
            // The store's own way of beginning is the one to take.
            let own = |l: &str| ["self", "store"].iter().any(|of| l.contains(&format!("{of}{needle}")));
            let in_code = |l: &str| !l.trim_start().starts_with("//") && !own(l);
            let uses = code.lines().any(|l| l.contains(needle.as_str()) && in_code(l));
            assert!(!uses || is_test || places.contains(&name.as_str()), "{name} has {needle}");
        }
    }
}

fn collect(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "target" && name != "node_modules" {
            collect(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}
