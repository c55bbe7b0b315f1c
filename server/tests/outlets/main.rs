//! Somebody is told: rules are judged on a real PostgreSQL, and messages sent to receivers on real sockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

mod back;
mod reach;
mod receivers;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use receivers::{http, smtp};
use ring::hmac;
use tokio_util::sync::CancellationToken;
use weir::{
    outlets::Outlets,
    vault::{KeyVault, SecretKey},
};
use weir_broker::{AddressRule, Reach};
use weir_domain::{
    Clock, EnvironmentId, GroupId, OutletId, PersonId, Secret, SourceId, StoreError, Timestamp,
    access::{Caller, Credential, Grant, Role, SystemView, View, VisibleChannels, authorise},
    capture::{SourceState, TapCatalog as _, WantedEnvironment, WantedSource},
    lag::{Forecast, GroupKind, GroupState, Loss, Standing, Status, TimeLag, Verdict},
    monitors::{
        AlertsAsked, HEARTBEAT, MailTls, Monitors as _, Outlet, OutletField, OutletKind, OutletSettings,
        OutletVault as _, Scope, SourceHealth, Takes, Watched,
    },
};
use weir_engines::{EnginePorts, Engines, NothingMade, Parts, Reading, Telling};
use weir_store::{Store, StoreOptions};

const LIMIT: Duration = Duration::from_secs(60);
/// 2026-11-22T13:20:00Z
const START: i64 = 1_795_353_600;

#[derive(Default)]
struct Turned(AtomicI64);

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH.plus_secs(START + self.0.load(Ordering::SeqCst))
    }
}

/// Groups and a source that stand as the test says.
struct Stage {
    standings: Mutex<Vec<Standing>>,
    source: SourceId,
    clock: Arc<Turned>,
    broken: AtomicBool,
    /// Groups are not observed.
    blind: AtomicBool,
}

#[async_trait]
impl Watched for Stage {
    async fn standings(&self, _: &SystemView, now: Timestamp) -> Result<Vec<Standing>, StoreError> {
        match self.broken.load(Ordering::SeqCst) {
            true => Err(StoreError::Unavailable("cut off".into())),
            false => {
                let all = self.standings.lock().unwrap().clone();
                Ok(all.into_iter().map(|s| Standing { observed_at: now, ..s }).collect())
            }
        }
    }
    async fn sources(&self, _: &SystemView) -> Result<Vec<SourceHealth>, StoreError> {
        Ok(vec![SourceHealth {
            source: self.source,
            name: "shop".into(),
            environment: EnvironmentId(1),
            environment_name: "production".into(),
            wanted: true,
            state: SourceState::Up,
            since: Some(Timestamp::EPOCH.plus_secs(START - 900)),
            reason: None,
            reported_at: Some(self.clock.now()),
            behind: Vec::new(),
            has_groups: true,
            lag_observed_at: (!self.blind.load(Ordering::SeqCst)).then(|| self.clock.now()),
            lag_failed: None,
        }])
    }
}

fn standing(group: i64, source: SourceId, status: Status) -> Standing {
    let at = Timestamp::EPOCH.plus_secs(START - 900);
    Standing {
        group: GroupId(group),
        name: format!("billing-{group}"),
        kind: GroupKind::Classic,
        state: GroupState::Stable,
        environment: EnvironmentId(1),
        source,
        source_name: "shop".into(),
        channel: "orders".into(),
        verdict: Verdict { status, rule: "stop".into(), reason: "no commit while 1,204 events arrived".into() },
        since: at,
        partitions: 12,
        unknown_partitions: 0,
        active_members: 0,
        members: 0,
        lag: Some(1_204),
        committed_lag: None,
        time_lag: TimeLag::None,
        in_per_s: None,
        out_per_s: None,
        growing: false,
        forecast: Forecast::NeverDrains { per_min: 12.0 },
        loss: None::<Loss>,
        positions_expire: None,
        alarms: true,
        owner: Some("team-billing".into()),
        observed_at: at,
    }
}

struct House {
    store: Store,
    stage: Arc<Stage>,
    clock: Arc<Turned>,
    vault: Arc<KeyVault>,
    outlets: Arc<Outlets>,
    stop: CancellationToken,
    task: Option<tokio::task::JoinHandle<()>>,
    _database: weir_testkit::Database,
}

