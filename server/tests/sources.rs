//! Sources made in the browser, through the forms and on real brokers: tried out, added, read, changed, removed.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;
mod topics;

use std::{sync::Arc, time::Instant};

use common::{
    LIMIT, World,
    client::{Answer, Ask},
};
use krafka::{
    Record,
    admin::{
        AclBinding, AclOperation, AclPatternType, AclPermissionType, AclResourceType, CreateAclsOptions, NewTopic,
    },
};
use serde_json::{Value, json};
use weir::{
    made::{ForTaps, Maker},
    vault::{KeyVault, SecretKey},
};
use weir_broker::AddressRule;
use weir_domain::{access::SystemView, sources::MadeSources as _};
use weir_engines::MadeSpecs as _;
use weir_testkit::{Kafka, KafkaOptions, PrivateDir, free_port};

const ENVIRONMENT: &str = "[environments.test]\nkind = \"other\"";

/// A server that can keep secrets, its administrator's cookie, and the key's directory.
async fn world() -> (World, String, PrivateDir) {
    let dir = PrivateDir::new("key").unwrap();
    let file = dir.path().join("weir.key");
    std::fs::write(&file, SecretKey::random().unwrap().to_base64()).unwrap();
    let world = World::start_with(&format!("secrets_key_file = {:?}\n{ENVIRONMENT}", file.display().to_string())).await;
    let cookie = world.administrator().await;
    (world, cookie, dir)
}

