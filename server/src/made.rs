//! From a source as people made it to a broker: for taps, and for trying it out.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::timeout;
use weir_broker::{
    AddressRule, Assignment, AwsIam, Broker, BrokerError, Discovered, OAuth, PartitionAddress, Reach, Sasl,
    SaslMechanism, Settings, SignIn, Tls, TokenEndpoint, TokenFrom, Wanted, examined, guard,
};
use weir_domain::{
    Clock, Secret, SourceId, StoreError,
    access::SystemView,
    capture::WantedSource,
    sources::{
        MadeSource, MadeSources as _, MadeVersion, PasswordMechanism, Preview, PreviewedChannel, Prober, SecretField,
        SignInSettings, SourceSettings, StartSetting, Step, StepKind, Trial, Vault,
    },
};
use weir_engines::{MadeSpec, MadeSpecs, SourceSpec, StartAt};
use weir_store::Store;

use crate::brokers;

/// A preview ends after this long.
const PREVIEWED_WITHIN: Duration = Duration::from_secs(20);
/// Channels whose sizes are asked for.
const SIZED: usize = 2_000;

/// What makes brokers of made sources.
#[derive(Clone)]
pub struct Maker {
    pub rule: Arc<AddressRule>,
    pub clock: Arc<dyn Clock>,
    /// Known once the database was reached.
    pub instance: Arc<OnceLock<String>>,
}

type Secrets = [(SecretField, Secret)];

impl Maker {
    fn broker(&self, name: &str, settings: &SourceSettings, secrets: &Secrets) -> Result<Arc<dyn Broker>, BrokerError> {
        let kind = brokers::KINDS.iter().find(|k| k.name == settings.kind);
        let no_kind = || BrokerError::Settings(format!("there is no kind of broker called {}", settings.kind));
        let instance = self.instance.get().map_or("new", String::as_str);
        let reach = Reach::Only(self.rule.clone());
        let client_id = format!("weir.{instance}.{name}");
        (kind.ok_or_else(no_kind)?.connect)(connection(name, settings, secrets, client_id, reach), self.clock.clone())
    }
}

fn connection(name: &str, settings: &SourceSettings, secrets: &Secrets, client_id: String, reach: Reach) -> Settings {
    let secret = |field: SecretField| secrets.iter().find(|(f, _)| *f == field).map(|(_, s)| s.clone());
    // What is missing is empty, and refused by the broker in its own words.
    let needed = |field| secret(field).unwrap_or_else(|| Secret::new(""));
    let tls = settings.tls.as_ref().map(|tls| Tls {
        ca_pem: tls.ca_pem.clone(),
        client_cert_pem: tls.client_cert_pem.clone(),
        client_key_pem: tls.client_cert_pem.as_ref().and_then(|_| secret(SecretField::ClientKey)),
    });
    let sasl = match &settings.sign_in {
        SignInSettings::Nothing => None,
        SignInSettings::Password { mechanism, username } => Some(SignIn::Password(Sasl {
            mechanism: match mechanism {
                PasswordMechanism::Plain => SaslMechanism::Plain,
                PasswordMechanism::ScramSha256 => SaslMechanism::ScramSha256,
                PasswordMechanism::ScramSha512 => SaslMechanism::ScramSha512,
            },
            username: username.clone(),
            password: needed(SecretField::Password),
        })),
        SignInSettings::OAuth { endpoint, client_id, scope, extensions } => Some(SignIn::OAuth(OAuth {
            token: TokenFrom::Endpoint(TokenEndpoint {
                url: endpoint.clone(),
                client_id: client_id.clone(),
                client_secret: needed(SecretField::ClientSecret),
                scope: scope.clone(),
                ca_pem: None,
            }),
            extensions: extensions.clone(),
        })),
        SignInSettings::AwsIam { region, access_key_id } => Some(SignIn::AwsIam(AwsIam {
            region: region.clone(),
            access_key_id: access_key_id.clone(),
            secret_access_key: needed(SecretField::SecretAccessKey),
            session_token: secret(SecretField::SessionToken),
        })),
    };
    let (addresses, rack) = (settings.addresses.clone(), settings.rack.clone());
    Settings { name: name.to_owned(), addresses, tls, sasl, client_id, rack, reach }
}

