//! A broker with TLS, sign-in and rights, to try adding a source on: its one user may read one channel and only see that
//! there is another.

use crate::{Failure, say, send};
use krafka::{
    Kafka as Client,
    admin::{
        AclBinding, AclOperation, AclPatternType, AclPermissionType, AclResourceType, CreateAclsOptions,
        CreateTopicsOptions, NewTopic,
    },
};
use tokio::signal::unix::{SignalKind, signal};
use weir_testkit::{Kafka, KafkaOptions};

const READ: &str = "invoice.sent";
const DESCRIBED: &str = "salary.paid";

/// Runs until it is told to stop; nothing is kept.
pub async fn run() -> Result<(), Failure> {
    let mut stop = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let options = KafkaOptions { secure: true, ..KafkaOptions::default() }
        .with("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .with("super.users", "User:ANONYMOUS");
    let kafka = say::step("Kafka", || Kafka::start(options))?;
    let secure = kafka.secure().ok_or("the broker has no secure listeners")?;
    let bootstrap = kafka.bootstrap();
    let client = Client::builder(&bootstrap).client_id("secured").connect().await?;
    let topics = [READ, DESCRIBED].map(|name| NewTopic::new(name, 2, 1)).into_iter().collect::<Result<Vec<_>, _>>()?;
    for (name, made) in client.admin().create_topics(topics, CreateTopicsOptions::default()).await? {
        made.map_err(|e| format!("{name}: {e}"))?;
    }
    let rights =
        [(READ, AclOperation::Read), (DESCRIBED, AclOperation::Describe)].map(|(topic, operation)| AclBinding {
            resource_type: AclResourceType::Topic,
            resource_name: topic.to_owned(),
            // krafka 0.28.1 numbers these one too low: what it calls prefixed is Kafka's LITERAL (3).
            pattern_type: AclPatternType::Prefixed,
            principal: format!("User:{}", secure.user.name),
            host: "*".to_owned(),
            operation,
            permission_type: AclPermissionType::Allow,
        });
    for (_, made) in client.admin().create_acls(rights.to_vec(), CreateAclsOptions::default()).await? {
        made?;
    }
    for n in 1..=20 {
        let (key, payload) = (format!("inv-{n:04}"), format!(r#"{{"invoice":"inv-{n:04}","amount":{}}}"#, n * 100));
        send::run(&bootstrap, READ, &key, payload.into_bytes(), &[]).await?;
    }
    say::line(&format!("  Without anything:        {bootstrap}"));
    say::line(&format!("  With TLS:                {}", secure.tls));
    say::line(&format!("  With TLS and sign-in:    {}", secure.sasl_tls));
    say::line(&format!("  User:                    {}", secure.user.name));
    say::line(&format!("  Password:                {}", secure.user.password));
    say::line(&format!("  Certificate authority:   {}", secure.files.ca.display()));
    say::line(&format!("  May read:                {READ}"));
    say::line(&format!("  May only see that it is: {DESCRIBED}"));
    tokio::select! {
        _ = stop.0.recv() => {}
        _ = stop.1.recv() => {}
    }
    Ok(())
}
