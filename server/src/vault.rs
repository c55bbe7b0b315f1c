//! Secrets of sources made in the browser and of outlets, sealed with AES-256-GCM. The key comes from the configuration
//! and is never in the database; what is sealed is bound to whose it is and its field, so that a row moved elsewhere
//! can't be opened.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom as _, SystemRandom},
};
use sha2::{Digest as _, Sha256};
use weir_domain::{
    ErasureId, OutletId, Secret, SourceId,
    erasures::{KeptSubject, Subject, SubjectVault},
    monitors::{OutletField, OutletVault},
    sources::{Sealed, SecretField, Vault, VaultError},
};

/// 32 bytes, known by an id made of them.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey {
    id: String,
    bytes: [u8; 32],
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SecretKey {
    fn new(bytes: [u8; 32]) -> Self {
        // Tells keys apart and nothing of them.
        let digest = Sha256::new().chain_update(b"weir secrets key id").chain_update(bytes).finalize();
        let id = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
        Self { id, bytes }
    }

    /// From base64 of 32 bytes, with or without padding.
    pub fn parse(text: &str) -> Option<Self> {
        let padded = format!("{}=", text.trim_end_matches('='));
        Some(Self::new(STANDARD.decode(padded).ok()?.try_into().ok()?))
    }

    /// A new one. `None` if the system gives no random bytes.
    pub fn random() -> Option<Self> {
        random().map(Self::new)
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// As the configuration wants it, for the one command that makes keys.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.bytes)
    }

    fn aead(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.bytes).ok().map(LessSafeKey::new)
    }

    /// Nonce, ciphertext and tag.
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = random()?;
        let mut sealed = plain.to_vec();
        self.aead()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    /// What was sealed in just this context.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = rest.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        Some(self.aead()?.open_in_place(nonce, Aad::from(context), &mut rest).ok()?.to_vec())
    }
}

fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).ok().map(|()| bytes)
}

/// Keys of the configuration: the first one seals, the others open what they once sealed.
#[derive(Debug, Clone, Default)]
pub struct KeyVault {
    keys: Vec<SecretKey>,
}

impl KeyVault {
    pub fn new(keys: Vec<SecretKey>) -> Self {
        Self { keys }
    }
}

/// What a seal is bound to.
fn context(source: SourceId, field: SecretField) -> Vec<u8> {
    format!("weir source {source} field {}", field.as_str()).into_bytes()
}

impl Vault for KeyVault {
    fn key_id(&self) -> Option<String> {
        self.keys.first().map(|k| k.id.clone())
    }

    fn seal(&self, source: SourceId, field: SecretField, secret: &Secret) -> Result<Sealed, VaultError> {
        self.seal_in(&context(source, field), secret)
    }

    fn open(&self, source: SourceId, field: SecretField, sealed: &Sealed) -> Result<Secret, VaultError> {
        self.open_in(&context(source, field), sealed)
    }
}

/// What the seal of an outlet's secret is bound to.
fn outlet_context(outlet: &OutletId, field: OutletField) -> Vec<u8> {
    format!("weir outlet {} field {}", outlet.0, field.as_str()).into_bytes()
}

impl OutletVault for KeyVault {
    fn seal_for(&self, outlet: &OutletId, field: OutletField, secret: &Secret) -> Result<Sealed, VaultError> {
        self.seal_in(&outlet_context(outlet, field), secret)
    }

    fn open_for(&self, outlet: &OutletId, field: OutletField, sealed: &Sealed) -> Result<Secret, VaultError> {
        self.open_in(&outlet_context(outlet, field), sealed)
    }

    fn resealed(&self, outlet: &OutletId, field: OutletField, sealed: &Sealed) -> Option<Sealed> {
        let present = self.keys.first()?;
        if present.id == sealed.key_id {
            return None;
        }
        let secret = self.open_for(outlet, field, sealed).ok()?;
        self.seal_for(outlet, field, &secret).ok()
    }
}

