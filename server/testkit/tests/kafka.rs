//! A private Kafka: every listener takes an ordinary client, data survives a kill, the network can be bad.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::time::{Duration, Instant};

use krafka::{
    Record, Result,
    admin::{CreateTopicsOptions, NewTopic},
    auth::{AuthConfig, TlsConfig},
    consumer::AutoOffsetReset,
};
use weir_testkit::{Kafka, KafkaOptions, Network, unique};

async fn connect(bootstrap: &str, security: AuthConfig) -> Result<krafka::Kafka> {
    let builder = krafka::Kafka::builder(bootstrap).security(security);
    builder.connect_timeout(Duration::from_secs(3)).request_timeout(Duration::from_secs(3)).connect().await
}

async fn write(client: &krafka::Kafka, topic: &str) -> Result<()> {
    let producer = client.producer().delivery_timeout(Duration::from_secs(4)).build().await?;
    for value in ["placed", "paid"] {
        let stored = producer.send(Record::new(topic, value).key("ord-1")).await?;
        assert!(stored.is_persisted());
    }
    producer.close().await
}

async fn read(client: &krafka::Kafka, topic: &str) -> Result<String> {
    let consumer = client.consumer_without_group().auto_offset_reset(AutoOffsetReset::Earliest).build().await?;
    consumer.assign(topic, vec![0]).await?;
    let mut read = String::new();
    while read.split(' ').count() < 3 {
        let records = consumer.poll(Duration::from_secs(3)).await?;
        assert!(!records.is_empty(), "nothing came after {read:?}");
        for record in records {
            read += &format!("{}={} ", record.key_str().unwrap(), record.value_str().unwrap());
        }
    }
    consumer.close().await?;
    Ok(read)
}

async fn make_topic(client: &krafka::Kafka) -> Result<String> {
    let topic = unique("orders");
    let made = client.admin().create_topics([NewTopic::new(&topic, 1, 1)?], CreateTopicsOptions::default()).await?;
    made.into_values().collect::<Result<()>>()?;
    Ok(topic)
}

/// Makes a topic, writes two events and reads them, over the same connection settings.
async fn write_and_read(bootstrap: impl ToString, security: AuthConfig) -> Result<String> {
    let client = connect(&bootstrap.to_string(), security).await?;
    let topic = make_topic(&client).await?;
    write(&client, &topic).await?;
    read(&client, &topic).await
}

const BOTH: &str = "ord-1=placed ord-1=paid ";

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_broker_keeps_its_data_and_its_port() {
    let kafka = Kafka::start(KafkaOptions::default()).unwrap();
    let client = connect(&kafka.bootstrap(), AuthConfig::plaintext()).await.unwrap();
    let topic = make_topic(&client).await.unwrap();
    write(&client, &topic).await.unwrap();
    for stop in [Kafka::kill9 as fn(&Kafka), Kafka::stop] {
        let before = kafka.bootstrap();
        stop(&kafka);
        connect(&before, AuthConfig::plaintext()).await.map(drop).unwrap_err();
        kafka.restart().unwrap();
        assert_eq!(kafka.bootstrap(), before);
        let client = connect(&before, AuthConfig::plaintext()).await.unwrap();
        assert_eq!(read(&client, &topic).await.unwrap(), BOTH);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_secure_listener_takes_who_may_and_nobody_else() {
    let kafka = Kafka::start(KafkaOptions { secure: true, ..KafkaOptions::default() }).unwrap();
    let secure = kafka.secure().unwrap();
    let tls = || TlsConfig::new().with_ca_cert_pem(secure.ca_pem.as_bytes());
    let with_certificate = || {
        let (cert, key) = (secure.client_cert_pem.clone(), secure.client_key_pem.clone().into_bytes());
        AuthConfig::ssl(tls().with_client_cert_pem(cert, key))
    };
    assert_eq!(write_and_read(secure.tls, AuthConfig::ssl(tls())).await.unwrap(), BOTH);
    // A client that does not know the authority does not talk to it.
    write_and_read(secure.tls, AuthConfig::ssl(TlsConfig::new())).await.unwrap_err();
    assert_eq!(write_and_read(secure.mutual_tls, with_certificate()).await.unwrap(), BOTH);
    write_and_read(secure.mutual_tls, AuthConfig::ssl(tls())).await.unwrap_err();

    for mechanism in [AuthConfig::sasl_plain, AuthConfig::sasl_scram_sha256, AuthConfig::sasl_scram_sha512] {
        let right = || mechanism(secure.user.name, secure.user.password);
        assert_eq!(write_and_read(secure.sasl, right()).await.unwrap(), BOTH);
        assert_eq!(write_and_read(secure.sasl_tls, right().with_tls(tls())).await.unwrap(), BOTH);
        write_and_read(secure.sasl, mechanism(secure.user.name, "wrong")).await.unwrap_err();
    }
    write_and_read(secure.sasl, AuthConfig::plaintext()).await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_in_front_of_a_broker_can_be_cut_stalled_and_slow() {
    let kafka = Kafka::start(KafkaOptions { proxied: true, ..KafkaOptions::default() }).unwrap();
    let proxy = kafka.proxy().unwrap();
    let plain = AuthConfig::plaintext;
    assert_eq!(write_and_read(proxy.address(), plain()).await.unwrap(), BOTH);

    proxy.set(Network::Away).await;
    std::net::TcpStream::connect(proxy.address()).unwrap_err();
    write_and_read(proxy.address(), plain()).await.unwrap_err();
    proxy.set(Network::Stalled).await;
    std::net::TcpStream::connect(proxy.address()).unwrap();
    write_and_read(proxy.address(), plain()).await.unwrap_err();

    proxy.set(Network::Slow(Duration::from_millis(100))).await;
    let start = Instant::now();
    assert_eq!(write_and_read(proxy.address(), plain()).await.unwrap(), BOTH);
    assert!(start.elapsed() > Duration::from_millis(400), "{:?}", start.elapsed());

    proxy.set(Network::Good).await;
    let client = connect(&proxy.address().to_string(), plain()).await.unwrap();
    let topic = make_topic(&client).await.unwrap();
    proxy.cut().await;
    // The connections are gone, and new ones are as good as ever.
    write(&client, &topic).await.unwrap();
    assert_eq!(read(&client, &topic).await.unwrap(), BOTH);
}
