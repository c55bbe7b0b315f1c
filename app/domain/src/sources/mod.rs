//! Sources: where events come from and how capture stands there, and how people make them.

mod draft;
mod examined;
mod made;
mod port;
mod settings;
mod shown;

pub use draft::{
    COLOURS, EnvironmentChoice, FieldProblem, SourceChange, SourceDraft, is_address, is_name, missing_secrets,
};
pub use examined::{Outcome, Preview, PreviewedChannel, Step, StepKind};
pub use made::{KeptSource, MadeSource, MadeSources, MadeVersion, NameTaken, Prober, Sealed, Trial, Vault, VaultError};
pub use port::Sources;
pub use settings::{
    CapturePolicy, PasswordMechanism, SecretField, SignInSettings, SourceSettings, StartSetting, TlsSettings, describe,
};
pub use shown::{ChannelShown, GapShown, PartitionShown, SettingsShown, SourceDetail, SourceList, SourceShown};