impl KeyVault {
    fn seal_in(&self, context: &[u8], secret: &Secret) -> Result<Sealed, VaultError> {
        let key = self.keys.first().ok_or(VaultError::NoKey)?;
        let bytes = key.seal(context, secret.expose().as_bytes()).ok_or(VaultError::Broken)?;
        Ok(Sealed { key_id: key.id.clone(), bytes })
    }

    fn open_in(&self, context: &[u8], sealed: &Sealed) -> Result<Secret, VaultError> {
        if self.keys.is_empty() {
            return Err(VaultError::NoKey);
        }
        let key = self.keys.iter().find(|k| k.id == sealed.key_id);
        let key = key.ok_or_else(|| VaultError::OtherKey(sealed.key_id.clone()))?;
        let plain = key.open(context, &sealed.bytes).ok_or(VaultError::Broken)?;
        String::from_utf8(plain).map(Secret::new).map_err(|_| VaultError::Broken)
    }
}

/// What the seal of an erasure's subject is bound to.
fn erasure_context(id: &ErasureId) -> Vec<u8> {
    format!("weir erasure {}", id.0).into_bytes()
}

impl SubjectVault for KeyVault {
    /// Plain where the configuration has no key: erasing must not hang on it.
    fn keep(&self, id: &ErasureId, subject: &Subject) -> Result<KeptSubject, VaultError> {
        let (kind, plain) = (subject.kind(), subject.to_bytes());
        let Some(key) = self.keys.first() else { return Ok(KeptSubject { kind, key_id: None, bytes: plain }) };
        let bytes = key.seal(&erasure_context(id), &plain).ok_or(VaultError::Broken)?;
        Ok(KeptSubject { kind, key_id: Some(key.id.clone()), bytes })
    }

