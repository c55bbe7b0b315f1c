//! Where alerts are sent to. An outlet is made in the browser, so that it reaches only what a source made there reaches
//! (D18b): each address is judged after its name was looked up, and what was judged is what is connected to. Nothing
//! follows a redirect, and of an answer no more than its status is told: an outlet is no way to read what lies inside.

mod http;
mod mail;
mod pager_duty;
mod slack;
mod webhook;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use rustls::ClientConfig;
use weir_broker::{NotReached, Reach};
use weir_domain::{
    Clock, OutletId, Secret,
    monitors::{HEARTBEAT, Message, NotSent, Outlet, OutletField, OutletSettings, OutletVault, Sender},
    sources::Sealed,
};

use crate::client::tls;

/// A request, or a mail, takes no longer.
const WITHIN: Duration = Duration::from_secs(10);

/// Sends to outlets of every kind.
#[derive(Clone)]
pub struct Outlets {
    vault: Arc<dyn OutletVault>,
    reach: Reach,
    tls: Arc<ClientConfig>,
    /// Authorities to trust instead of the system's, for mail.
    ca_pem: Option<String>,
    /// Weir's own address, for links: without a slash at its end.
    base: String,
    clock: Arc<dyn Clock>,
}

impl Outlets {
    /// `ca_pem`: authorities to trust instead of the system's.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn new(
        vault: Arc<dyn OutletVault>,
        reach: Reach,
        base: String,
        clock: Arc<dyn Clock>,
        ca_pem: Option<String>,
    ) -> Result<Self, String> {
        let tls = Arc::new(tls::config(ca_pem.as_deref(), None)?);
        Ok(Self { vault, reach, tls, ca_pem, base, clock })
    }

    fn secret(&self, outlet: &Outlet, field: OutletField) -> Result<Secret, NotSent> {
        let sealed = outlet.secrets.iter().find(|(f, _)| *f == field).map(|(_, sealed)| sealed);
        let sealed =
            sealed.ok_or_else(|| NotSent::because(format!("Its {} is not kept: give it again.", field.as_str())))?;
        self.opened(&outlet.id, field, sealed)
    }

    fn opened(&self, outlet: &OutletId, field: OutletField, sealed: &Sealed) -> Result<Secret, NotSent> {
        let opened = self.vault.open_for(outlet, field, sealed);
        opened.map_err(|why| NotSent::because(format!("Its {} can't be used: {why}. Give it again.", field.as_str())))
    }

    fn link(&self, message: &Message) -> String {
        format!("{}{}", self.base, message.path)
    }

    async fn send_to(&self, outlet: &Outlet, id: &str, message: &Message) -> Result<Option<String>, NotSent> {
        match &outlet.settings {
            OutletSettings::Slack { .. } => {
                let url = self.secret(outlet, OutletField::Url)?;
                let body = slack::body(message, &self.link(message));
                within(self.post(&url, &body, &[])).await?;
            }
            OutletSettings::Webhook { .. } => {
                let (url, secret) = (self.secret(outlet, OutletField::Url)?, self.secret(outlet, OutletField::Secret)?);
                let body = webhook::body(message, &self.link(message));
                let seconds = self.clock.now().0.div_euclid(1_000_000);
                let signed = webhook::headers(id, seconds, &body, &secret);
                within(self.post(&url, &body, &signed)).await?;
            }
            OutletSettings::PagerDuty { endpoint } => {
                let (url, key) = (Secret::new(endpoint), self.secret(outlet, OutletField::RoutingKey)?);
                // Mostly one, and each has its own time: many would else never get through.
                for event in pager_duty::events(message, &self.link(message), &self.base, &key) {
                    within(self.post(&url, &event, &[])).await?;
                }
            }
            OutletSettings::Mail { .. } => {
                let password = match outlet.secrets.iter().any(|(f, _)| *f == OutletField::Password) {
                    true => Some(self.secret(outlet, OutletField::Password)?),
                    false => None,
                };
                return within(mail::send(self, &outlet.settings, password.as_ref(), id, message)).await;
            }
        }
        Ok(None)
    }
}

async fn within<T>(attempt: impl Future<Output = Result<T, NotSent>>) -> Result<T, NotSent> {
    let late = |_| NotSent::because(format!("It did not answer within {} s.", WITHIN.as_secs()));
    tokio::time::timeout(WITHIN, attempt).await.map_err(late)?
}

#[async_trait]
impl Sender for Outlets {
    async fn send(&self, outlet: &Outlet, id: &str, message: &Message) -> Result<Option<String>, NotSent> {
        self.send_to(outlet, id, message).await
    }

    async fn call(&self, address: &Sealed) -> Result<(), NotSent> {
        let url = self.opened(&OutletId(HEARTBEAT.to_owned()), OutletField::Url, address)?;
        within(self.get(&url)).await
    }
}

/// Why nothing was connected to, in an outlet's words.
fn not_reached(host: &str, why: &NotReached) -> NotSent {
    NotSent::because(match why {
        NotReached::NotAllowed { address, why } => format!(
            "{host} is {address}, {why}, which outlets may not reach. If it is meant, list it under allow_addresses in weir.toml."
        ),
        other => format!("{host} {other}."),
    })
}
