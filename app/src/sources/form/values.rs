use crate::drawn::Echo;
use std::collections::BTreeMap;
use weir_domain::{
    Timestamp,
    sources::{CapturePolicy, FieldProblem, Preview, SecretField, SettingsShown, SignInSettings, StartSetting, Step},
};

/// What became of a form: handed by the server to the page that shows the form again.
#[derive(Debug, Clone, Default)]
pub struct Told {
    pub problems: Vec<FieldProblem>,
    pub steps: Option<Vec<Step>>,
    pub preview: Option<Preview>,
    /// Secrets that the form carries along, sealed.
    pub held: Vec<SecretField>,
}

/// What stands in a form: what was typed, else what is stored, else the usual.
pub struct Values {
    pub echo: Echo,
    pub told: Told,
    stored: BTreeMap<&'static str, String>,
    /// Secrets that are stored.
    pub kept: Vec<SecretField>,
}

impl Values {
    /// Of a form that begins with these values.
    pub fn beginning(stored: BTreeMap<&'static str, String>, kept: Vec<SecretField>) -> Self {
        let echo = Echo::here();
        let told = echo.told::<Told>().cloned().unwrap_or_default();
        Self { echo, told, stored, kept }
    }

    pub fn was_sent(&self) -> bool {
        !self.echo.fields.is_empty()
    }

    pub fn get(&self, name: &str) -> String {
        match self.echo.typed(name) {
            Some(typed) => typed.to_owned(),
            None if self.was_sent() => String::new(),
            None => self.stored.get(name).cloned().unwrap_or_default(),
        }
    }

    pub fn problem(&self, name: &str) -> Option<String> {
        let own: Vec<&str> = self.told.problems.iter().filter(|p| p.field == name).map(|p| p.what.as_str()).collect();
        (!own.is_empty()).then(|| own.join(" "))
    }
}

/// A form of a stored source.
pub fn stored(s: &SettingsShown) -> BTreeMap<&'static str, String> {
    let settings = &s.settings;
    let mut values = policy(&settings.policy);
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let tls = settings.tls.as_ref();
    values.extend([
        ("name", s.name.clone()),
        ("version", s.version.to_string()),
        ("kind", settings.kind.clone()),
        ("addresses", settings.addresses.join("\n")),
        ("rack", text(&settings.rack)),
        ("environment", s.environment.to_string()),
        ("tls", tls.map_or("off", |t| if t.client_cert_pem.is_some() { "mutual" } else { "on" }).to_owned()),
        ("ca_pem", tls.map(|t| text(&t.ca_pem)).unwrap_or_default()),
        ("client_cert_pem", tls.map(|t| text(&t.client_cert_pem)).unwrap_or_default()),
    ]);
    match &settings.sign_in {
        SignInSettings::Nothing => drop(values.insert("sign_in", "none".into())),
        SignInSettings::Password { mechanism, username } => {
            values.extend([("sign_in", mechanism.as_str().to_owned()), ("username", username.clone())]);
        }
        SignInSettings::OAuth { endpoint, client_id, scope, extensions } => values.extend([
            ("sign_in", "oauthbearer".to_owned()),
            ("oauth_endpoint", endpoint.clone()),
            ("client_id", client_id.clone()),
            ("scope", text(scope)),
            ("extensions", extensions.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("\n")),
        ]),
        SignInSettings::AwsIam { region, access_key_id } => values.extend([
            ("sign_in", "aws-msk-iam".to_owned()),
            ("region", region.clone()),
            ("access_key_id", access_key_id.clone()),
        ]),
    }
    values
}

fn policy(policy: &CapturePolicy) -> BTreeMap<&'static str, String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let ticked = |on: bool| if on { "on" } else { "" }.to_owned();
    let (start, time) = match policy.start {
        StartSetting::Latest => ("latest", String::new()),
        StartSetting::Earliest => ("earliest", String::new()),
        StartSetting::At(time) => ("time", minute(time)),
    };
    BTreeMap::from([
        ("capture", policy.capture.clone()),
        ("act", policy.act.clone()),
        ("read_only", ticked(policy.read_only)),
        ("channels", policy.channels.join("\n")),
        ("include_internal", ticked(policy.include_internal)),
        ("start", start.to_owned()),
        ("start_time", time),
        ("catch_up", policy.catch_up_bytes_per_s.map(|b| (b as f64 / 1e6).to_string()).unwrap_or_default()),
        ("type_header", text(&policy.type_header)),
        ("type_field", text(&policy.type_field)),
    ])
}

/// As a browser's field for a time wants it, in UTC.
fn minute(time: Timestamp) -> String {
    crate::ui::time::iso(time).chars().take("2026-11-22T08:00".len()).collect()
}

/// A source that is careful by itself: from the latest event on, nothing done at the broker.
pub fn usual() -> BTreeMap<&'static str, String> {
    [
        ("kind", "kafka"),
        ("tls", "on"),
        ("capture", "full"),
        ("act", "none"),
        ("channels", "*"),
        ("start", "latest"),
        ("catch_up", "10"),
        ("new_kind", "other"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}