async fn environment(world: &World, cookie: &str) -> String {
    let begun = Instant::now();
    loop {
        let me = world.ask(Ask::get("/api/access/me").cookie(cookie)).await.json();
        if let Some(id) = me["environments"][0]["id"].as_i64() {
            return id.to_string();
        }
        assert!(begun.elapsed() < LIMIT, "the environment never came");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

type Fields = Vec<(&'static str, String)>;

fn form(addresses: &str, environment: &str) -> Fields {
    [
        ("kind", "kafka"),
        ("name", "made-here"),
        ("addresses", addresses),
        ("tls", "off"),
        ("sign_in", "none"),
        ("environment", environment),
        ("capture", "full"),
        ("act", "none"),
        ("channels", "*"),
        ("start", "earliest"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

fn with(mut fields: Fields, changes: &[(&'static str, &str)]) -> Fields {
    for (name, value) in changes {
        fields.retain(|(n, _)| n != name);
        fields.push((name, (*value).to_owned()));
    }
    fields
}

async fn post(world: &World, cookie: &str, path: &str, fields: &Fields) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    world.ask(Ask::form(path, &fields).cookie(cookie)).await
}

/// The value of a form's field on a page.
fn value(page: &str, name: &str) -> String {
    let tag = page.split('<').find(|t| t.contains(&format!("name=\"{name}\""))).unwrap_or_default();
    tag.split_once("value=\"").map_or(String::new(), |(_, rest)| rest.split('"').next().unwrap_or_default().to_owned())
}

async fn until(world: &World, cookie: &str, path: &str, what: &str, held: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = world.ask(Ask::get(path).cookie(cookie)).await.json();
        if held(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < LIMIT * 2, "this never came: {what}; last {answer}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

struct Cluster {
    kafka: Kafka,
    client: krafka::Kafka,
}

impl Cluster {
    /// With TLS, sign-in and rights: `weir-tap` may read `open` and only describe `closed`.
    async fn start() -> Self {
        let options = KafkaOptions { secure: true, ..KafkaOptions::default() }
            .with("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
            .with("super.users", "User:ANONYMOUS");
        let kafka = Kafka::start(options).unwrap();
        let client = krafka::Kafka::builder(kafka.bootstrap()).connect().await.unwrap();
        let topics = ["open", "closed"].map(|t| NewTopic::new(t, 1, 1).unwrap());
        topics::make(&client, topics).await;
        let cluster = Self { kafka, client };
        cluster.allow("open", AclOperation::Read).await;
        cluster.allow("closed", AclOperation::Describe).await;
        cluster
    }

    async fn allow(&self, topic: &str, operation: AclOperation) {
        let binding = AclBinding {
            resource_type: AclResourceType::Topic,
            resource_name: topic.to_owned(),
            // krafka 0.28.1 numbers these one too low: what it calls prefixed is Kafka's LITERAL (3).
            pattern_type: AclPatternType::Prefixed,
            principal: format!("User:{}", self.kafka.secure().unwrap().user.name),
            host: "*".to_owned(),
            operation,
            permission_type: AclPermissionType::Allow,
        };
        let made = self.client.admin().create_acls(vec![binding], CreateAclsOptions::default()).await.unwrap();
        made.into_iter().for_each(|(_, result)| result.unwrap());
    }

    async fn send(&self, topic: &str, key: &str) {
        let producer = self.client.producer().build().await.unwrap();
        let _placed = producer.send(Record::new(topic, "{}").key(key.to_owned())).await.unwrap();
        producer.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_an_empty_form_to_the_first_event_with_every_mistake_explained() {
    let ((world, cookie, _key), cluster) = tokio::join!(world(), Cluster::start());
    let secure = cluster.kafka.secure().unwrap();
    let (user, password) = (secure.user.name, secure.user.password);
    let here = environment(&world, &cookie).await;
    cluster.send("open", "first-event").await;
    let page = world.ask(Ask::get("/sources/new").cookie(&cookie)).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Test connection") && !page.text().contains("no key to seal"), "{}", page.text());

    let right = with(
        form(&secure.sasl_tls.to_string(), &here),
        &[
            ("tls", "on"),
            ("ca_pem", &secure.ca_pem),
            ("sign_in", "scram-sha-512"),
            ("username", user),
            ("password", password),
            ("channels", "open"),
        ],
    );
    let nowhere = format!("127.0.0.1:{}", free_port(None).unwrap());
    for (changes, said) in [
        (&[("addresses", nowhere.as_str())][..], "nobody listens on this port"),
        (&[("password", "not the password")], "wrong user or password"),
        (&[("tls", "off")], "speaks TLS, and these settings are without"),
        (&[("ca_pem", "")], "an authority that is not trusted"),
        (&[("channels", "open\r\nclosed")], "lacks the right READ on 1 of 2 included channels: closed"),
        (&[("addresses", "169.254.169.254:9092")], "allow_addresses"),
    ] {
        let answer = post(&world, &cookie, "/sources/examine", &with(right.clone(), changes)).await;
        let text = answer.text();
        assert_eq!(answer.status, 200, "{text}");
        assert!(text.contains(said), "{said} is not in {text}");
        assert!(!text.contains(password) && !text.contains("not the password"), "a secret travels back");
    }
    let none = world.ask(Ask::get("/api/sources/list").cookie(&cookie)).await.json();
    assert_eq!(none["sources"], serde_json::json!([]), "nothing is stored");

    let tested = post(&world, &cookie, "/sources/examine", &right).await.text();
    assert!(tested.contains("The connection works."), "{tested}");
    // From here on the form carries the password sealed, and nobody types it again.
    let kept = value(&tested, "kept");
    assert!(!kept.is_empty());
    let carried = with(right, &[("password", ""), ("kept", &kept)]);
    let looked = post(&world, &cookie, "/sources/preview", &carried).await.text();
    assert!(
        looked.contains("1 channel included") && looked.contains(">open<") && looked.contains(">closed<"),
        "{looked}"
    );
    assert!(looked.contains("DESCRIBE on the cluster"), "{looked}");
    // `closed` as well: it is told, and the other is read all the same.
    let carried = with(carried, &[("channels", "open\r\nclosed")]);
    let added = post(&world, &cookie, "/sources/new", &carried).await;
    assert_eq!(added.status, 303, "{}", added.text());
    let path = added.header("location").to_owned();
    let id = path.strip_prefix("/sources/").unwrap().to_owned();

    let detail = format!("/api/sources/detail?source={id}");
    let event = |answer: &Value| answer.to_string().contains("first-event");
    until(&world, &cookie, "/api/events/list?query=", "the first event", event).await;
    let closed = |d: &Value| d["channels"].to_string().contains("lacks the right READ on this topic");
    let shown = until(&world, &cookie, &detail, "the missing right", closed).await;
    assert!(shown.to_string().contains("--operation READ --topic closed"), "{shown}");
    let read = until(&world, &cookie, &detail, "it is up", |d| d["source"]["state"] == "up").await;
    assert_eq!((&read["source"]["may_edit"], &read["source"]["name"]), (&true.into(), &"made-here".into()));

    // No table holds the password, as text or as bytes.
    let tables = "select string_agg(query_to_xml(format('select * from %I', table_name), true, false, '')::text, '') \
                  from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'";
    let all = world.sql(tables).await;
    assert!(all.contains("made-here") && !all.contains(password), "a table holds the password");
    let bytes: String = password.bytes().map(|b| format!("{b:02x}")).collect();
    let found = world
        .sql(&format!("select count(*) from source_secret where position('\\x{bytes}'::bytea in sealed) > 0"))
        .await;
    assert_eq!((found.as_str(), world.sql("select count(*) from source_secret").await.as_str()), ("0", "1"));

    // The connection is edited without the password, unless it would lead elsewhere.
    let edit = format!("{path}/edit");
    let page = world.ask(Ask::get(&edit).cookie(&cookie)).await.text();
    assert!(!page.contains(password) && page.contains("leave it empty to keep it"), "{page}");
    let version = value(&page, "version");
    let moved = with(carried, &[("kept", ""), ("version", &version)]);
    let away = with(moved.clone(), &[("addresses", "127.0.0.1:1")]);
    for path in [format!("{path}/examine"), edit.clone()] {
        let refused = post(&world, &cookie, &path, &away).await;
        assert_eq!(refused.status, 400, "{path}");
        assert!(refused.text().contains("give this again"), "{}", refused.text());
    }
    let tested = post(&world, &cookie, &format!("{path}/examine"), &moved).await.text();
    assert!(tested.contains("lacks the right READ"), "the kept password signs in: {tested}");
    let saved = post(&world, &cookie, &edit, &with(moved.clone(), &[("rack", "a")])).await;
    assert_eq!(
        (saved.status, saved.header("location")),
        (303, format!("{edit}?done=edited").as_str()),
        "{}",
        saved.text()
    );
    let late = post(&world, &cookie, &edit, &moved).await;
    assert_eq!(late.status, 409, "{}", late.text());

    // What is read changes, and reading goes on where it stood.
    let policy = format!("{path}/policy");
    let version = value(&world.ask(Ask::get(&policy).cookie(&cookie)).await.text(), "version");
    let only_open = with(moved, &[("channels", "open"), ("version", &version)]);
    let looked = post(&world, &cookie, &format!("{path}/preview"), &only_open).await.text();
    assert!(looked.contains("1 channel included"), "{looked}");
    let none = post(&world, &cookie, &policy, &with(only_open.clone(), &[("channels", "")])).await;
    assert_eq!(none.status, 400);
    assert_eq!(post(&world, &cookie, &policy, &only_open).await.status, 303);
    cluster.send("open", "second-event").await;
    let both = |a: &Value| a.to_string().contains("second-event");
    let events = until(&world, &cookie, "/api/events/list?query=", "the second event", both).await.to_string();
    assert_eq!(events.matches("\"first-event\"").count(), 1, "nothing is read twice: {events}");
    until(&world, &cookie, &detail, "what is left out", |d| d["left_out"] == serde_json::json!(["closed"])).await;

    // Given up: no more of it is read, and what was read stays.
    let asked = world.ask(Ask::get(&format!("{path}/remove")).cookie(&cookie)).await.text();
    assert!(asked.contains("Stop reading made-here and keep its events"), "{asked}");
    assert_eq!(post(&world, &cookie, &format!("{path}/remove"), &Vec::new()).await.header("location"), "/sources");
    let gone = until(&world, &cookie, &detail, "it is gone", |d| d["source"]["orphan"] == true).await;
    assert_eq!(gone["source"]["may_edit"], false);
    assert!(event(&world.ask(Ask::get("/api/events/list?query=").cookie(&cookie)).await.json()));
    assert_eq!(world.sql("select count(*) from source_secret").await, "0");
    assert_eq!(world.ask(Ask::get(&edit).cookie(&cookie)).await.status, 404);
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_makes_changes_and_gives_up_a_source() {
    let ((world, cookie, _key), kafka) = tokio::join!(world(), async {
        Kafka::start(KafkaOptions { secure: true, ..KafkaOptions::default() }).unwrap()
    });
    environment(&world, &cookie).await;
    let secure = kafka.secure().unwrap();
    let password = secure.user.password;
    let client = krafka::Kafka::builder(kafka.bootstrap()).connect().await.unwrap();
    let topics = [NewTopic::new("open", 1, 1).unwrap()];
    topics::make(&client, topics).await;
    let token = world.token(&cookie, "pipeline", &[weir_domain::access::Role::Admin]).await.text;
    let post = async |path: &str, body: Value| {
        let ask = Ask::program(http::Method::POST, path).bearer(&token).header("content-type", "application/json");
        let answer = world.ask(ask.body(body.to_string())).await;
        assert!(!answer.text().contains(password), "a secret travels back: {}", answer.text());
        (answer.status, answer.json())
    };
    let connection = |address: &str| {
        let sign_in = json!({"mechanism": "scram-sha-512", "username": secure.user.name});
        json!({"kind": "kafka", "addresses": [address], "tls": {"ca_pem": secure.ca_pem}, "sign_in": sign_in})
    };
    let (address, secrets) = (secure.sasl_tls.to_string(), json!({"password": password}));

    let (status, tried) =
        post("/api/v1/sources/examine", json!({"connection": connection(&address), "secrets": {"password": "no"}}))
            .await;
    assert_eq!((status, &tried["works"]), (200, &json!(false)), "{tried}");
    let failed = tried["steps"].as_array().unwrap().iter().find(|s| s["outcome"] == "failed").unwrap();
    assert_eq!(failed["step"], "signs_in");
    assert!(failed["detail"].as_str().unwrap().contains("wrong user or password"), "{failed}");
    let trial = json!({"connection": connection(&address), "secrets": secrets});
    let (_, tried) = post("/api/v1/sources/examine", trial.clone()).await;
    assert_eq!(tried["works"], true, "{tried}");
    let (_, seen) = post("/api/v1/sources/preview", trial).await;
    assert_eq!((&seen["included"], &seen["channels"][0]["name"]), (&json!(1), &json!("open")), "{seen}");

    // All that is wrong, by the names that things have here.
    let policy = json!({"capture": "full", "act": "none", "channels": ["open"], "start": "earliest"});
    let new = |name: &str| {
        json!({"name": name, "environment": "test", "connection": connection(&address), "policy": policy,
               "secrets": secrets})
    };
    let mut wrong = new("Not a name");
    wrong["connection"]["addresses"] = json!(["nowhere"]);
    wrong["policy"]["capture"] = json!("all");
    wrong["secrets"] = json!({});
    let (status, told) = post("/api/v1/sources", wrong).await;
    assert_eq!(status, 400);
    for place in ["name: ", "connection.addresses: ", "policy.capture: ", "secrets.password: "] {
        assert!(told["detail"].as_str().unwrap().contains(place), "{place} in {told}");
    }
    let mut elsewhere = new("by-program");
    elsewhere["environment"] = json!("nowhere");
    assert_eq!(post("/api/v1/sources", elsewhere).await.0, 400);

    let (status, added) = post("/api/v1/sources", new("by-program")).await;
    assert_eq!(status, 200, "{added}");
    let id = added["id"].as_str().unwrap();
    let at = |rest: &str| format!("/api/v1/sources/{id}{rest}");
    let begun = Instant::now();
    loop {
        let source = world.rest(&token, &at("")).await.json();
        if source["state"] == "up" {
            assert_eq!(source["may_edit"], true);
            break;
        }
        assert!(begun.elapsed() < LIMIT * 2, "it is never read: {source}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let settings = world.rest(&token, &at("/settings")).await;
    assert!(!settings.text().contains(password));
    let settings = settings.json();
    assert_eq!((&settings["version"], &settings["secrets"]), (&json!("1"), &json!(["password"])));
    assert_eq!(settings["policy"]["start"], "earliest");

    // The kept password goes on, but not to another machine.
    let mut rack = settings["connection"].clone();
    rack["rack"] = json!("a");
    let edit = |version: &str, connection: &Value| json!({"version": version, "environment": "test", "connection": connection});
    let (status, edited) = post(&at("/edit"), edit("1", &rack)).await;
    assert_eq!((status, edited), (200, json!({"id": id, "version": "2"})));
    assert_eq!(post(&at("/edit"), edit("1", &rack)).await.0, 409, "somebody was quicker");
    let (status, told) = post(&at("/edit"), edit("2", &connection("127.0.0.1:1"))).await;
    assert_eq!(status, 400);
    assert!(told["detail"].as_str().unwrap().starts_with("secrets.password: The connection leads elsewhere"), "{told}");
    let own = json!({"source": id, "connection": rack});
    assert_eq!(post("/api/v1/sources/examine", own).await.1["works"], true, "by the kept password");
    // What is changed before the feed has seen it at all is no change.
    until_told(&world, &token, "Source by-program added").await;
    let mut metadata = policy.clone();
    metadata["capture"] = json!("metadata");
    let (status, changed) = post(&at("/policy"), json!({"version": "2", "policy": metadata})).await;
    assert_eq!((status, &changed["version"]), (200, &json!("3")), "{changed}");

    let told = until_told(&world, &token, "capture metadata (was full)").await;
    assert!(told.contains("Mara Lindqvist"), "{told}");

    let (status, removed) = post(&at("/remove"), json!({})).await;
    assert_eq!((status, removed), (200, json!({"id": id})));
    for gone in ["/remove", "/edit", "/policy"] {
        let body = match gone {
            "/edit" => edit("3", &rack),
            "/policy" => json!({"version": "3", "policy": policy}),
            _ => json!({}),
        };
        assert_eq!(post(&at(gone), body).await.0, 404, "{gone}");
    }
    assert_eq!(world.rest(&token, &at("/settings")).await.status, 404);
    assert_eq!(world.rest(&token, &at("")).await.json()["orphan"], true, "with its events it stays");
    until_told(&world, &token, "Source by-program removed").await;
    world.running.end().await;
}

/// The change feed, once it tells this.
async fn until_told(world: &World, token: &str, what: &str) -> String {
    let begun = Instant::now();
    loop {
        let told = world.rest(token, "/api/v1/changes").await.text();
        if told.contains(what) {
            return told;
        }
        assert!(begun.elapsed() < LIMIT, "{what} is never told: {told}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_refused_and_without_a_key_nothing_secret_is_kept() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let here = environment(&world, &cookie).await;
    let page = world.ask(Ask::get("/sources/new").cookie(&cookie)).await.text();
    assert!(page.contains("no key to seal secrets with") && page.contains("weir secrets-key"), "{page}");
    let with_password = with(
        form("127.0.0.1:9092", &here),
        &[("sign_in", "plain"), ("username", "weir"), ("password", "a password of mine")],
    );
    let refused = post(&world, &cookie, "/sources/new", &with_password).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("secrets_key_file") && !refused.text().contains("a password of mine"));
    // Mistakes stand at their fields, and what was typed stands there too.
    let wrong = with(form("kafka", &here), &[("name", "Ü"), ("channels", ""), ("environment", "")]);
    let refused = post(&world, &cookie, "/sources/new", &wrong).await;
    let text = refused.text();
    assert_eq!(refused.status, 400);
    for field in ["addresses", "name", "channels", "environment"] {
        assert!(text.contains(&format!("href=\"#{field}\"")), "{field}: {text}");
    }
    assert!(text.contains("id=\"addresses-wrong\"") && text.contains(">kafka</textarea>"), "{text}");
    let none = world.ask(Ask::get("/api/sources/list").cookie(&cookie)).await.json();
    assert_eq!(none["sources"], serde_json::json!([]));
    // A number that is none, and one that is nobody's.
    for id in ["x", "4711"] {
        assert_eq!(world.ask(Ask::get(&format!("/sources/{id}/edit")).cookie(&cookie)).await.status, 404, "{id}");
        assert_eq!(post(&world, &cookie, &format!("/sources/{id}/remove"), &Vec::new()).await.status, 400, "{id}");
    }

    world.only_viewers_remain().await;
    let page = world.ask(Ask::get("/sources/new").cookie(&cookie)).await.text();
    assert!(page.contains("sources.edit") && !page.contains("Test connection"), "{page}");
    for path in ["/sources/new", "/sources/examine", "/sources/preview"] {
        let refused = post(&world, &cookie, path, &form("127.0.0.1:9092", &here)).await;
        assert_eq!(refused.status, 403, "{path}");
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_opens_what_the_old_one_sealed_and_seals_it_anew() {
    let (world, cookie, key) = world().await;
    let here = environment(&world, &cookie).await;
    let fields = with(
        form("127.0.0.1:1", &here),
        &[("sign_in", "plain"), ("username", "weir"), ("password", "a password of mine")],
    );
    let added = post(&world, &cookie, "/sources/new", &fields).await;
    assert_eq!(added.status, 303, "{}", added.text());
    let (store, system) = (world.running.parts.store.clone(), SystemView::for_composition_root());
    let source = store.versions(&system).await.unwrap()[0].source;
    let old = SecretKey::parse(&std::fs::read_to_string(key.path().join("weir.key")).unwrap()).unwrap();
    let new = SecretKey::random().unwrap();
    let taps = |keys: &[&SecretKey]| ForTaps {
        store: store.clone(),
        vault: Arc::new(KeyVault::new(keys.iter().map(|k| (*k).clone()).collect())),
        maker: Maker {
            rule: Arc::new(AddressRule::default()),
            clock: world.running.parts.clock.clone(),
            instance: Arc::default(),
        },
        system: system.clone(),
        read_only: true,
    };
    let keys = || world.sql("select string_agg(key_id, ',') from source_secret");
    let why = async |keys: &[&SecretKey]| taps(keys).spec(source).await.unwrap().unwrap().spec.err();
    assert_eq!(keys().await, old.id());
    let without = why(&[&new]).await.unwrap();
    assert!(without.contains(old.id()) && without.contains("secrets_key_file"), "{without}");
    assert!(why(&[]).await.is_some());
    assert_eq!(why(&[&new, &old]).await, None);
    assert_eq!(keys().await, new.id(), "sealed anew");
    assert_eq!(why(&[&new]).await, None, "the old key can go");
    let spec = taps(&[&new]).spec(source).await.unwrap().unwrap().spec.unwrap_or_else(|e| panic!("{e}"));
    assert!(spec.wanted.read_only, "the configuration's word stands over the source's");
    world.running.end().await;
}
