//! A test of a connection tells each mistake from every other, on a real cluster.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

mod cluster;

use cluster::{Cluster, broker, settings};
use std::sync::Arc;
use tokio::io::AsyncWriteExt as _;
use weir_broker::{
    AddressRule, AwsIam, Reach, Sasl, SaslMechanism, Secret, Settings, SignIn, Tls, Wanted,
    conformance::{Fixture as _, Follow},
    examined,
    memory::NewRecord,
};
use weir_domain::sources::{Outcome, Step, StepKind};
use weir_testkit::{Kafka, KafkaOptions, Secure, free_port};

fn tls(secure: &Secure) -> Option<Tls> {
    Some(Tls { ca_pem: Some(secure.ca_pem.clone()), ..Tls::default() })
}

fn sasl(secure: &Secure, password: &str) -> Option<SignIn> {
    let username = secure.user.name.to_owned();
    let mechanism = SaslMechanism::ScramSha512;
    Some(Sasl { mechanism, username, password: Secret::new(password) }.into())
}

async fn steps(settings: Settings) -> Vec<Step> {
    let all = Wanted { patterns: vec!["*".to_owned()], include_internal: false };
    let steps = examined(&broker(settings), &all).await;
    let text = format!("{steps:?}");
    assert!(!text.contains("wrong-password") && !text.contains("for tests") && !text.contains("PRIVATE KEY"), "{text}");
    steps
}

/// The step that failed, what was told, and what to do about it.
async fn failure(settings: Settings) -> (StepKind, String, String) {
    let steps = steps(settings).await;
    let failed = steps.iter().find(|s| s.is_failed()).unwrap_or_else(|| panic!("nothing failed: {steps:?}"));
    let Outcome::Failed { what, what_to_do } = &failed.outcome else { panic!("{failed:?}") };
    (failed.kind, what.clone(), what_to_do.clone())
}

