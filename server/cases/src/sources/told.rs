//! Sources as the audit log tells of them: never a secret, only that one was replaced.

use weir_domain::{
    SourceId,
    audit::{About, Facts, Field, Object, Secret, Value},
    sources::{CapturePolicy, EnvironmentChoice, MadeSource, SignInSettings, SourceSettings},
};

pub(super) fn about(id: SourceId, name: &str) -> About {
    About::object(Object::source(id, Some(name)))
}

/// How a source is reached, and as whom.
pub(super) fn connection(settings: &SourceSettings) -> Facts {
    let sign_in = match &settings.sign_in {
        SignInSettings::Nothing => "nobody".to_owned(),
        SignInSettings::Password { mechanism, username } => format!("{username} by {}", mechanism.as_str()),
        SignInSettings::OAuth { client_id, endpoint, .. } => format!("{client_id} by a token of {endpoint}"),
        SignInSettings::AwsIam { access_key_id, region } => format!("{access_key_id} by IAM in {region}"),
    };
    Facts::new()
        .with(Field::Kind, settings.kind.as_str())
        .with(Field::Addresses, settings.addresses.iter().map(String::as_str).collect::<Value>())
        .with(Field::Encrypted, settings.tls.is_some())
        .with(Field::SignsIn, sign_in)
}

/// What is read of it, and how far Weir may go there.
pub(super) fn policy(facts: Facts, policy: &CapturePolicy) -> Facts {
    facts
        .with(Field::Capture, policy.capture.as_str())
        .with(Field::Act, policy.act.as_str())
        .with(Field::ReadOnly, policy.read_only)
        .with(Field::Channels, policy.channels.iter().map(String::as_str).collect::<Value>())
}

/// The name of one that is to be made; of one that is there its id, which its entries of the catalog tell.
pub(super) fn environment(facts: Facts, choice: &EnvironmentChoice, old: Option<&MadeSource>) -> Facts {
    let name = match choice {
        EnvironmentChoice::New { name, .. } => name.clone(),
        EnvironmentChoice::Existing(id) => match old.filter(|old| old.environment == *id) {
            Some(old) => old.environment_name.clone(),
            None => format!("#{id}"),
        },
    };
    facts.with(Field::Environment, name)
}

/// That secrets were given.
pub(super) fn secrets(facts: Facts, given: bool) -> Facts {
    if given { facts.replaced(Secret::Credentials) } else { facts }
}
