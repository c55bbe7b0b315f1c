//! Every way to sign in, on a real cluster, and what is said when it is refused.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod cluster;

use cluster::{Cluster, Noon, broker, settings};
use std::{net::SocketAddr, sync::Arc};
use weir_broker::{
    Broker, BrokerError, Sasl, SaslMechanism, Secret, Settings, StartAt, Tls,
    conformance::{Fixture, Follow},
    memory::NewRecord,
};
use weir_broker_kafka::KafkaBroker;
use weir_testkit::{Kafka, KafkaOptions, Secure};

const MECHANISMS: [SaslMechanism; 3] = [SaslMechanism::Plain, SaslMechanism::ScramSha256, SaslMechanism::ScramSha512];

fn tls(secure: &Secure) -> Tls {
    Tls { ca_pem: Some(secure.ca_pem.clone()), ..Tls::default() }
}

fn mutual(secure: &Secure) -> Tls {
    Tls {
        client_cert_pem: Some(secure.client_cert_pem.clone()),
        client_key_pem: Some(Secret::new(&secure.client_key_pem)),
        ..tls(secure)
    }
}

fn sasl(secure: &Secure, mechanism: SaslMechanism) -> Sasl {
    Sasl { mechanism, username: secure.user.name.to_owned(), password: Secret::new(secure.user.password) }
}

fn at(address: SocketAddr, tls: Option<Tls>, sasl: Option<Sasl>) -> Settings {
    Settings { tls, sasl: sasl.map(Into::into), ..settings(&address.to_string()) }
}

async fn refusal(settings: Settings) -> BrokerError {
    let error = broker(settings).discover().await.expect_err("it is let in");
    let text = format!("{error} {error:?}");
    assert!(!text.contains("a password for tests"), "{text}");
    assert!(!text.contains("wrong-password"), "{text}");
    assert!(!text.contains("PRIVATE KEY"), "{text}");
    error
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_sign_in_reads_and_a_wrong_one_is_explained() {
    let kafka = Kafka::start(KafkaOptions { secure: true, ..KafkaOptions::default() }).unwrap();
    let secure = kafka.secure().unwrap();
    let mut cluster = Cluster::at(&kafka.bootstrap()).await;
    let channel = cluster.create("secret", 1).await;
    cluster.produce(&channel, 0, vec![NewRecord::new("one"), NewRecord::new("two")]).await;

    let mut ways = vec![at(secure.tls, Some(tls(secure)), None), at(secure.mutual_tls, Some(mutual(secure)), None)];
    for mechanism in MECHANISMS {
        ways.push(at(secure.sasl, None, Some(sasl(secure, mechanism))));
        ways.push(at(secure.sasl_tls, Some(tls(secure)), Some(sasl(secure, mechanism))));
    }
    for way in ways {
        let shown = format!("{way:?}");
        assert!(!shown.contains(secure.user.password) && !shown.contains("PRIVATE KEY"), "{shown}");
        cluster.settings = way;
        let mut follow = Follow::start(&cluster, &channel, &[0], StartAt::Earliest).await;
        assert_eq!(follow.to_end(&channel, 2).await.len(), 2, "{shown}");
    }

    for mechanism in MECHANISMS {
        let wrong = Sasl { password: Secret::new("wrong-password"), ..sasl(secure, mechanism) };
        let error = refusal(at(secure.sasl, None, Some(wrong))).await;
        assert!(matches!(&error, BrokerError::Refused(why) if why.contains(secure.user.name)), "{error:?}");
    }
    // Not the system's authorities either know this one.
    let error = refusal(at(secure.tls, Some(Tls::default()), None)).await;
    assert!(matches!(&error, BrokerError::Refused(why) if why.contains("certificate authority")), "{error:?}");
    // No client certificate where one is wanted.
    let error = refusal(at(secure.mutual_tls, Some(tls(secure)), None)).await;
    assert!(matches!(&error, BrokerError::Refused(why) if why.contains("client certificate")), "{error:?}");
    // TLS to a listener without, and the other way round: it can't be told from a broken line, but is explained.
    let error = refusal(at(kafka.address(), Some(tls(secure)), None)).await;
    assert!(matches!(&error, BrokerError::Unreachable(why) if why.contains("without TLS")), "{error:?}");
    let error = refusal(at(secure.tls, None, None)).await;
    assert!(matches!(&error, BrokerError::Unreachable(why) if why.contains("want TLS")), "{error:?}");
    // Half of a client certificate, and what is no certificate at all.
    let half = Tls { client_key_pem: None, ..mutual(secure) };
    let made = KafkaBroker::new(at(secure.tls, Some(half), None), Arc::new(Noon));
    assert!(matches!(made, Err(BrokerError::Settings(_))), "{made:?}");
    let error =
        refusal(at(secure.tls, Some(Tls { ca_pem: Some("nonsense".to_owned()), ..Tls::default() }), None)).await;
    assert!(matches!(&error, BrokerError::Settings(_)), "{error:?}");
}

#[test]
fn addresses_that_cannot_be_right_are_named() {
    for (addresses, said) in [
        (vec![], "no address"),
        (vec!["kafka"], "\"kafka\""),
        (vec!["kafka:9092", ":1"], "\":1\""),
        (vec!["k:99999"], "k:99999"),
    ] {
        let settings = Settings { addresses: addresses.into_iter().map(str::to_owned).collect(), ..settings("") };
        let made = KafkaBroker::new(settings, Arc::new(Noon));
        let Err(BrokerError::Settings(why)) = made else { panic!("{said}") };
        assert!(why.contains(said), "{why}");
    }
}
