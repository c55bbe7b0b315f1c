//! The broker's properties file.

use std::{fmt::Write as _, path::Path};

use super::certificates::Files;

/// Tells a listener (name, protocol, bound port, advertised port) in one of the properties' forms.
type Described<'a> = &'a dyn Fn(&(&'a str, &'a str, u16, u16)) -> String;

/// A user of the secure listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: &'static str,
    /// The password.
    pub password: &'static str,
}

/// The one user, the same for PLAIN and both kinds of SCRAM: these brokers hold nothing but test data.
pub(super) const USER: User = User { name: "weir-tap", password: "a password for tests: ü" };

/// The ports of one broker. The last four are used by the secure variant only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    pub(super) plain: u16,
    pub(super) controller: u16,
    pub(super) tls: u16,
    pub(super) mutual_tls: u16,
    pub(super) sasl: u16,
    pub(super) sasl_tls: u16,
    pub(super) proxied: u16,
}

/// A broker's part in its cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// Controller and broker at once, and able to be the only one.
    First,
    /// A second broker, of the cluster whose controller listens on this port.
    Second { cluster: String, controller: u16 },
}

impl Role {
    pub(super) fn node(&self) -> i32 {
        match self {
            Self::First => 1,
            Self::Second { .. } => 2,
        }
    }

    fn properties(&self, own_controller: u16) -> String {
        let (roles, controller) = match self {
            Self::First => ("broker,controller", own_controller),
            Self::Second { controller, .. } => ("broker", *controller),
        };
        let node = self.node();
        format!("process.roles={roles}\nnode.id={node}\ncontroller.quorum.voters=1@127.0.0.1:{controller}\n")
    }
}

/// Quick group changes, small caches, every internal topic with one replica, and no retention by time: half a minute
/// after its start a broker would delete what tests write with the times of another year.
const FIXED: &str = "\
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
auto.create.topics.enable=false
num.partitions=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=4194304
log.retention.hours=-1
group.consumer.min.heartbeat.interval.ms=500
group.consumer.heartbeat.interval.ms=500
group.consumer.min.session.timeout.ms=1000
group.share.min.heartbeat.interval.ms=500
group.share.heartbeat.interval.ms=500
group.share.min.session.timeout.ms=1000
";

/// What the format needs.
pub(super) fn minimal(data: &Path) -> String {
    format!(
        "{FIXED}{}log.dirs={}\nlisteners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n\
         listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\n",
        Role::First.properties(9093),
        data.display()
    )
}

/// The `--add-scram` arguments of the format.
pub(super) fn scram_users() -> Vec<String> {
    let user = |kind| format!("{kind}=[name=\"{}\",password=\"{}\"]", USER.name, USER.password);
    ["SCRAM-SHA-256", "SCRAM-SHA-512"].iter().flat_map(|kind| ["--add-scram".to_owned(), user(kind)]).collect()
}

/// The whole file. `advertised` is the port that the `PROXIED` listener tells its clients to use.
pub(super) fn whole(
    role: &Role,
    data: &Path,
    ports: &Ports,
    secure: Option<&Files>,
    advertised: Option<u16>,
    extra: &[(String, String)],
) -> String {
    let mut listeners = vec![("PLAINTEXT", "PLAINTEXT", ports.plain, ports.plain)];
    if secure.is_some() {
        listeners.push(("TLS", "SSL", ports.tls, ports.tls));
        listeners.push(("MUTUAL", "SSL", ports.mutual_tls, ports.mutual_tls));
        listeners.push(("SASL", "SASL_PLAINTEXT", ports.sasl, ports.sasl));
        listeners.push(("SASLTLS", "SASL_SSL", ports.sasl_tls, ports.sasl_tls));
    }
    if let Some(advertised) = advertised {
        listeners.push(("PROXIED", "PLAINTEXT", ports.proxied, advertised));
    }
    let join = |one: Described<'_>| listeners.iter().map(one).collect::<Vec<_>>().join(",");
    let bound = join(&|(name, _, port, _)| format!("{name}://127.0.0.1:{port}"));
    let told = join(&|(name, _, _, port)| format!("{name}://127.0.0.1:{port}"));
    let protocols = join(&|(name, protocol, _, _)| format!("{name}:{protocol}"));
    let controller = match role {
        Role::First => format!(",CONTROLLER://127.0.0.1:{}", ports.controller),
        Role::Second { .. } => String::new(),
    };
    let mut text = format!(
        "{FIXED}{}log.dirs={}\nlisteners={bound}{controller}\nadvertised.listeners={told}\n\
         listener.security.protocol.map=CONTROLLER:PLAINTEXT,{protocols}\n",
        role.properties(ports.controller),
        data.display()
    );
    if let Some(files) = secure {
        text.push_str(&secure_part(files));
    }
    for (name, value) in extra {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}={value}");
    }
    text
}

/// The port of the plain listener in a file written before.
pub(super) fn plain_port(text: &str) -> Option<u16> {
    let listeners = text.lines().find_map(|line| line.strip_prefix("listeners="))?;
    let plain = listeners.split(',').find_map(|one| one.strip_prefix("PLAINTEXT://127.0.0.1:"))?;
    plain.parse().ok()
}

fn secure_part(files: &Files) -> String {
    let (name, password) = (USER.name, escape(USER.password));
    let plain = format!(
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"{name}\" \
         password=\"{password}\" user_{name}=\"{password}\";"
    );
    let scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
    // Takes tokens that nobody signed, as Kafka does by default.
    let bearer = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required \
                  unsecuredLoginStringClaim_sub=\"broker\";";
    let mut text = format!(
        "ssl.keystore.type=PEM\nssl.keystore.location={}\nssl.truststore.type=PEM\nssl.truststore.location={}\n\
         listener.name.mutual.ssl.client.auth=required\n\
         sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER\n",
        files.server.display(),
        files.ca.display(),
    );
    for listener in ["sasl", "sasltls"] {
        let modules =
            [("plain", plain.as_str()), ("scram-sha-256", scram), ("scram-sha-512", scram), ("oauthbearer", bearer)];
        for (mechanism, module) in modules {
            let _ = writeln!(text, "listener.name.{listener}.{mechanism}.sasl.jaas.config={module}");
        }
    }
    text
}

/// Java reads a properties file as Latin-1 with `\uXXXX` for everything else.
fn escape(text: &str) -> String {
    let one = |c: char| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) };
    text.chars().map(one).collect()
}
