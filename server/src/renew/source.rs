//! The credentials of one source.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use weir_broker::{Broker, BrokerError, Settings};
use weir_domain::Clock;

use super::{
    broker::Renewable,
    look::{EVERY, Files},
};
use crate::{
    brokers::{self, Connect},
    config::{CredentialFiles, Source},
};

/// For the broker to take new credentials, and until they are tried again if it does not.
const PATIENCE: Duration = Duration::from_secs(20);
const AGAIN: Duration = Duration::from_secs(10);

/// Watches over the files that a source's credentials come from.
pub struct Credentials {
    files: CredentialFiles,
    looks: Files,
    settings: Settings,
    connect: Connect,
    clock: Arc<dyn Clock>,
    broker: Renewable,
}

/// New credentials that the broker has not taken yet.
struct Trial {
    settings: Settings,
    broker: Arc<dyn Broker>,
    at: Instant,
}

impl Credentials {
    /// # Errors
    /// As [`brokers::connect`].
    pub fn new(source: &Source, client_id: String, clock: Arc<dyn Clock>) -> Result<Self, BrokerError> {
        let (connect, settings) = brokers::way(source, client_id)?;
        let files = source.files.clone();
        let broker = Renewable::new(connect(settings.clone(), clock.clone())?);
        let looks = Files::new(files.paths());
        Ok(Self { files, looks, settings, connect, clock, broker })
    }

    pub fn broker(&self) -> Arc<dyn Broker> {
        Arc::new(self.broker.clone())
    }

    /// Looks until `stop`.
    pub async fn watch(mut self, stop: CancellationToken) {
        let mut trial = None;
        while stop.run_until_cancelled(sleep(EVERY)).await.is_some() {
            if self.looks.changed() {
                trial = self.read();
            }
            if let Some(due) = trial.take_if(|trial| trial.at <= Instant::now()) {
                let Some(next) = stop.run_until_cancelled(self.attempt(due)).await else { return };
                trial = next;
            }
        }
    }

    /// What the files hold now, if it is another thing than what is used.
    fn read(&self) -> Option<Trial> {
        let name = &self.settings.name;
        let read = self.files.read(self.settings.tls.as_ref(), self.settings.sasl.as_ref());
        let (tls, sasl) = match read {
            Ok(read) => read,
            Err(why) => {
                tracing::warn!(source = name, why, "a changed file is no good: what was read before stays in use");
                self.broker.tell(Some(format!("{why}; what was read before is still used.")));
                return None;
            }
        };
        if (&tls, &sasl) == (&self.settings.tls, &self.settings.sasl) {
            self.broker.tell(None);
            return None;
        }
        let settings = Settings { tls, sasl, ..self.settings.clone() };
        match (self.connect)(settings.clone(), self.clock.clone()) {
            Ok(broker) => Some(Trial { settings, broker, at: Instant::now() }),
            Err(why) => {
                self.keep(&why.to_string());
                None
            }
        }
    }

    /// Asks the broker by the new credentials before the old connection is given up: whoever replaces a password may not
    /// have told the broker yet.
    async fn attempt(&mut self, trial: Trial) -> Option<Trial> {
        if let Some(why) = failure(&trial.broker).await
            // Nor by the old ones: then the new ones are as good, and right once the broker is back.
            && failure(&self.broker.now()).await.is_none()
        {
            self.keep(&why);
            return Some(Trial { at: Instant::now() + AGAIN, ..trial });
        }
        tracing::info!(source = self.settings.name, "credentials were replaced: connecting with the new ones");
        self.settings = trial.settings;
        self.broker.tell(None);
        self.broker.replace(trial.broker);
        None
    }

    fn keep(&self, why: &str) {
        tracing::warn!(source = self.settings.name, why, "new credentials are no good: the ones before stay in use");
        self.broker
            .tell(Some(format!("New credentials are there and can't be used: {why}; the ones before still are.")));
    }
}

/// Why the broker can't be asked by this connection; `None` if it can.
async fn failure(broker: &Arc<dyn Broker>) -> Option<String> {
    match timeout(PATIENCE, broker.discover()).await {
        Ok(Ok(_)) => None,
        Ok(Err(why)) => Some(why.to_string()),
        Err(_) => Some(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}
