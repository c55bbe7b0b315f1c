//! Secrets and certificates that are replaced while Weir runs, on a real Kafka and a real PostgreSQL.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod broker;
mod common;

use std::{fs, time::Instant};

use broker::{Topic, source};
use common::{LIMIT, World, client::Ask};
use krafka::{
    Kafka as Client,
    admin::{
        AclBinding, AclOperation, AclPatternType, AclPermissionType, AclResourceType, AlterUserScramCredentialsOptions,
        CreateAclsOptions, ScramCredentialUpsertion,
    },
    auth::ScramMechanism,
};
use sha2::{Digest as _, Sha512};
use tokio_util::sync::CancellationToken;
use weir::{
    commands::serve,
    config::{self, Surroundings},
};
use weir_testkit::{Kafka, KafkaOptions, Postgres, PostgresOptions, PrivateDir};

/// What people see of the sources.
struct Seen<'w> {
    world: &'w World,
    cookie: String,
}

impl<'w> Seen<'w> {
    async fn of(world: &'w World) -> Self {
        Self { world, cookie: world.administrator().await }
    }

    async fn page(&self, path: &str) -> String {
        self.world.ask(Ask::get(path).cookie(&self.cookie)).await.text()
    }

    async fn until(&self, path: &str, what: &str, wanted: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        loop {
            let page = self.page(path).await;
            if wanted(&page) {
                return;
            }
            assert!(begun.elapsed() < LIMIT * 2, "never so: {what}: {page}");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }

    /// An event of this key is there, once.
    async fn stored(&self, key: &str) {
        self.until(&format!("/events?key={key}"), key, |page| page.matches("data-event=").count() > 0).await;
        let page = self.page(&format!("/events?key={key}")).await;
        assert_eq!(page.matches("data-event=").count(), 1, "{key} stands there twice");
    }

    async fn told(&self, words: &str) {
        self.until("/sources", words, |page| page.contains(words)).await;
    }

    async fn no_longer_told(&self, words: &str) {
        self.until("/sources", &format!("without {words:?}"), |page| page.contains("UP") && !page.contains(words))
            .await;
    }
}

/// Salted as RFC 5802 has it (`Hi`), by one block of PBKDF2.
fn salted(password: &str, salt: &[u8], iterations: u32) -> Vec<u8> {
    let mac = |text: &[u8]| {
        let mut key = [0_u8; 128];
        key[..password.len()].copy_from_slice(password.as_bytes());
        let inner = Sha512::digest([&key.map(|b| b ^ 0x36)[..], text].concat());
        Sha512::digest([&key.map(|b| b ^ 0x5c)[..], &inner].concat()).to_vec()
    };
    let mut block = mac(&[salt, &[0, 0, 0, 1]].concat());
    let mut sum = block.clone();
    for _ in 1..iterations {
        block = mac(&block);
        sum.iter_mut().zip(&block).for_each(|(s, b)| *s ^= b);
    }
    sum
}

async fn change_password(kafka: &Client, user: &str, password: &str) {
    let (salt, iterations) = (b"salt of a test".to_vec(), 4096);
    let salted = salted(password, &salt, 4096);
    let changed = ScramCredentialUpsertion {
        name: user.to_owned(),
        mechanism: ScramMechanism::Sha512,
        iterations,
        salt: salt.into(),
        salted_password: salted.into(),
    };
    let options = AlterUserScramCredentialsOptions::default();
    let done = kafka.admin().alter_user_scram_credentials(Vec::new(), vec![changed], options).await.unwrap();
    done.into_values().for_each(|result| result.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_is_taken_up_and_a_bad_one_is_told() {
    let kafka = Kafka::start(KafkaOptions { secure: true, ..KafkaOptions::default() }).unwrap();
    let secure = kafka.secure().unwrap();
    let topic = Topic::create(&kafka.bootstrap(), "renewed", 1).await;
    let files = PrivateDir::new("renew").unwrap();
    let password = files.path().join("password");
    fs::write(&password, format!("{}\n", secure.user.password)).unwrap();
    let sasl = format!(
        "sasl = {{ mechanism = \"scram-sha-512\", username = \"{}\", password_file = \"{}\" }}",
        secure.user.name,
        password.display()
    );
    let world = World::start_with(&source(&secure.sasl.to_string(), &topic.name, &sasl)).await;
    let seen = Seen::of(&world).await;
    topic.send("one", "{}").await;
    seen.stored("one").await;

    fs::remove_file(&password).unwrap();
    seen.told("cannot be read").await;
    let list = seen.page("/sources").await;
    assert!(list.contains("what was read before is still used") && list.contains("NOTICE"), "{list}");
    let own = list
        .split("href=\"")
        .find(|l| l.starts_with("/sources/") && !l.starts_with("/sources/new"))
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let own = seen.page(own).await;
    assert!(own.contains("something needs to be seen to") && own.contains("cannot be read"), "{own}");
    topic.send("two", "{}").await;
    seen.stored("two").await;

    // Whoever replaces it writes the file first: the broker refuses it, and the old connection goes on.
    fs::write(&password, "another password").unwrap();
    seen.told("New credentials are there").await;
    topic.send("three", "{}").await;
    seen.stored("three").await;

    change_password(&topic.kafka, secure.user.name, "another password").await;
    seen.no_longer_told("New credentials are there").await;
    topic.send("four", "{}").await;
    seen.stored("four").await;

    // Connections made from now on know the new one only.
    kafka.restart().unwrap();
    let after = Topic::create(&kafka.bootstrap(), "after", 1).await;
    drop(after);
    weir_broker::conformance::eventually("the restarted broker takes it", || async {
        topic.send("five", "{}").await;
        Some(())
    })
    .await;
    seen.until("/events?key=five", "five", |page| page.contains("data-event=")).await;
    seen.no_longer_told("another password").await;
    for key in ["one", "two", "three", "four"] {
        seen.stored(key).await;
    }
    world.running.end().await;
}

async fn grant(kafka: &Client, who: &str, topic: &str, operation: AclOperation, permission: AclPermissionType) {
    let binding = AclBinding {
        resource_type: AclResourceType::Topic,
        resource_name: topic.to_owned(),
        // krafka 0.28.1 numbers these one too low: what it calls prefixed is Kafka's LITERAL (3).
        pattern_type: AclPatternType::Prefixed,
        principal: format!("User:CN={who}"),
        host: "*".to_owned(),
        operation,
        permission_type: permission,
    };
    let made = kafka.admin().create_acls(vec![binding], CreateAclsOptions::default()).await.unwrap();
    made.into_iter().for_each(|(_, result)| result.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_is_replaced_with_its_key() {
    let options = KafkaOptions { secure: true, ..KafkaOptions::default() }
        .with("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .with("super.users", "User:ANONYMOUS");
    let kafka = Kafka::start(options).unwrap();
    let secure = kafka.secure().unwrap();
    let topic = Topic::create(&kafka.bootstrap(), "certified", 1).await;
    for who in ["weir-tap", "weir-tap-2"] {
        for operation in [AclOperation::Describe, AclOperation::Read] {
            grant(&topic.kafka, who, &topic.name, operation, AclPermissionType::Allow).await;
        }
    }
    let files = PrivateDir::new("renew").unwrap();
    let [cert, key] = ["client.pem", "client.key"].map(|name| files.path().join(name));
    fs::write(&cert, &secure.client_cert_pem).unwrap();
    fs::write(&key, &secure.client_key_pem).unwrap();
    let (ca, cert_file, key_file) = (secure.files.ca.display(), cert.display(), key.display());
    let tls = format!("tls = {{ ca_file = \"{ca}\", cert_file = \"{cert_file}\", key_file = \"{key_file}\" }}");
    let world = World::start_with(&source(&secure.mutual_tls.to_string(), &topic.name, &tls)).await;
    let seen = Seen::of(&world).await;
    topic.send("one", "{}").await;
    seen.stored("one").await;

    // The key follows a while after its certificate: until then the two before stay in use.
    fs::write(&cert, &secure.other_client.0).unwrap();
    seen.told("New credentials are there").await;
    topic.send("two", "{}").await;
    seen.stored("two").await;
    // From now on nobody reads by the old certificate.
    grant(&topic.kafka, "weir-tap", &topic.name, AclOperation::Read, AclPermissionType::Deny).await;
    fs::write(&key, &secure.other_client.1).unwrap();
    seen.no_longer_told("New credentials are there").await;
    topic.send("three", "{}").await;
    seen.stored("three").await;
    for key in ["one", "two"] {
        seen.stored(key).await;
    }
    world.running.end().await;
}

async fn psql(url: &str, sql: &str) {
    let done =
        tokio::process::Command::new("psql").args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]).output();
    let done = done.await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_s_password_is_replaced() {
    let postgres = Postgres::start(PostgresOptions::default()).unwrap();
    let old = postgres.ensure_database("weir").unwrap();
    let (scheme, rest) = old.split_once("://").unwrap();
    let (user, host) = rest.split_once('@').unwrap();
    let new = format!("{scheme}://{}:another-password@{host}", user.split(':').next().unwrap());
    let dir = PrivateDir::new("renew").unwrap();
    let file = dir.path().join("database-url");
    fs::write(&file, &old).unwrap();
    let text = "listen = \"127.0.0.1:0\"\ndatabase_url_file = \"database-url\"";
    let surroundings = Surroundings { dir: dir.path().to_owned(), ..Surroundings::default() };
    let config = config::parse("weir.toml", text, &surroundings).unwrap_or_else(|e| panic!("{e}")).config;
    let running = serve::start(config, CancellationToken::new()).await.unwrap();
    let until = async |status: u16| {
        let begun = Instant::now();
        while common::client::ask(running.address.unwrap(), Ask::get("/readyz")).await.status != status {
            assert!(begun.elapsed() < LIMIT, "never {status}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    until(200).await;
    psql(&old, "alter role weir password 'another-password'").await;
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'weir %'";
    psql(&new, cut).await;
    until(503).await;
    fs::write(&file, format!("{new}\n")).unwrap();
    until(200).await;
    // What is no address changes nothing, for connections that are made later neither.
    fs::write(&file, "nonsense").unwrap();
    psql(&new, cut).await;
    until(200).await;
    running.end().await;
}
