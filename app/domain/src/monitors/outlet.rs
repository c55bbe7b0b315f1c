use super::{Scope, Severity};
use crate::{CaseError, OutletId, Secret, sources::Sealed};
use serde::{Deserialize, Serialize};

/// Outlets that may be kept.
pub const MOST_OUTLETS: u32 = 50;
/// What the seal of the heartbeat's address is bound to instead of an outlet.
pub const HEARTBEAT: &str = "heartbeat";
pub const URL_HINT: &str = "Write it with https:// or http://, without a user name.";
const LONGEST_NAME: usize = 60;
const LONGEST_URL: usize = 2_000;
const LONGEST_SECRET: usize = 4_096;
const MOST_RECIPIENTS: usize = 20;
/// Of the service in the United States; `https://events.eu.pagerduty.com/v2/enqueue` is Europe's.
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutletKind {
    /// An incoming webhook of Slack, or of what takes the same (Mattermost, Rocket.Chat).
    Slack,
    /// JSON, signed as Standard Webhooks say.
    Webhook,
    /// Events API v2.
    PagerDuty,
    /// SMTP.
    Mail,
}

impl OutletKind {
    pub const ALL: [Self; 4] = [Self::Slack, Self::Webhook, Self::PagerDuty, Self::Mail];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Webhook => "webhook",
            Self::PagerDuty => "pager_duty",
            Self::Mail => "mail",
        }
    }
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }
    /// For a person.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slack => "Slack-compatible webhook",
            Self::Webhook => "Signed webhook",
            Self::PagerDuty => "PagerDuty",
            Self::Mail => "Mail",
        }
    }
    /// What is sealed of it, and must be there.
    pub const fn needs(self) -> &'static [OutletField] {
        match self {
            Self::Slack => &[OutletField::Url],
            Self::Webhook => &[OutletField::Url, OutletField::Secret],
            Self::PagerDuty => &[OutletField::RoutingKey],
            Self::Mail => &[],
        }
    }
}

/// What of an outlet is sealed and never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutletField {
    /// Whoever knows the address of a webhook can write to it.
    Url,
    /// What a webhook is signed with.
    Secret,
    RoutingKey,
    /// Of the mail server's user.
    Password,
}

impl OutletField {
    pub const ALL: [Self; 4] = [Self::Url, Self::Secret, Self::RoutingKey, Self::Password];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Secret => "secret",
            Self::RoutingKey => "routing_key",
            Self::Password => "password",
        }
    }
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == word)
    }
    const fn name(self) -> &'static str {
        match self {
            Self::Url => "address",
            Self::Secret => "secret that it is signed with",
            Self::RoutingKey => "integration key",
            Self::Password => "password",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    /// From the first byte (port 465).
    Implicit,
    /// After STARTTLS, without which nothing is sent (port 587).
    StartTls,
    /// None: within a machine or a network that is trusted.
    None,
}

impl MailTls {
    pub const ALL: [Self; 3] = [Self::StartTls, Self::Implicit, Self::None];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::StartTls => "starttls",
            Self::None => "none",
        }
    }
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == word)
    }
}

/// What of an outlet may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum OutletSettings {
    /// The host of its address.
    Slack {
        shown: String,
    },
    Webhook {
        shown: String,
    },
    PagerDuty {
        endpoint: String,
    },
    Mail {
        host: String,
        port: u16,
        tls: MailTls,
        user: Option<String>,
        from: String,
        to: Vec<String>,
    },
}

impl OutletSettings {
    pub const fn kind(&self) -> OutletKind {
        match self {
            Self::Slack { .. } => OutletKind::Slack,
            Self::Webhook { .. } => OutletKind::Webhook,
            Self::PagerDuty { .. } => OutletKind::PagerDuty,
            Self::Mail { .. } => OutletKind::Mail,
        }
    }

    /// Where it leads, as it may be shown.
    pub fn leads_to(&self) -> String {
        match self {
            Self::Slack { shown } | Self::Webhook { shown } => shown.clone(),
            Self::PagerDuty { endpoint } => endpoint.clone(),
            Self::Mail { host, port, to, .. } => format!("{} by {host}:{port}", to.join(", ")),
        }
    }