fn view() -> View {
    let caller = Caller {
        person: PersonId("p".into()),
        session: None,
        login: "p".into(),
        name: "P".into(),
        roles: vec![Role::Operator],
        grants: vec![Grant::everything()],
        by: Credential::Session,
        environment: None,
        origin: "r".into(),
    };
    authorise(&caller, "sources/list", VisibleChannels::from_catalog(&caller, [])).unwrap()
}

fn sender(vault: &Arc<KeyVault>, clock: &Arc<Turned>, loopback: bool, ca_pem: Option<String>) -> Outlets {
    let reach = Reach::Only(Arc::new(AddressRule { allow: Vec::new(), loopback }));
    Outlets::new(vault.clone(), reach, "https://weir.example".into(), clock.clone(), ca_pem).unwrap()
}

impl House {
    async fn new() -> Self {
        let (url, database) = weir_testkit::fresh_database().await.unwrap();
        let store = Store::connect(&url, StoreOptions::default()).await.unwrap();
        store.migrate().await.unwrap();
        let environment = WantedEnvironment { name: "production".into(), production: true, colour: None };
        let shop = WantedSource {
            name: "shop".into(),
            kind: "kafka".into(),
            environment: "production".into(),
            description: "127.0.0.1:9092".into(),
            capture: "full".into(),
            act: "none".into(),
            read_only: false,
        };
        let source = store.put_sources(&[environment], &[shop]).await.unwrap()[0].1;
        let clock = Arc::new(Turned::default());
        let vault = Arc::new(KeyVault::new(vec![SecretKey::random().unwrap()]));
        let stage = Arc::new(Stage {
            standings: Mutex::new(vec![standing(1, source, Status::Stop)]),
            source,
            clock: clock.clone(),
            broken: AtomicBool::new(false),
            blind: AtomicBool::new(false),
        });
        let outlets = Arc::new(sender(&vault, &clock, true, None));
        let stop = CancellationToken::new();
        Self { store, stage, clock, vault, outlets, stop, task: None, _database: database }
    }

    fn start(&mut self) {
        let shared = Arc::new(self.store.clone());
        let ports = EnginePorts {
            log: shared.clone(),
            catalog: shared.clone(),
            shares: shared.clone(),
            leases: shared.clone(),
            maintenance: shared.clone(),
            observer: shared.clone(),
            audit: None,
            erasing: None,
            telling: Some(Telling {
                alerting: shared.clone(),
                watched: self.stage.clone(),
                sender: self.outlets.clone(),
                vault: self.vault.clone(),
                judged_every: Duration::from_millis(100),
                called_every: Duration::from_millis(200),
            }),
            made: Arc::new(NothingMade),
            clock: self.clock.clone(),
            system: SystemView::for_composition_root(),
            holder: "test".into(),
            seed: 7,
            reading: Reading::On,
            meter: Arc::new(weir_tap::NoMeter),
        };
        let parts = Parts { taps: false, engines: true };
        self.task = Some(Engines::start(Vec::new(), Vec::new(), parts, ports, None, self.stop.clone()));
    }

    async fn add(&self, n: u32, settings: OutletSettings, secrets: &[(OutletField, &str)]) -> Outlet {
        let outlet = made(&self.vault, n, settings, secrets);
        let by = PersonId("0193e7a2-4c1b-7d52-a0f3-000000000001".into());
        self.store.add_outlet(&view(), &outlet, (&by, self.clock.now()), 9).await.unwrap().unwrap();
        outlet
    }

    fn later(&self, secs: i64) {
        self.clock.0.fetch_add(secs, Ordering::SeqCst);
    }

    async fn end(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            task.await.unwrap();
        }
        self.store.close().await;
    }
}

fn made(vault: &KeyVault, n: u32, settings: OutletSettings, secrets: &[(OutletField, &str)]) -> Outlet {
    let id = OutletId(format!("0193e7a2-4c1b-7d52-a0f3-{n:012}"));
    let sealed =
        |(field, secret): &(OutletField, &str)| (*field, vault.seal_for(&id, *field, &Secret::new(*secret)).unwrap());
    Outlet {
        name: format!("{} {n}", settings.kind().name()),
        on: true,
        takes: Takes { page: true, notify: true, scope: Scope::everything() },
        secrets: secrets.iter().map(sealed).collect(),
        settings,
        version: 1,
        id,
    }
}

fn shown(kind: OutletKind) -> OutletSettings {
    let shown = "http://127.0.0.1/…".to_owned();
    match kind {
        OutletKind::Slack => OutletSettings::Slack { shown },
        _ => OutletSettings::Webhook { shown },
    }
}