#[async_trait]
impl Prober for Maker {
    fn kinds(&self) -> Vec<&'static str> {
        brokers::KINDS.iter().map(|k| k.name).collect()
    }

    async fn examine(&self, trial: &Trial) -> Vec<Step> {
        let policy = &trial.settings.policy;
        let wanted = Wanted { patterns: policy.channels.clone(), include_internal: policy.include_internal };
        match self.broker(&trial.name, &trial.settings, &trial.secrets) {
            Ok(broker) => examined(&*broker, &wanted).await,
            Err(error) => StepKind::ALL
                .into_iter()
                .map(|kind| match kind {
                    StepKind::Resolves => Step::failed(kind, error.to_string(), "Set it right and test again."),
                    kind => Step::skipped(kind, weir_broker::AFTER_A_FAILURE),
                })
                .collect(),
        }
    }

    async fn preview(&self, trial: &Trial) -> Result<Preview, String> {
        let broker = self.broker(&trial.name, &trial.settings, &trial.secrets).map_err(|e| e.to_string())?;
        match timeout(PREVIEWED_WITHIN, preview(&*broker, &trial.settings)).await {
            Ok(preview) => preview.map_err(|e| e.to_string()),
            Err(_) => Err(format!("{} did not answer within {} s.", trial.name, PREVIEWED_WITHIN.as_secs())),
        }
    }
}

async fn preview(broker: &dyn Broker, settings: &SourceSettings) -> Result<Preview, BrokerError> {
    let policy = &settings.policy;
    let mut found = broker.discover().await?.channels;
    found.retain(|c| policy.include_internal || !c.internal);
    let (included, left_out): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|c| policy.includes(&c.channel, c.internal));
    let count = |list: &[Discovered]| u32::try_from(list.len()).unwrap_or(u32::MAX);
    let names: Vec<String> =
        included.iter().take(SIZED).chain(left_out.iter().take(Preview::MOST)).map(|c| c.channel.clone()).collect();
    let sizes = broker.sizes(&names).await?;
    let size = |name: &str| sizes.iter().find(|s| s.channel == name);
    let all = |of: fn(&weir_broker::ChannelSize) -> Option<u64>| {
        if included.len() > SIZED {
            return None;
        }
        included.iter().map(|c| size(&c.channel).and_then(of)).sum::<Option<u64>>()
    };
    let (records_to_read, bytes_to_read) = match policy.start {
        StartSetting::Latest => (Some(0), Some(0)),
        StartSetting::Earliest => (all(|s| s.records), all(|s| s.bytes)),
        StartSetting::At(_) if included.len() > SIZED => (None, None),
        StartSetting::At(time) => {
            let estimate = broker.estimate(&assignments(&included, weir_broker::StartAt::Time(time))).await?;
            (estimate.records, estimate.bytes)
        }
    };
    let untold = sizes.iter().any(|s| s.bytes.is_none());
    let shown = |c: &Discovered, included| PreviewedChannel {
        name: c.channel.clone(),
        partitions: u32::try_from(c.partitions.len()).unwrap_or(u32::MAX),
        included,
        records: size(&c.channel).and_then(|s| s.records),
        bytes: size(&c.channel).and_then(|s| s.bytes),
    };
    let channels = included.iter().take(Preview::MOST).map(|c| shown(c, true));
    Ok(Preview {
        channels: channels.chain(left_out.iter().take(Preview::MOST).map(|c| shown(c, false))).collect(),
        included: count(&included),
        left_out: count(&left_out),
        records_to_read,
        bytes_to_read,
        without_sizes: untold.then(|| {
            "The broker does not tell sizes on its disks: for that the user needs DESCRIBE on the cluster. Everything else works without it.".to_owned()
        }),
    })
}