fn judged(loopback: bool) -> Reach {
    Reach::Only(Arc::new(AddressRule { allow: Vec::new(), loopback }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mistake_is_told_from_the_others() {
    let kafka = Kafka::start(KafkaOptions { secure: true, ..KafkaOptions::default() }).unwrap();
    let secure = kafka.secure().unwrap();
    let cluster = Cluster::at(&kafka.bootstrap()).await;
    cluster.create("tried", 1).await;
    let password = secure.user.password;
    let at = |address: std::net::SocketAddr| settings(&address.to_string());
    let right = Settings { tls: tls(secure), sasl: sasl(secure, password), ..at(secure.sasl_tls) };
    for good in [
        right.clone(),
        Settings { reach: judged(true), ..right.clone() },
        at(kafka.address()),
        Settings { tls: tls(secure), ..at(secure.tls) },
        Settings { sasl: sasl(secure, password), reach: judged(true), ..at(secure.sasl) },
    ] {
        let steps = steps(good).await;
        assert!(steps.iter().all(|s| !s.is_failed()), "{steps:?}");
        assert!(matches!(steps[6].outcome, Outcome::Passed { .. }), "{steps:?}");
    }

    let (kind, what, next) = failure(settings(&format!("127.0.0.1:{}", free_port(None).unwrap()))).await;
    assert_eq!(kind, StepKind::Opens);
    assert!(what.contains("nobody listens") && next.contains("9092"), "{what} {next}");

    let (kind, what, _) = failure(settings("no-such-host.invalid:9092")).await;
    assert_eq!(kind, StepKind::Resolves);
    assert!(what.contains("no-such-host.invalid:9092 has no address"), "{what}");

    // TLS on one side only.
    let (kind, what, next) = failure(at(secure.tls)).await;
    assert_eq!(kind, StepKind::Secures);
    assert!(
        what.contains("speaks TLS, and these settings are without") && next.contains("Turn TLS on"),
        "{what} {next}"
    );
    let (kind, what, next) = failure(Settings { tls: tls(secure), ..at(kafka.address()) }).await;
    assert_eq!(kind, StepKind::Secures);
    assert!(what.contains("without TLS") && next.contains("Turn TLS off"), "{what} {next}");
    let (_, what, _) = failure(Settings { tls: None, ..right.clone() }).await;
    assert!(what.contains("speaks TLS"), "{what}");

    // Certificates.
    let (kind, what, next) = failure(Settings { tls: Some(Tls::default()), ..at(secure.tls) }).await;
    assert_eq!(kind, StepKind::Secures);
    assert!(what.contains("authority that is not trusted") && next.contains("PEM"), "{what} {next}");
    let by_another_name = secure.tls.to_string().replace("127.0.0.1", "127.0.0.2");
    let (_, what, next) = failure(Settings { tls: tls(secure), ..settings(&by_another_name) }).await;
    // Not every machine lets a listener of 127.0.0.1 be reached so.
    if !what.contains("nobody listens") {
        assert!(what.contains("not for the name 127.0.0.2") && next.contains("names in the certificate"), "{what}");
    }
    let (_, what, next) = failure(Settings { tls: tls(secure), ..at(secure.mutual_tls) }).await;
    assert!(what.contains("wants a client certificate") && next.contains("mutual TLS"), "{what} {next}");
    let nonsense = Some(Tls { ca_pem: Some("nonsense".to_owned()), ..Tls::default() });
    let (_, what, _) = failure(Settings { tls: nonsense, ..at(secure.tls) }).await;
    assert!(what.contains("can't be used"), "{what}");

    // Signing in.
    let (kind, what, next) = failure(Settings { sasl: sasl(secure, "wrong-password"), ..right.clone() }).await;
    assert_eq!(kind, StepKind::SignsIn);
    assert!(what.contains("wrong user or password") && what.contains(secure.user.name), "{what}");
    assert!(next.contains("SCRAM-SHA-512"), "{next}");
    let (kind, what, _) = failure(Settings { sasl: None, ..right.clone() }).await;
    assert_eq!(kind, StepKind::SignsIn);
    assert!(what.contains("wants a sign-in") && what.contains("SCRAM-SHA-256"), "{what}");
    let (kind, what, _) = failure(Settings { sasl: sasl(secure, password), ..at(kafka.address()) }).await;
    assert_eq!(kind, StepKind::SignsIn);
    assert!(what.contains("takes no sign-in"), "{what}");
    let iam = AwsIam {
        region: "eu-central-1".into(),
        access_key_id: "AKID".into(),
        secret_access_key: Secret::new("x"),
        session_token: None,
    };
    let (kind, what, _) = failure(Settings { sasl: Some(SignIn::AwsIam(iam)), ..right.clone() }).await;
    assert_eq!(kind, StepKind::SignsIn);
    assert!(what.contains("does not offer AWS_MSK_IAM") && what.contains("PLAIN"), "{what}");

    // What is no broker.
    let web = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let web_at = web.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = web.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
        }
    });
    let (kind, what, next) = failure(at(web_at)).await;
    assert_eq!(kind, StepKind::Secures);
    assert!(what.contains("web server") && next.contains("port"), "{what} {next}");

    // Addresses that sources made in the browser may not use.
    let (kind, what, next) = failure(Settings { reach: judged(false), ..right }).await;
    assert_eq!(kind, StepKind::Resolves);
    assert!(what.contains("this server itself") && next.contains("allow_addresses"), "{what} {next}");
    let (_, what, _) = failure(Settings { reach: judged(true), ..settings("169.254.169.254:9092") }).await;
    assert!(what.contains("credentials"), "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_advertised_address_that_leads_nowhere_is_named() {
    let nowhere = free_port(None).unwrap();
    let kafka = Kafka::start(KafkaOptions { proxied: true, ..KafkaOptions::default() }).unwrap();
    let cluster = Cluster::at(&kafka.bootstrap()).await;
    cluster.create("unreachable", 1).await;
    // The listener behind the proxy, asked directly, still tells its clients to use the proxy. Which is gone.
    let proxied = std::fs::read_to_string(kafka.dir().join("server.properties")).unwrap();
    let listeners = proxied.lines().find_map(|l| l.strip_prefix("listeners=")).unwrap();
    let direct = listeners.split(',').find_map(|l| l.strip_prefix("PROXIED://")).unwrap();
    kafka.proxy().unwrap().set(weir_testkit::Network::Away).await;
    let (kind, what, next) = failure(settings(direct)).await;
    assert_eq!(kind, StepKind::Answers, "{what}");
    assert!(what.contains(&kafka.proxy().unwrap().address().to_string()) && what.contains("broker 1"), "{what}");
    assert!(next.contains("advertised.listeners"), "{next}");
    assert!(!what.contains(&nowhere.to_string()));

    // Nor does a broker lead a source made in the browser where it may not go.
    kafka.proxy().unwrap().set(weir_testkit::Network::Good).await;
    let all = steps(Settings { reach: judged(true), ..settings(direct) }).await;
    assert!(all.iter().all(|s| !s.is_failed()), "{all:?}");
}

/// A source made in the browser is read through the gate, whatever the cluster tells it to connect to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_through_the_gate_brings_the_same_records() {
    let mut cluster = Cluster::shared().await;
    let channel = cluster.create("gated", 2).await;
    for partition in 0..2 {
        cluster.produce(&channel, partition, vec![NewRecord::new("one"), NewRecord::new("two")]).await;
    }
    cluster.settings.reach = judged(true);
    let mut follow = Follow::start(&cluster, &channel, &[0, 1], weir_broker::StartAt::Earliest).await;
    follow.until("both", |f| (0..2).all(|n| f.of(&channel, n).is_at_end(2))).await;
    // `localhost` is a name like any other: what it means is judged.
    cluster.settings.reach = judged(false);
    let refused = weir_broker::Broker::discover(&cluster.broker_here()).await.unwrap_err();
    assert!(refused.to_string().contains("allow_addresses"), "{refused}");
}