fn mail_to(host: &str, port: u16, tls: MailTls, user: Option<&str>) -> OutletSettings {
    OutletSettings::Mail {
        host: host.into(),
        port,
        tls,
        user: user.map(str::to_owned),
        from: "weir@example.com".into(),
        to: vec!["on-call@example.com".into(), "lead@example.com".into()],
    }
}

/// The secret as the specification writes it.
const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn is_signed(request: &receivers::Request) -> bool {
    let secret = STANDARD.decode(WEBHOOK_SECRET.trim_start_matches("whsec_")).unwrap();
    let signed = format!("{}.{}.{}", request.header("webhook-id"), request.header("webhook-timestamp"), request.body);
    let given = STANDARD.decode(request.header("webhook-signature").trim_start_matches("v1,")).unwrap();
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &secret), signed.as_bytes(), &given).is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_outlet_is_told_that_it_began_and_that_it_is_over() {
    let mut house = House::new().await;
    let (slack, webhook, pager, mail) = (http(None).await, http(None).await, http(None).await, smtp(None).await);
    let url = |to: &receivers::Http, path: &str| format!("http://{}{path}", to.address);
    house.add(1, shown(OutletKind::Slack), &[(OutletField::Url, &url(&slack, "/services/T0/B0/s3cr3t"))]).await;
    let secrets = [(OutletField::Url, &*url(&webhook, "/in?to=weir")), (OutletField::Secret, WEBHOOK_SECRET)];
    house.add(2, shown(OutletKind::Webhook), &secrets).await;
    let endpoint = OutletSettings::PagerDuty { endpoint: url(&pager, "/v2/enqueue") };
    house.add(3, endpoint, &[(OutletField::RoutingKey, "r0ut1ng")]).await;
    house.add(4, mail_to("127.0.0.1", mail.address.port(), MailTls::None, None), &[]).await;
    // Each fails once: an answer, a refusal for now.
    webhook.answers.lock().unwrap().push_back("503 Busy");
    mail.refusals.lock().unwrap().push_back("451 try later");
    house.start();

    let sent = slack.requests.wait(1).await;
    assert_eq!(sent[0].line, "POST /services/T0/B0/s3cr3t HTTP/1.1");
    let said = sent[0].json();
    assert_eq!(said["attachments"][0]["title"], "billing-1 reads no more (STOP)");
    let text = said["attachments"][0]["text"].as_str().unwrap();
    assert!(text.contains("orders: STOP for 15 min: no commit while 1,204 events arrived"), "{text}");
    assert!(text.contains("Its broker is healthy"), "{text}");
    let link = said["attachments"][0]["title_link"].as_str().unwrap();
    assert!(link.starts_with("https://weir.example/alerts/0"), "{link}");

    let begun = pager.requests.wait(1).await[0].json();
    assert_eq!((&begun["event_action"], &begun["routing_key"]), (&"trigger".into(), &"r0ut1ng".into()));
    assert_eq!(begun["payload"]["severity"], "critical");

    let first = webhook.requests.wait(1).await.remove(0);
    assert!(is_signed(&first));
    assert_eq!(first.line, "POST /in?to=weir HTTP/1.1");
    // What failed is told, without a secret, and tried again under the same id.
    let failing = async || {
        let all = house.store.outlets(&view(), house.clock.now()).await.unwrap();
        all.into_iter().filter_map(|o| o.error).collect::<Vec<_>>()
    };
    let errors = loop {
        let errors = failing().await;
        if errors.len() == 2 {
            break errors;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(errors.iter().any(|e| e.contains("127.0.0.1 answered 503")), "{errors:?}");
    assert!(errors.iter().any(|e| e.contains("try later")), "{errors:?}");
    assert!(errors.iter().all(|e| !e.contains("secret-in")), "the body is not told: {errors:?}");
    house.later(11);
    let second = webhook.requests.wait(2).await.remove(1);
    assert!(is_signed(&second));
    assert_eq!(second.header("webhook-id"), first.header("webhook-id"));
    assert_ne!(second.header("webhook-timestamp"), first.header("webhook-timestamp"));
    assert_eq!(second.json()["type"], "alert.opened");
    let letter = mail.mails.wait(1).await.remove(0);
    assert!(letter.text.contains("Subject: [page] billing-1 reads no more (STOP)"), "{}", letter.text);
    assert!(letter.text.contains("Auto-Submitted: auto-generated"), "{}", letter.text);
    assert!(letter.text.contains("https://weir.example/alerts/0"), "{}", letter.text);
    assert_eq!(letter.to.len(), 2, "{:?}", letter.to);

    *house.stage.standings.lock().unwrap() = vec![standing(1, house.stage.source, Status::Ok)];
    // Seen once that it no longer holds, and then for long enough.
    while house.store.alerts(&view(), &AlertsAsked { over_since: None }).await.unwrap()[0].clear_since.is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    house.later(301);
    let over = slack.requests.wait(2).await.remove(1).json();
    assert_eq!(over["attachments"][0]["title"], "Over: billing-1 reads no more (STOP)");
    let over = pager.requests.wait(2).await.remove(1).json();
    assert_eq!((&over["event_action"], &over["dedup_key"]), (&"resolve".into(), &begun["dedup_key"]));
    assert_eq!(webhook.requests.wait(3).await[2].json()["type"], "alert.resolved");
    let letter = mail.mails.wait(2).await.remove(1);
    assert!(letter.text.contains("Subject: [page] Over: billing-1 reads no more (STOP)"), "{}", letter.text);
    assert!(letter.text.contains("In-Reply-To:"), "{}", letter.text);
    assert_eq!(house.outlets_waiting().await, 0);
    house.end().await;
}

impl House {
    async fn outlets_waiting(&self) -> u32 {
        loop {
            let all = self.store.outlets(&view(), self.clock.now()).await.unwrap();
            let waiting = all.iter().map(|o| o.waiting).sum();
            // What arrived is noted right after.
            if waiting == 0 {
                return waiting;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outlet_that_hangs_keeps_no_other_waiting() {
    let mut house = House::new().await;
    let well = http(None).await;
    // Takes connections, and says nothing.
    let hangs = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("http://{}/", hangs.local_addr().unwrap());
    house.add(1, shown(OutletKind::Slack), &[(OutletField::Url, &dead)]).await;
    house.add(2, shown(OutletKind::Slack), &[(OutletField::Url, &format!("http://{}/", well.address))]).await;
    house.start();
    well.requests.wait(1).await;
    let more = (2..6).map(|g| standing(g, house.stage.source, Status::Stop));
    house.stage.standings.lock().unwrap().extend(more);
    let began = std::time::Instant::now();
    well.requests.wait(5).await;
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_is_one_message() {
    let mut house = House::new().await;
    let ops = http(None).await;
    house.add(1, shown(OutletKind::Slack), &[(OutletField::Url, &format!("http://{}/", ops.address))]).await;
    let many = (1..=300).map(|g| standing(g, house.stage.source, Status::Stop)).collect();
    *house.stage.standings.lock().unwrap() = many;
    house.start();
    let said = ops.requests.wait(1).await.remove(0).json();
    assert_eq!(said["attachments"][0]["title"], "300 alerts at once");
    let open = house.store.alerts(&view(), &AlertsAsked { over_since: None }).await.unwrap();
    assert_eq!(open.len(), 300);
    assert_eq!(ops.requests.all().len(), 1);
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heartbeat_is_called_only_while_rules_are_judged_and_groups_observed() {
    let mut house = House::new().await;
    let watcher = http(None).await;
    let address = Secret::new(format!("http://{}/ping/s3cr3t", watcher.address));
    let sealed = house.vault.seal_for(&OutletId(HEARTBEAT.into()), OutletField::Url, &address).unwrap();
    house.store.set_heartbeat(&view(), Some(("http://127.0.0.1/…", &sealed))).await.unwrap();
    house.start();
    let calls = watcher.requests.wait(3).await;
    assert!(calls.iter().all(|c| c.line == "GET /ping/s3cr3t HTTP/1.1"));
    // It stops when nobody would be told: nothing is judged, or nothing is known of any group.
    for why in [&house.stage.broken, &house.stage.blind] {
        why.store(true, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(300)).await;
        house.later(60);
        tokio::time::sleep(Duration::from_millis(500)).await;
        let before = watcher.requests.all().len();
        tokio::time::sleep(Duration::from_millis(800)).await;
        assert_eq!(watcher.requests.all().len(), before);
        why.store(false, Ordering::SeqCst);
        watcher.requests.wait(before + 2).await;
    }
    house.end().await;
}