    fn take(&self, id: &ErasureId, kept: &KeptSubject) -> Result<Subject, VaultError> {
        let plain = match &kept.key_id {
            None => kept.bytes.clone(),
            Some(of) => {
                let key = self.keys.iter().find(|k| k.id == *of).ok_or_else(|| VaultError::OtherKey(of.clone()))?;
                key.open(&erasure_context(id), &kept.bytes).ok_or(VaultError::Broken)?
            }
        };
        Subject::kept(kept.kind, plain).ok_or(VaultError::Broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: SourceId = SourceId(1);

    #[test]
    fn what_is_sealed_holds_nothing_of_it_and_opens_only_where_it_belongs() {
        let vault = KeyVault::new(vec![SecretKey::random().unwrap()]);
        let secret = Secret::new("correct horse battery staple: ü");
        let sealed = vault.seal(SHOP, SecretField::Password, &secret).unwrap();
        let text = String::from_utf8_lossy(&sealed.bytes);
        assert!(!text.contains("correct") && !text.contains("staple"), "{text}");
        assert_eq!(vault.open(SHOP, SecretField::Password, &sealed), Ok(secret.clone()));
        assert_ne!(vault.seal(SHOP, SecretField::Password, &secret).unwrap().bytes, sealed.bytes, "never twice alike");
        // Moved to another source or field, or changed by one bit.
        assert_eq!(vault.open(SourceId(2), SecretField::Password, &sealed), Err(VaultError::Broken));
        assert_eq!(vault.open(SHOP, SecretField::ClientKey, &sealed), Err(VaultError::Broken));
        for at in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[at] ^= 1;
            assert_eq!(vault.open(SHOP, SecretField::Password, &changed), Err(VaultError::Broken), "byte {at}");
        }
        for length in 0..sealed.bytes.len() {
            let cut = Sealed { bytes: sealed.bytes[..length].to_vec(), ..sealed.clone() };
            assert_eq!(vault.open(SHOP, SecretField::Password, &cut), Err(VaultError::Broken), "{length} bytes");
        }
    }

    #[test]
    fn what_an_outlet_is_reached_with_opens_for_it_alone() {
        let vault = KeyVault::new(vec![SecretKey::random().unwrap()]);
        let (ops, other) = (OutletId("0193-a".into()), OutletId("0193-b".into()));
        let sealed = vault.seal_for(&ops, OutletField::Url, &Secret::new("https://hooks.example/s3cr3t")).unwrap();
        assert!(!String::from_utf8_lossy(&sealed.bytes).contains("s3cr3t"));
        assert!(vault.open_for(&ops, OutletField::Url, &sealed).is_ok());
        assert_eq!(vault.open_for(&other, OutletField::Url, &sealed), Err(VaultError::Broken));
        assert_eq!(vault.open_for(&ops, OutletField::Secret, &sealed), Err(VaultError::Broken));
        assert!(vault.open(SHOP, SecretField::Password, &sealed).is_err());
        // Under another key once there is one, and not again then.
        let new = SecretKey::random().unwrap();
        let both = KeyVault::new(vec![new.clone(), vault.keys[0].clone()]);
        let again = both.resealed(&ops, OutletField::Url, &sealed).unwrap();
        assert_eq!((again.key_id.as_str(), both.resealed(&ops, OutletField::Url, &again)), (new.id(), None));
        assert!(KeyVault::new(vec![new]).open_for(&ops, OutletField::Url, &again).is_ok());
        assert_eq!(vault.resealed(&ops, OutletField::Url, &again), None, "its key is not here");
    }

    #[test]
    fn a_subject_is_sealed_for_its_request_and_plain_without_a_key() {
        let vault = KeyVault::new(vec![SecretKey::random().unwrap()]);
        let (mine, other) = (ErasureId("0193-a".into()), ErasureId("0193-b".into()));
        let subject = Subject::Key(b"customer-4711".to_vec());
        let kept = vault.keep(&mine, &subject).unwrap();
        assert!(kept.key_id.is_some() && !String::from_utf8_lossy(&kept.bytes).contains("4711"));
        assert_eq!(vault.take(&mine, &kept), Ok(subject.clone()));
        assert_eq!(vault.take(&other, &kept), Err(VaultError::Broken));
        assert!(matches!(KeyVault::default().take(&mine, &kept), Err(VaultError::OtherKey(_))));
        let plain = KeyVault::default().keep(&mine, &subject).unwrap();
        assert_eq!((plain.key_id.as_deref(), plain.bytes.as_slice()), (None, &b"customer-4711"[..]));
        assert_eq!(vault.take(&mine, &plain), Ok(subject));
    }

    #[test]
    fn an_old_key_opens_what_it_sealed_and_seals_nothing_new() {
        let (old, new) = (SecretKey::random().unwrap(), SecretKey::random().unwrap());
        let secret = Secret::new("s");
        let sealed = KeyVault::new(vec![old.clone()]).seal(SHOP, SecretField::Password, &secret).unwrap();
        let both = KeyVault::new(vec![new.clone(), old.clone()]);
        assert_eq!(both.open(SHOP, SecretField::Password, &sealed), Ok(secret.clone()));
        assert_eq!(both.seal(SHOP, SecretField::Password, &secret).unwrap().key_id, new.id());
        let only_new = KeyVault::new(vec![new]);
        assert_eq!(only_new.open(SHOP, SecretField::Password, &sealed), Err(VaultError::OtherKey(old.id().into())));
        assert_eq!(KeyVault::default().open(SHOP, SecretField::Password, &sealed), Err(VaultError::NoKey));
        assert_eq!(KeyVault::default().seal(SHOP, SecretField::Password, &secret), Err(VaultError::NoKey));
    }

    #[test]
    fn keys_are_read_strictly_and_never_shown() {
        let key = SecretKey::random().unwrap();
        let text = key.to_base64();
        assert_eq!(SecretKey::parse(&text), Some(key.clone()));
        assert_eq!(SecretKey::parse(text.trim_end_matches('=')), Some(key.clone()));
        for bad in ["", "short", &text[1..], &format!("{text}{text}")] {
            assert_eq!(SecretKey::parse(bad), None, "{bad:?}");
        }
        assert!(!format!("{:?}", KeyVault::new(vec![key])).contains(&text));
    }
}
