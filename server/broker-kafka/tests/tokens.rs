//! SASL OAUTHBEARER on a real broker: a token endpoint, a token file, and what is said when they fail.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

mod cluster;

use cluster::{Cluster, settings};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use weir_broker::{
    AddressRule, Broker as _, OAuth, Reach, Secret, Settings, SignIn, TokenEndpoint, TokenFrom, Wanted,
    conformance::Fixture as _, examined,
};
use weir_broker_kafka::KafkaBroker;
use weir_domain::{
    Clock, Timestamp,
    sources::{Outcome, Step, StepKind},
};
use weir_testkit::{Kafka, KafkaOptions, PrivateDir};

/// Brokers compare a token's times with their own clock.
struct Real;

impl Clock for Real {
    #[expect(clippy::disallowed_methods, reason = "a test has no composition root")]
    fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap())
    }
}

/// A token that nobody signed, good for ten minutes.
fn token() -> String {
    let now = Real.now().millis() / 1000;
    let part = |json: String| {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut text = String::new();
        for bytes in json.as_bytes().chunks(3) {
            let bits = bytes.iter().fold(0u32, |sum, b| sum << 8 | u32::from(*b)) << (8 * (3 - bytes.len()));
            for i in 0..=bytes.len() {
                text.push(char::from(ALPHABET[(bits >> (18 - 6 * i) & 63) as usize]));
            }
        }
        text
    };
    let head = part(r#"{"alg":"none"}"#.to_owned());
    let claims = part(format!(r#"{{"sub":"weir","iat":{now},"exp":{}}}"#, now + 600));
    format!("{head}.{claims}.")
}

/// Answers every request so, and counts those that brought the right name and secret.
async fn endpoint(status: &'static str, body: impl Fn() -> String + Send + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://127.0.0.1:{}/token", listener.local_addr().unwrap().port());
    let right = Arc::new(AtomicUsize::new(0));
    let counted = right.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = Vec::new();
            let mut piece = [0; 4096];
            while !String::from_utf8_lossy(&asked).contains("grant_type=client_credentials") {
                let Ok(n @ 1..) = stream.read(&mut piece).await else { break };
                asked.extend(&piece[..n]);
            }
            let asked = String::from_utf8_lossy(&asked);
            // weir:a%3Asecret
            counted.fetch_add(usize::from(asked.contains("Basic d2VpcjphJTNBc2VjcmV0")), Ordering::SeqCst);
            let body = body();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (url, right)
}

fn by(url: &str) -> SignIn {
    SignIn::OAuth(OAuth {
        token: TokenFrom::Endpoint(TokenEndpoint {
            url: url.to_owned(),
            client_id: "weir".into(),
            client_secret: Secret::new("a:secret"),
            scope: Some("kafka".into()),
            ca_pem: None,
        }),
        extensions: Vec::new(),
    })
}

fn broker(settings: Settings) -> KafkaBroker {
    KafkaBroker::new(settings, Arc::new(Real)).unwrap()
}

async fn failure(settings: Settings) -> (StepKind, String) {
    let all = Wanted { patterns: vec!["*".into()], include_internal: false };
    let steps = examined(&broker(settings), &all).await;
    let Some(Step { kind, outcome: Outcome::Failed { what, .. } }) = steps.iter().find(|s| s.is_failed()) else {
        panic!("nothing failed: {steps:?}")
    };
    assert!(!what.contains("a:secret") && !what.contains("a%3Asecret"), "{what}");
    (*kind, what.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_come_from_an_endpoint_or_a_file_and_failures_are_told() {
    let kafka = Kafka::start(KafkaOptions { secure: true, ..KafkaOptions::default() }).unwrap();
    let cluster = Cluster::at(&kafka.bootstrap()).await;
    let channel = cluster.create("by-token", 1).await;
    let at = |sign_in: SignIn| Settings { sasl: Some(sign_in), ..settings(&kafka.secure().unwrap().sasl.to_string()) };
    let (good, right) =
        endpoint("200 OK", || format!(r#"{{"access_token":"{}","token_type":"Bearer","expires_in":600}}"#, token()))
            .await;
    let judged = Reach::Only(Arc::new(AddressRule { allow: Vec::new(), loopback: true }));
    for reach in [Reach::Anywhere, judged.clone()] {
        let found = broker(Settings { reach, ..at(by(&good)) }).discover().await.unwrap();
        assert!(found.channels.iter().any(|c| c.channel == channel));
    }
    assert!(right.load(Ordering::SeqCst) >= 2, "the client signed in to the endpoint");

    let dir = PrivateDir::new("token").unwrap();
    let file = dir.path().join("token");
    let of_file = || at(SignIn::OAuth(OAuth { token: TokenFrom::File(file.clone()), extensions: Vec::new() }));
    let (kind, what) = failure(of_file()).await;
    assert_eq!(kind, StepKind::SignsIn);
    assert!(what.contains("token file") && what.contains("can't be read"), "{what}");
    std::fs::write(&file, format!("{}\n", token())).unwrap();
    broker(of_file()).discover().await.unwrap();

    let (refusing, _) =
        endpoint("401 Unauthorized", || r#"{"error":"invalid_client","error_description":"no such client"}"#.into())
            .await;
    let (kind, what) = failure(at(by(&refusing))).await;
    assert_eq!(kind, StepKind::SignsIn);
    assert!(what.contains("invalid_client") && what.contains("no such client") && what.contains(&refusing), "{what}");
    let (odd, _) = endpoint("200 OK", || "<html>".into()).await;
    assert!(failure(at(by(&odd))).await.1.contains("without an access_token"));
    let (wrong, _) = endpoint("200 OK", || r#"{"access_token":"not-a-token"}"#.into()).await;
    assert!(failure(at(by(&wrong))).await.1.contains("refuses the token"));
    // What the browser may not reach as a broker, it may not reach as an endpoint either.
    let metadata = Settings { reach: judged, ..at(by("http://169.254.169.254/latest/api/token")) };
    let (_, what) = tokio::time::timeout(Duration::from_secs(20), failure(metadata)).await.unwrap();
    assert!(what.contains("credentials"), "{what}");
}
