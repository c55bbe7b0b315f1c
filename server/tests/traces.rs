//! Traces of Weir itself, as a collector gets them: a real server, and a small receiver that really listens.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod broker;
mod common;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::Instant,
};

use broker::{Topic, source};
use common::{
    LIMIT, PASSWORD,
    client::{Ask, ask},
};
use serde_json::Value;
use weir_testkit::{Kafka, PrivateDir, fresh_database};

/// A span as it came, flat.
#[derive(Debug, Clone)]
struct Span {
    name: String,
    kind: u64,
    trace: String,
    id: String,
    parent: String,
    micros: u64,
    failed: bool,
    attributes: BTreeMap<String, String>,
}

/// Takes OTLP over HTTP until the test ends; refuses the first request, as a collector that is not ready does.
struct Receiver {
    address: SocketAddr,
    spans: Arc<Mutex<Vec<Span>>>,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (spans, bodies) = (Arc::default(), Arc::default());
        let receiver = Self { address, spans: Arc::clone(&spans), bodies: Arc::clone(&bodies) };
        std::thread::spawn(move || {
            for (nth, stream) in listener.incoming().flatten().enumerate() {
                let mut reader = BufReader::new(stream);
                let mut head = Vec::new();
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
                        break;
                    }
                    head.push(line.trim().to_lowercase());
                }
                assert_eq!(head[0], "post /v1/traces http/1.1", "{head:?}");
                assert!(head.contains(&"content-type: application/json".to_owned()), "{head:?}");
                let length = head.iter().find_map(|l| l.strip_prefix("content-length: ")).expect("a length");
                let mut body = vec![0; length.parse().unwrap()];
                reader.read_exact(&mut body).unwrap();
                let answer = if nth == 0 { "503 Service Unavailable" } else { "200 OK" };
                if nth > 0 {
                    let body = String::from_utf8(body).unwrap();
                    spans.lock().unwrap().extend(parse(&body));
                    bodies.lock().unwrap().push(body);
                }
                write!(reader.get_mut(), "HTTP/1.1 {answer}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}")
                    .unwrap();
            }
        });
        receiver
    }

    fn until(&self, what: &str, wanted: impl Fn(&Span) -> bool) -> Span {
        let begun = Instant::now();
        loop {
            let spans = self.spans.lock().unwrap().clone();
            if let Some(span) = spans.iter().find(|s| wanted(s)) {
                return span.clone();
            }
            assert!(begun.elapsed() < LIMIT, "{what} never came: {spans:#?}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}

/// An ExportTraceServiceRequest, checked where it could be wrong.
fn parse(body: &str) -> Vec<Span> {
    let request: Value = serde_json::from_str(body).unwrap();
    let mut spans = Vec::new();
    for resource in request["resourceSpans"].as_array().unwrap() {
        let of = attributes(&resource["resource"]["attributes"]);
        assert_eq!((of["service.name"].as_str(), of["service.version"].as_str()), ("weir", env!("CARGO_PKG_VERSION")));
        assert!(of["service.instance.id"].len() > 10);
        for span in resource["scopeSpans"].as_array().unwrap().iter().flat_map(|s| s["spans"].as_array().unwrap()) {
            let text = |key: &str| span[key].as_str().unwrap_or_default().to_owned();
            let nanos = |key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
            let (begun, ended) = (nanos("startTimeUnixNano"), nanos("endTimeUnixNano"));
            assert!(begun > 1_700_000_000_000_000_000 && ended >= begun, "{span}");
            let hex = |text: &str, digits: usize| {
                text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit()) && text.bytes().any(|b| b != b'0')
            };
            assert!(hex(&text("traceId"), 32) && hex(&text("spanId"), 16), "{span}");
            spans.push(Span {
                name: text("name"),
                kind: span["kind"].as_u64().unwrap(),
                trace: text("traceId"),
                id: text("spanId"),
                parent: text("parentSpanId"),
                micros: (ended - begun) / 1000,
                failed: span["status"]["code"] == 2,
                attributes: attributes(&span["attributes"]),
            });
        }
    }
    spans
}

fn attributes(list: &Value) -> BTreeMap<String, String> {
    let value = |v: &Value| v["stringValue"].as_str().or(v["intValue"].as_str()).unwrap().to_owned();
    list.as_array().unwrap().iter().map(|a| (a["key"].as_str().unwrap().to_owned(), value(&a["value"]))).collect()
}

/// Kills it if the test ends early.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(dir: &PrivateDir, database: &str) -> (Server, SocketAddr) {
    let child = Command::new(env!("CARGO_BIN_EXE_weir"))
        .args(["serve", "--config", "weir.toml"])
        .current_dir(dir.path())
        .env("DATABASE", database)
        // Its own log at its quietest takes nothing away from the traces.
        .env("WEIR_LOG", "weir=info")
        .env("WEIR_LOG_FORMAT", "json")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut server = Server(child);
    let lines = BufReader::new(server.0.stderr.take().unwrap()).lines().map_while(Result::ok);
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || lines.for_each(|line| drop(tell.send(line))));
    let begun = Instant::now();
    loop {
        let line = told.recv_timeout(LIMIT).expect("it never listened");
        assert!(begun.elapsed() < LIMIT);
        if let Some(address) = serde_json::from_str::<Value>(&line).unwrap()["address"].as_str() {
            return (server, address.parse().unwrap());
        }
    }
}

