//! Consumer groups for programs.

use crate::{
    common::{
        World,
        client::{Answer, Ask},
        lag::{On, observe},
    },
    kind, problem,
};
use http::Method;
use serde_json::{Value, json};
use weir_domain::{access::Role, lag::Status};

struct Seen {
    world: World,
    token: String,
    viewer: String,
    ids: Vec<String>,
}

async fn seen() -> Seen {
    let world = World::start_with("[environments.test]\nkind = \"other\"").await;
    let cookie = world.administrator().await;
    let seeded = world.seed().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let viewer = world.token(&cookie, "viewer", &[Role::Viewer]).await.text;
    let on = |group, channel, status, lag, loses_in_s| On { group, channel, status, lag, loses_in_s };
    let all = [
        on("billing", "order.placed", Status::Stop, Some(1_204), None),
        on("shipping", "order.placed", Status::Ok, Some(2), None),
        on("archive \"7\"", "payment.failed", Status::Warn, Some(40), Some(7_200)),
        on("dark", "not.captured", Status::Unknown, None, None),
    ];
    let ids = observe(&world.running.parts.store, (seeded.shop, "shop"), &all).await;
    Seen { world, token, viewer, ids: ids.iter().map(ToString::to_string).collect() }
}

impl Seen {
    async fn get(&self, path: &str) -> Value {
        let answer = self.world.rest(&self.token, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }
    async fn post(&self, path: &str, body: Value) -> Answer {
        let ask = Ask::program(Method::POST, path).bearer(&self.token);
        self.world.ask(ask.header("content-type", "application/json").body(body.to_string())).await
    }
    fn of(&self, n: usize, rest: &str) -> String {
        format!("/api/v1/groups/{}{rest}", self.ids[n])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_listed_filtered_sorted_and_cut() {
    let seen = seen().await;
    let all = seen.get("/api/v1/groups").await;
    let names = |page: &Value| -> Vec<String> {
        page["groups"].as_array().unwrap().iter().map(|g| g["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&all), ["archive \"7\"", "billing", "dark", "shipping"], "who loses data first");
    let billing = &all["groups"][1];
    assert_eq!(billing["id"], seen.ids[0]);
    assert_eq!((&billing["lag"], &billing["status"]), (&json!(1_204), &json!("STOP")));
    assert_eq!((&billing["time_lag"]["ms"], &billing["time_lag"]["exact"]), (&json!(250_000), &json!(false)));
    assert_eq!(billing["forecast"]["grows_per_min"], 120.0);
    assert_eq!((&billing["loss"], &billing["owner"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&all["groups"][0]["loss"]["by"], &all["groups"][2]["lag"]),
        (&json!("retention of 24 h"), &Value::Null)
    );
    assert_eq!((&all["matching"], &all["statuses"]["stop"], &all["hidden_groups"]), (&json!(4), &json!(1), &json!(0)));
    assert!(all["sources"].as_array().unwrap().iter().any(|s| s["source"]["name"] == "shop"));
    let source = billing["source"]["id"].as_str().unwrap();
    for (query, want) in [
        ("q=ARCHIVE", vec!["archive \"7\""]),
        ("status=stop", vec!["billing"]),
        (&format!("source={source}&most=1&from=1"), vec!["billing"]),
        ("source=999999", vec![]),
        ("kind=share", vec![]),
        ("channel=order.placed&sort=lag&reverse=true", vec!["shipping", "billing"]),
        ("sort=group&all=true", vec!["archive \"7\"", "billing", "dark", "shipping"]),
        ("env=test&q=dark", vec!["dark"]),
    ] {
        assert_eq!(names(&seen.get(&format!("/api/v1/groups?{query}")).await), want, "{query}");
    }
    for query in
        ["status=bad", "kind=topic", "sort=size", "all=1", "most=1001", "most=0", "from=-1", "source=shop", "limit=5"]
    {
        let answer = seen.world.rest(&seen.token, &format!("/api/v1/groups?{query}")).await;
        assert_eq!((answer.status, kind(&problem(&answer, query))), (400, "invalid"), "{query}");
    }
    seen.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_tells_both_verdicts_and_its_past() {
    let seen = seen().await;
    let group = seen.get(&seen.of(0, "")).await;
    assert_eq!((&group["name"], &group["environment"]["name"]), (&json!("billing"), &json!("test")));
    let on = &group["channels"][0];
    assert_eq!((&on["channel"], on["channel_id"].is_string()), (&json!("order.placed"), true));
    let partition = &on["partitions"][1];
    assert_eq!((&partition["next"], &partition["end"]), (&json!("4398"), &json!("5000")));
    assert_eq!((&partition["verdict"]["status"], &partition["burrow"]["status"]), (&json!("STOP"), &json!("OK")));
    assert_eq!(partition["held_by"], json!({"client_id": "app-1", "host": "10.0.0.7"}));
    assert_eq!(group["members"][0]["holds"], json!([{"channel": "order.placed", "partitions": [0, 1]}]));
    assert_eq!(group["expectation"], "continuous");
    assert_eq!(seen.get(&seen.of(3, "")).await["channels"][0]["channel_id"], Value::Null, "it is not captured");

    let range = "channel=order.placed&from=2026-11-22T13:00:00Z&to=2026-11-22T14:00:00Z";
    let past = seen.get(&seen.of(0, &format!("/history?{range}"))).await;
    assert_eq!((past["observations"].as_array().unwrap().len(), &past["left_out"]), (6, &json!(0)));
    assert_eq!(
        past["observations"][5]["partitions"][0],
        json!({"partition": 0, "next": "5", "end": "5000", "lag": 4995})
    );
    let thin = seen.get(&seen.of(0, &format!("/history?{range}&most=2"))).await;
    assert_eq!((thin["observations"].as_array().unwrap().len(), &thin["left_out"]), (2, &json!(4)));
    for (path, status) in [
        (seen.of(0, "/history?channel=order.placed"), 400),
        (seen.of(0, "/history?channel=order.placed&from=2026-11-22T14:00:00Z&to=2026-11-22T13:00:00Z"), 400),
        (seen.of(0, &format!("/history?{}", range.replace("order.placed", "payment.failed"))), 404),
        ("/api/v1/groups/999999".to_owned(), 404),
        ("/api/v1/groups/nonsense".to_owned(), 404),
    ] {
        let answer = seen.world.rest(&seen.token, &path).await;
        assert_eq!(answer.status, status, "{path}");
        problem(&answer, &path);
    }
    seen.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_group_is_kept_and_acts_say_why_not() {
    let seen = seen().await;
    let set = json!({"expectation": "daily 02:00-02:40", "owner": "Team Billing"});
    assert_eq!(seen.post(&seen.of(0, "/settings"), set).await.json(), json!({"id": seen.ids[0]}));
    let group = seen.get(&seen.of(0, "")).await;
    assert_eq!((&group["expectation"], &group["expectation_set"]), (&json!("daily 02:00-02:40"), &json!(true)));
    assert_eq!((&group["owner"], &group["note"]), (&json!("Team Billing"), &Value::Null));
    seen.post(&seen.of(0, "/settings"), json!({})).await;
    assert_eq!(seen.get(&seen.of(0, "")).await["owner"], Value::Null, "it is written whole");

    assert_eq!(seen.post(&seen.of(1, "/archive"), json!({"archived": true})).await.status, 200);
    let listed = seen.get("/api/v1/groups").await;
    assert_eq!((&listed["matching"], &listed["left_out"]), (&json!(3), &json!(1)));
    assert_eq!(seen.get("/api/v1/groups?all=true").await["matching"], 4);
    assert!(seen.get(&seen.of(1, "")).await["archived"]["by"].is_string());
    seen.post(&seen.of(1, "/archive"), json!({"archived": false})).await;
    assert_eq!(seen.get("/api/v1/groups").await["matching"], 4);

    // Its source is not read by this server: nothing can be moved, and that is said.
    let plan = seen.post(&seen.of(0, "/plan"), json!({"channel": "order.placed", "to": "earliest"})).await;
    assert_eq!(plan.status, 200, "{}", plan.text());
    assert!(plan.json()["refused"]["what"].is_string(), "{}", plan.text());
    let moved = json!({"channel": "order.placed", "to": "earliest", "seen": [{"partition": 0, "from": "1"}]});
    for (rest, body, status) in [
        ("/settings", json!({"expectation": "sometimes"}), 400),
        ("/settings", json!({"owners": "x"}), 400),
        ("/archive", json!({}), 400),
        ("/plan", json!({"channel": "order.placed", "to": "nowhere"}), 400),
        ("/plan", json!({"channel": "payment.failed", "to": "earliest"}), 404),
        ("/reset", moved.clone(), 409),
        ("/reset", json!({"channel": "order.placed", "to": "earliest"}), 400),
        ("/reset", json!({"channel": "order.placed", "to": "earliest", "seen": []}), 400),
        ("/undo", json!({"reset": "none"}), 404),
        ("/delete", json!({"name": "shipping"}), 400),
        ("/delete", json!({"name": "billing"}), 409),
    ] {
        let answer = seen.post(&seen.of(0, rest), body.clone()).await;
        assert_eq!(answer.status, status, "{rest} {body}: {}", answer.text());
        problem(&answer, rest);
    }
    let ask = Ask::program(Method::POST, &seen.of(0, "/reset")).bearer(&seen.viewer);
    let refused = seen.world.ask(ask.header("content-type", "application/json").body(moved.to_string())).await;
    assert_eq!((refused.status, kind(&problem(&refused, "viewer"))), (403, "not_allowed"));
    seen.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_report_where_they_stand() {
    let seen = seen().await;
    let report = |group: &str, next: &str| {
        json!({"source": "shop", "group": group, "application": "totals",
            "positions": [{"channel": "order.placed", "partition": 0, "next": next}]})
    };
    let taken = seen.post("/api/v1/groups/report", report("spark", "12")).await;
    assert_eq!((taken.status, taken.json()), (200, json!({"group": "spark", "positions": 1})), "{}", taken.text());
    seen.post("/api/v1/groups/report", report("spark", "13")).await;
    let kept = seen.world.sql("select name, application, positions from lag_reported").await;
    assert_eq!(kept.trim(), r#"spark|totals|[{"channel":"order.placed","partition":0,"next":13}]"#);
    for (body, status) in [
        (report("billing", "1"), 409),
        (report("spark", "x"), 400),
        (report("", "1"), 400),
        (json!({"source": "shop", "group": "g", "application": "a", "positions": [["order.placed", 0, "1"]]}), 400),
    ] {
        let answer = seen.post("/api/v1/groups/report", body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
        problem(&answer, "report");
    }
    seen.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_exported_as_lines_and_as_a_table() {
    let seen = seen().await;
    let export = async |token: &str, query: &str| {
        let answer = seen.world.rest(token, &format!("/api/v1/groups/export?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        answer.text()
    };
    let lines = export(&seen.token, "channel=order.placed&sort=lag&reverse=true").await;
    let lines: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let listed = seen.get("/api/v1/groups?channel=order.placed&sort=lag&reverse=true").await;
    assert_eq!(json!(lines[..2]), listed["groups"], "as lists have them");
    assert_eq!((&lines[2]["complete"], &lines[2]["groups"], lines.len()), (&json!(true), &json!(2), 3));

    let table = export(&seen.viewer, "format=csv&sort=group").await;
    let rows: Vec<&str> = table.split("\r\n").collect();
    assert!(rows[0].starts_with("status,group,kind,state,source,channels,lag,"), "{table}");
    assert!(rows[1].starts_with("WARN,\"archive \"\"7\"\"\","), "{table}");
    assert!(rows[2].starts_with("STOP,billing,") && rows[2].contains(",1204,"), "{table}");
    assert!(rows[3].starts_with("UNKNOWN,dark,"), "unknown is nothing, never 0: {table}");
    let columns = rows[0].split(',').count();
    assert_eq!((columns, rows[4].matches(',').count() + 1), (22, 22), "{table}");
    for query in ["format=xlsx", "most=5", "sort=size"] {
        let answer = seen.world.rest(&seen.token, &format!("/api/v1/groups/export?{query}")).await;
        assert_eq!((answer.status, kind(&problem(&answer, query))), (400, "invalid"), "{query}");
    }
    seen.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_told_with_who_reads_it() {
    let seen = seen().await;
    let group = seen.get(&seen.of(0, "")).await;
    let channel = group["channels"][0]["channel_id"].as_str().unwrap();
    let told = seen.get(&format!("/api/v1/channels/{channel}")).await;
    assert_eq!((&told["channel"]["name"], &told["source"]["name"]), (&json!("order.placed"), &json!("shop")));
    let readers: Vec<_> = told["readers"]["groups"].as_array().unwrap().iter().map(|g| g["name"].clone()).collect();
    assert_eq!((json!(readers), &told["readers"]["matching"]), (json!(["billing", "shipping"]), &json!(2)));
    assert!(!told["partitions"].as_array().unwrap().is_empty(), "{told}");
    assert_eq!(told["at_broker"], Value::Null, "its broker was not asked");

    // Both partitions take the same: none is hot.
    let cold = seen.world.rest(&seen.token, &seen.of(0, &format!("/hot-key?channel={channel}"))).await;
    assert_eq!(cold.status, 404, "{}", cold.text());
    let wrong = seen.world.rest(&seen.token, &seen.of(0, "/hot-key")).await;
    assert_eq!((wrong.status, kind(&problem(&wrong, "no channel"))), (400, "invalid"));
    for path in ["/api/v1/channels/999999", "/api/v1/channels/nonsense"] {
        assert_eq!(seen.world.rest(&seen.token, path).await.status, 404, "{path}");
    }
    seen.world.running.end().await;
}