fn assignments(channels: &[Discovered], start: weir_broker::StartAt) -> Vec<Assignment> {
    let of_channel = |c: &Discovered| {
        let (channel, incarnation) = (c.channel.clone(), c.incarnation.clone());
        let start = start.clone();
        c.partitions.clone().into_iter().map(move |p| Assignment {
            address: PartitionAddress { channel: channel.clone(), number: p.number },
            incarnation: incarnation.clone(),
            start: start.clone(),
        })
    };
    channels.iter().take(SIZED).flat_map(of_channel).collect()
}

/// Made sources for taps: opened, and sealed anew where an older key sealed them.
pub struct ForTaps {
    pub store: Store,
    pub vault: Arc<dyn Vault>,
    pub maker: Maker,
    pub system: SystemView,
    /// No write to any broker, whatever sources say.
    pub read_only: bool,
}

#[async_trait]
impl MadeSpecs for ForTaps {
    async fn versions(&self) -> Result<Vec<MadeVersion>, StoreError> {
        self.store.versions(&self.system).await
    }

    async fn spec(&self, source: SourceId) -> Result<Option<MadeSpec>, StoreError> {
        let Some(made) = self.store.for_tap(&self.system, source).await? else { return Ok(None) };
        let spec = match self.open(&made).await {
            Ok(secrets) => self.build(&made, &secrets).map_err(|e| e.to_string()),
            Err(why) => Err(why),
        };
        Ok(Some(MadeSpec { source, name: made.name, version: made.version, spec }))
    }

    async fn hint(&self) {
        self.store.hint().await;
    }
}

impl ForTaps {
    async fn open(&self, made: &MadeSource) -> Result<Vec<(SecretField, Secret)>, String> {
        let present = self.vault.key_id();
        let mut secrets = Vec::new();
        for (field, sealed) in &made.secrets {
            let opened = self.vault.open(made.id, *field, sealed).map_err(|e| {
                let what = field.as_str().replace('_', " ");
                format!("Its {what} can't be used: {e}. Name that key in weir.toml (secrets_key_file), or edit the source and give it again.")
            })?;
            if Some(&sealed.key_id) != present.as_ref()
                && let Ok(anew) = self.vault.seal(made.id, *field, &opened)
            {
                match self.store.reseal(made.id, *field, sealed, &anew).await {
                    Ok(true) => {
                        tracing::info!(source = made.name, field = field.as_str(), "sealed with the present key")
                    }
                    Ok(false) => {}
                    Err(error) => {
                        tracing::debug!(source = made.name, %error, "could not be sealed anew; tried again at the next start")
                    }
                }
            }
            secrets.push((*field, opened));
        }
        Ok(secrets)
    }

    fn build(&self, made: &MadeSource, secrets: &Secrets) -> Result<SourceSpec, BrokerError> {
        let (settings, policy) = (&made.settings, &made.settings.policy);
        let read_only = policy.read_only || self.read_only;
        let allowance = guard::Allowance {
            read_only,
            act: guard::Ceiling::parse(&policy.act).unwrap_or_default(),
            channels: policy.channels.clone(),
        };
        Ok(SourceSpec {
            wanted: WantedSource {
                name: made.name.clone(),
                kind: settings.kind.clone(),
                environment: made.environment_name.clone(),
                description: settings.description(),
                capture: policy.capture.clone(),
                act: policy.act.clone(),
                read_only,
            },
            broker: Arc::new(guard::Guarded::new(
                made.name.clone(),
                self.maker.broker(&made.name, settings, secrets)?,
                allowance,
            )),
            patterns: policy.channels.clone(),
            include_internal: policy.include_internal,
            start: match policy.start {
                StartSetting::Latest => StartAt::Latest,
                StartSetting::Earliest => StartAt::Earliest,
                StartSetting::At(time) => StartAt::Time(time),
            },
            catch_up_bytes_per_s: policy.catch_up_bytes_per_s,
            type_header: policy.type_header.clone(),
            type_field: policy.type_field.clone(),
        })
    }
}