    /// May what is kept of the old one be sent to where this one leads? Otherwise whoever may edit an outlet could have
    /// its password sent to a machine of their own.
    pub fn leads_the_same_way(&self, old: &Self) -> bool {
        match (self, old) {
            (Self::Mail { host, port, tls, user, .. }, Self::Mail { host: h, port: p, tls: t, user: u, .. }) => {
                (host, port, tls, user) == (h, p, t, u)
            }
            (Self::PagerDuty { endpoint }, Self::PagerDuty { endpoint: before }) => endpoint == before,
            // The address itself is what is kept.
            _ => self.kind() == old.kind(),
        }
    }
}

/// What an outlet is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Takes {
    pub page: bool,
    pub notify: bool,
    pub scope: Scope,
}

impl Takes {
    pub const fn severity(&self, severity: Severity) -> bool {
        match severity {
            Severity::Page => self.page,
            Severity::Notify => self.notify,
        }
    }
}

/// Somewhere that alerts are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlet {
    pub id: OutletId,
    pub name: String,
    pub on: bool,
    pub takes: Takes,
    pub settings: OutletSettings,
    pub secrets: Vec<(OutletField, Sealed)>,
    /// Raised by every change.
    pub version: i64,
}

/// An outlet as somebody wants it.
#[derive(Debug, Clone)]
pub struct OutletDraft {
    pub name: String,
    pub on: bool,
    pub kind: OutletKind,
    pub takes: Takes,
    /// PagerDuty's endpoint, or `host:port` of a mail server; empty otherwise, and for PagerDuty's own.
    pub server: String,
    pub tls: MailTls,
    pub user: String,
    pub from: String,
    /// Recipients, one a line or with commas between.
    pub to: String,
    /// Those that are given anew.
    pub secrets: Vec<(OutletField, Secret)>,
}

impl OutletDraft {
    /// Name and settings as they are kept. `old`: how it is kept so far, of whose secrets some may stay.
    ///
    /// # Errors
    /// Says the first thing that can't be used.
    pub fn read(&self, old: Option<&Outlet>) -> Result<(String, OutletSettings), CaseError> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return invalid("An outlet's name has 1 to 60 characters on one line.", "Name it after who is told.");
        }
        if !self.takes.page && !self.takes.notify {
            return invalid("The outlet takes neither what pages nor what notifies.", "Choose one, or switch it off.");
        }
        if old.is_some_and(|o| o.settings.kind() != self.kind) {
            return invalid("The kind of an outlet can't be changed.", "Add another one, and remove this one.");
        }
        if self.secrets.iter().any(|(_, s)| s.expose().len() > LONGEST_SECRET) {
            return invalid("A secret is longer than 4,096 bytes.", "Check what was pasted.");
        }
        let settings = self.settings(old)?;
        let stays = old.filter(|o| settings.leads_the_same_way(&o.settings));
        for field in self.kind.needs().iter().copied().chain(self.signs_in(&settings)) {
            let given = self.given(field).is_some();
            let kept = |o: &Outlet| o.secrets.iter().any(|(f, _)| *f == field);
            if !given && !stays.is_some_and(kept) {
                let what_to_do = match old.is_some_and(kept) {
                    true => {
                        "It leads elsewhere now: give it again, so that it is sent only where somebody who knows it wants it to go."
                    }
                    false => "Without it nothing can be sent.",
                };
                return invalid(&format!("The {} is missing.", field.name()), what_to_do);
            }
        }
        Ok((name.to_owned(), settings))
    }

    fn given(&self, field: OutletField) -> Option<&str> {
        let found = self.secrets.iter().find(|(f, s)| *f == field && !s.expose().trim().is_empty());
        found.map(|(_, s)| s.expose().trim())
    }

    fn signs_in(&self, settings: &OutletSettings) -> Option<OutletField> {
        let user = matches!(settings, OutletSettings::Mail { user: Some(_), .. });
        user.then_some(OutletField::Password)
    }

    /// Secrets that were given and that this kind takes.
    pub fn new_secrets(&self) -> Vec<(OutletField, Secret)> {
        let takes = |f: OutletField| {
            self.kind.needs().contains(&f) || (self.kind == OutletKind::Mail && f == OutletField::Password)
        };
        let fields = OutletField::ALL.into_iter().filter(|f| takes(*f));
        fields.filter_map(|f| Some((f, Secret::new(self.given(f)?)))).collect()
    }

    fn settings(&self, old: Option<&Outlet>) -> Result<OutletSettings, CaseError> {
        let shown = || match (self.given(OutletField::Url), old.map(|o| &o.settings)) {
            (Some(url), _) => masked_url(url).ok_or_else(|| bad_url("address")),
            (None, Some(OutletSettings::Slack { shown } | OutletSettings::Webhook { shown })) => Ok(shown.clone()),
            // Told as missing.
            (None, _) => Ok(String::new()),
        };
        Ok(match self.kind {
            OutletKind::Slack => OutletSettings::Slack { shown: shown()? },
            OutletKind::Webhook => OutletSettings::Webhook { shown: shown()? },
            OutletKind::PagerDuty => {
                let typed = self.server.trim();
                let endpoint = if typed.is_empty() { PAGERDUTY } else { typed };
                masked_url(endpoint).ok_or_else(|| bad_url("endpoint"))?;
                OutletSettings::PagerDuty { endpoint: endpoint.to_owned() }
            }
            OutletKind::Mail => self.mail()?,
        })
    }

    fn mail(&self) -> Result<OutletSettings, CaseError> {
        let server = self.server.trim();
        let (host, port) = match server.rsplit_once(':') {
            Some((host, port)) if crate::sources::is_address(server) => (host, port.parse().unwrap_or(0)),
            _ => return invalid("The mail server is no host:port.", "Write it like smtp.example.com:587."),
        };
        let user = Some(self.user.trim()).filter(|u| !u.is_empty()).map(str::to_owned);
        if user.is_some() && self.tls == MailTls::None && !["localhost", "127.0.0.1", "[::1]"].contains(&host) {
            return invalid(
                "A password would be sent without encryption.",
                "Choose STARTTLS or TLS, or leave the user empty.",
            );
        }
        let to: Vec<String> =
            self.to.split(['\n', ',', ';']).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect();
        if to.is_empty() || to.len() > MOST_RECIPIENTS {
            return invalid("A mail has 1 to 20 recipients.", "Write addresses, one a line.");
        }
        let from = self.from.trim().to_owned();
        if let Some(bad) = to.iter().chain([&from]).find(|a| !is_mail_address(a)) {
            return invalid(&format!("{bad:?} is no mail address."), "Write it like on-call@example.com.");
        }
        Ok(OutletSettings::Mail { host: host.to_owned(), port, tls: self.tls, user, from, to })
    }
}

