//! Sources that people make in the browser: how they are kept, sealed and tried out.

use super::{EnvironmentChoice, Preview, SecretField, SourceSettings, Step};
use crate::{
    EnvironmentId, PersonId, Secret, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
};
use async_trait::async_trait;

/// A secret as it rests: sealed with the key of this id, bound to its source and field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub key_id: String,
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

/// Why a secret can't be sealed or opened. The texts are for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    #[error("no key to seal secrets with is configured")]
    NoKey,
    #[error("it was sealed with the key {0}, which this server does not have")]
    OtherKey(String),
    #[error("it can't be opened: it was changed, or belongs to another source")]
    Broken,
}

/// Seals secrets with the key of the configuration.
pub trait Vault: Send + Sync {
    /// The id of the key that seals now; `None` without one.
    fn key_id(&self) -> Option<String>;
    fn seal(&self, source: SourceId, field: SecretField, secret: &Secret) -> Result<Sealed, VaultError>;
    fn open(&self, source: SourceId, field: SecretField, sealed: &Sealed) -> Result<Secret, VaultError>;
}

/// A made source as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeSource {
    pub id: SourceId,
    pub name: String,
    pub environment: EnvironmentId,
    pub environment_name: String,
    /// Raised by every change; taps start anew with it.
    pub version: i64,
    pub settings: SourceSettings,
    pub secrets: Vec<(SecretField, Sealed)>,
}

/// A made source at one of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeVersion {
    pub source: SourceId,
    pub name: String,
    pub version: i64,
}

/// Who has a name already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameTaken {
    pub id: SourceId,
    pub environment: EnvironmentId,
    pub environment_name: String,
    /// Its reading was given up, by the configuration or by a person; its events are still there.
    pub gone: bool,
}

/// What is to be kept, by whom.
#[derive(Debug, Clone)]
pub struct KeptSource {
    pub id: SourceId,
    pub name: String,
    pub environment: EnvironmentChoice,
    pub settings: SourceSettings,
    /// All of them: what is not here is forgotten.
    pub secrets: Vec<(SecretField, Sealed)>,
    pub by: PersonId,
    pub at: Timestamp,
}

/// Sources made in the browser. Those of the file keep winning their names.
#[async_trait]
pub trait MadeSources: Send + Sync {
    /// `Ok(None)`: there is none, it is the file's, or it was removed.
    async fn made(&self, view: &View, id: SourceId) -> Result<Option<MadeSource>, StoreError>;
    async fn name_taken(&self, view: &View, name: &str) -> Result<Option<NameTaken>, StoreError>;
    /// An id for a source that is about to be made: its secrets are bound to it before it is stored.
    async fn reserve(&self, view: &View) -> Result<SourceId, StoreError>;
    /// Stores a new one in one transaction; one that took up the id of a source whose reading was given up goes on
    /// under it. [`StoreError::Conflict`] if its name, or a new environment's, was taken meanwhile.
    async fn add(&self, view: &View, new: &KeptSource) -> Result<(), StoreError>;
    /// `Ok(false)`: it is at another version by now, or gone.
    async fn change(&self, view: &View, version: i64, kept: &KeptSource) -> Result<bool, StoreError>;
    /// Gives up reading it and forgets settings and secrets; its events stay. `Ok(false)`: there is none.
    async fn remove(&self, view: &View, id: SourceId, by: &PersonId, at: Timestamp) -> Result<bool, StoreError>;

    /// Ids, names and versions of all, for taps.
    async fn versions(&self, view: &SystemView) -> Result<Vec<MadeVersion>, StoreError>;
    async fn for_tap(&self, view: &SystemView, id: SourceId) -> Result<Option<MadeSource>, StoreError>;
    /// Replaces what was sealed with an older key, if it still is.
    async fn reseal(&self, id: SourceId, field: SecretField, old: &Sealed, new: &Sealed) -> Result<bool, StoreError>;
    /// Ends when some of them may have changed; a hint that can be missed.
    async fn hint(&self);
}

/// What is to be tried out: settings and plain secrets, nothing stored.
#[derive(Debug, Clone)]
pub struct Trial {
    /// For messages.
    pub name: String,
    pub settings: SourceSettings,
    pub secrets: Vec<(SecretField, Secret)>,
}

/// Connects to a broker without keeping anything.
#[async_trait]
pub trait Prober: Send + Sync {
    /// Kinds of brokers there are.
    fn kinds(&self) -> Vec<&'static str>;
    /// The steps of a test, all of them, within 15 s. Never fails: what goes wrong is an outcome.
    async fn examine(&self, trial: &Trial) -> Vec<Step>;
    /// What the patterns include. The error is a text for a person.
    async fn preview(&self, trial: &Trial) -> Result<Preview, String>;
}