async fn ready(address: SocketAddr) {
    let begun = Instant::now();
    while ask(address, Ask::get("/readyz")).await.status != 200 {
        assert!(begun.elapsed() < LIMIT, "never ready");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn link(dir: &PrivateDir, database: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
    command.args(["admin-link", "--config", "weir.toml"]).current_dir(dir.path()).env("DATABASE", database);
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    said.trim().split_once("#token=").unwrap_or_else(|| panic!("{said}")).1.to_owned()
}

const BEFORE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-";

#[tokio::test(flavor = "multi_thread")]
async fn requests_their_use_cases_and_appends_reach_the_collector() {
    let bootstrap = Kafka::shared().unwrap();
    let topic = Topic::create(&bootstrap, "traced", 1).await;
    let receiver = Receiver::start();
    let (database, _guard) = fresh_database().await.unwrap();
    let dir = PrivateDir::new("traces").unwrap();
    let config = format!(
        "listen = \"127.0.0.1:0\"\ndatabase_url_env = \"DATABASE\"\ntrusted_proxies = [\"127.0.0.1\"]\n\
         telemetry = {{ otlp_endpoint = \"http://{}\", sampled = 1 }}\n{}",
        receiver.address,
        source(&bootstrap, &topic.name, "")
    );
    fs::write(dir.path().join("weir.toml"), config).unwrap();
    let (server, address) = serve(&dir, &database);
    ready(address).await;
    let token = link(&dir, &database);
    let fields = [("token", &*token), ("login", "mara"), ("name", "Mara"), ("password", PASSWORD)];
    let cookie = ask(address, Ask::form("/setup", &fields)).await.cookie();

    topic.send("hunter2", "{\"secret\":\"hunter2\"}").await;
    let append = receiver.until("an append", |s| s.name == "append" && s.attributes["weir.events"] == "1");
    assert_eq!((append.kind, append.parent.as_str(), append.failed), (1, "", false));
    assert_eq!(append.attributes["weir.source"], "shop");
    assert!(append.attributes["weir.bytes"].parse::<u64>().unwrap() > 0 && append.micros > 0);

    // A page, whose questions are asked on other tasks; a call; and what leads nowhere.
    let by_proxy = |flags: &str| {
        Ask::get("/events?key=hunter2").cookie(&cookie).header("traceparent", &format!("{BEFORE}{flags}"))
    };
    assert_eq!(ask(address, by_proxy("01")).await.status, 200);
    let page = receiver.until("the page", |s| s.name == "GET /events");
    assert_eq!((page.kind, page.attributes["http.response.status_code"].as_str()), (2, "200"));
    assert_eq!(
        (page.trace.as_str(), page.parent.as_str()),
        (&BEFORE[3..35], &BEFORE[36..52]),
        "the proxy's trace goes on"
    );
    let case = receiver.until("its use case", |s| s.name == "events/list");
    assert_eq!((case.trace.as_str(), case.parent.as_str()), (page.trace.as_str(), page.id.as_str()));
    assert_eq!(case.attributes["weir.request_id"], page.attributes["weir.request_id"]);
    assert!(case.micros <= page.micros, "{case:?} {page:?}");
    ask(address, Ask::get("/api/access/me").cookie(&cookie)).await;
    let call = receiver.until("a call", |s| s.name == "GET /api/access/me");
    assert!(call.parent.is_empty() && call.trace != page.trace);
    let question = receiver.until("its use case", |s| s.name == "access/me" && s.trace == call.trace);
    assert_eq!(question.parent, call.id);

    // Whoever began the trace decided that it is not kept.
    ask(address, by_proxy("00")).await;
    ask(address, Ask::get("/no/such/hunter2").cookie(&cookie)).await;
    receiver.until("the last", |s| s.name == "GET /{*any}");
    let pages = receiver.spans.lock().unwrap().iter().filter(|s| s.name == "GET /events").count();
    assert_eq!(pages, 1);
    let told = receiver.bodies.lock().unwrap().concat();
    assert!(!told.contains("hunter2") && !told.contains(PASSWORD), "{told}");

    // What is in hand at the end goes out too.
    ask(address, Ask::get("/sources").cookie(&cookie)).await;
    let pid = nix::unistd::Pid::from_raw(i32::try_from(server.0.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    receiver.until("the page before the end", |s| s.name == "GET /sources");
}
