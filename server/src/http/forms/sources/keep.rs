//! Secrets that were typed into a form which is shown again (after a test, or with a mistake elsewhere in it). They don't
//! travel back as text: the form carries them sealed with a key of this process, for this person, for an hour.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use weir_domain::{PersonId, Secret, sources::SecretField};

use crate::vault::SecretKey;

/// The hidden field.
pub const FIELD: &str = "kept";
const GOOD_FOR: Duration = Duration::from_secs(3600);

static KEEPER: LazyLock<Keeper> = LazyLock::new(|| Keeper { key: SecretKey::random(), begun: Instant::now() });

struct Keeper {
    key: Option<SecretKey>,
    begun: Instant,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    /// Seconds after this process began.
    until: u64,
    secrets: Vec<(SecretField, String)>,
}

/// For the form's hidden field; empty if there is nothing to keep.
pub fn seal(person: &PersonId, secrets: &[(SecretField, Secret)]) -> String {
    let sealed = || {
        let until = (KEEPER.begun.elapsed() + GOOD_FOR).as_secs();
        let secrets = secrets.iter().map(|(f, s)| (*f, s.expose().to_owned())).collect();
        let json = serde_json::to_vec(&Kept { until, secrets }).ok()?;
        let sealed = KEEPER.key.as_ref()?.seal(&context(person), &json)?;
        Some(URL_SAFE_NO_PAD.encode(sealed))
    };
    if secrets.is_empty() { String::new() } else { sealed().unwrap_or_default() }
}

/// What [`seal`] kept for the same person; nothing if it was another's, another process's, changed, or long ago.
pub fn open(person: &PersonId, kept: &str) -> Vec<(SecretField, Secret)> {
    let opened = || {
        let sealed = URL_SAFE_NO_PAD.decode(kept).ok()?;
        let json = KEEPER.key.as_ref()?.open(&context(person), &sealed)?;
        let kept: Kept = serde_json::from_slice(&json).ok()?;
        let late = KEEPER.begun.elapsed().as_secs() > kept.until;
        (!late).then(|| kept.secrets.into_iter().map(|(f, s)| (f, Secret::new(s))).collect())
    };
    if kept.is_empty() { Vec::new() } else { opened().unwrap_or_default() }
}

fn context(person: &PersonId) -> Vec<u8> {
    format!("weir form of {}", person.0).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_carries_secrets_that_only_its_own_person_can_use() {
        let (mara, eve) = (PersonId("mara".into()), PersonId("eve".into()));
        let secrets = vec![(SecretField::Password, Secret::new("correct horse"))];
        let kept = seal(&mara, &secrets);
        assert!(!kept.contains("correct") && !kept.is_empty());
        assert_eq!(open(&mara, &kept), secrets);
        assert_eq!(open(&eve, &kept), []);
        assert_eq!(open(&mara, &kept[1..]), []);
        assert_eq!(open(&mara, "nonsense"), []);
        assert_eq!(seal(&mara, &[]), "");
    }
}