fn invalid<T>(what: &str, what_to_do: &str) -> Result<T, CaseError> {
    Err(CaseError::Invalid { what: what.to_owned(), what_to_do: what_to_do.to_owned() })
}

fn bad_url(name: &str) -> CaseError {
    CaseError::Invalid { what: format!("The {name} can't be used."), what_to_do: URL_HINT.to_owned() }
}

/// Only the host of an address, for lists: `https://hooks.example/…`. `None`: it can't be used.
pub fn masked_url(url: &str) -> Option<String> {
    let url = url.trim();
    let (scheme, rest) = url.split_once("://")?;
    if url.len() > LONGEST_URL || !["https", "http"].contains(&scheme) || !url.chars().all(|c| c.is_ascii_graphic()) {
        return None;
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => port.parse::<u16>().ok().filter(|p| *p > 0).map(|_| host)?,
        _ => authority,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let bracketed = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let good = match bracketed {
        Some(inside) => !inside.is_empty() && inside.chars().all(|c| c.is_ascii_hexdigit() || c == ':' || c == '.'),
        None => !host.is_empty() && host.chars().all(plain),
    };
    // A fragment would never be sent.
    (good && !rest.contains('#')).then(|| format!("{scheme}://{authority}/…"))
}

/// As far as a form can tell; the mail server has the last word.
fn is_mail_address(text: &str) -> bool {
    let Some((user, host)) = text.rsplit_once('@') else { return false };
    let good = |c: char| c.is_ascii_graphic() && !matches!(c, ',' | ';' | '<' | '>' | '"' | '(' | ')');
    !user.is_empty() && !host.is_empty() && text.len() <= 254 && text.chars().all(good) && !user.contains('@')
}

#[cfg(test)]
#[path = "outlet_tests.rs"]
mod tests;
