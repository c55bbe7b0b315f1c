//! Sources, what was made of them, and what pages tell of them.

use super::FakePorts;
use async_trait::async_trait;
use std::sync::atomic::Ordering;
use weir_domain::{
    EnvironmentId, PersonId, Secret, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    changes::{ChangeCursor, ChangeFilter, ChangeKind, ChangeShown, Changes, NewChange},
    overview::{Overview, Summary},
    sources::{
        KeptSource, MadeSource, MadeSources, MadeVersion, NameTaken, Preview, Prober, Sealed, SecretField,
        SourceDetail, SourceShown, Sources, Step, StepKind, Trial, Vault, VaultError,
    },
};

#[async_trait]
impl Sources for FakePorts {
    async fn list(&self, view: &View, _: Timestamp) -> Result<Vec<SourceShown>, StoreError> {
        self.ask("sources", view, None)?;
        Ok(self.data.lock().unwrap().sources.iter().map(|d| d.source.clone()).collect())
    }
    async fn detail(&self, view: &View, id: SourceId, _: Timestamp) -> Result<Option<SourceDetail>, StoreError> {
        self.ask("source", view, None)?;
        Ok(self.data.lock().unwrap().sources.iter().find(|d| d.source.id == id).cloned())
    }
    async fn set_paused(&self, view: &View, id: SourceId, paused: bool, _: Timestamp) -> Result<bool, StoreError> {
        self.ask(if paused { "pause" } else { "resume" }, view, None)?;
        if self.sealed.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("sealed".into()));
        }
        Ok(self.data.lock().unwrap().sources.iter().any(|d| d.source.id == id))
    }
}

#[async_trait]
impl Overview for FakePorts {
    async fn summary(&self, view: &View, now: Timestamp) -> Result<Summary, StoreError> {
        self.ask("summary", view, None)?;
        let mut summary = self.data.lock().unwrap().summary.clone();
        summary.at = now;
        Ok(summary)
    }
}

/// One change per channel and one per source, told to everybody: the use case leaves out what is hidden.
#[async_trait]
impl Changes for FakePorts {
    async fn list(
        &self,
        view: &View,
        _: &ChangeFilter,
        _: Option<ChangeCursor>,
        limit: u32,
    ) -> Result<Vec<ChangeShown>, StoreError> {
        self.ask("changes", view, Some(limit))?;
        let change = |id: i64, title: String, environment, source, channel| ChangeShown {
            id,
            at: Timestamp(id),
            kind: ChangeKind::Channels,
            environment: Some(environment),
            source: Some(source),
            channel,
            subject: None,
            title,
            detail: String::new(),
            link: None,
            actor: None,
        };
        let entries = self.data.lock().unwrap().entries.clone();
        let channels = entries.iter().map(|e| {
            change(e.channel.0, format!("{} appeared", e.channel_name), e.environment, e.source, Some(e.channel))
        });
        let sources = entries
            .iter()
            .map(|e| change(e.channel.0, format!("{} is read", e.source_name), e.environment, e.source, None));
        Ok(channels.chain(sources).collect())
    }

    async fn append(&self, _: &NewChange) -> Result<Option<i64>, StoreError> {
        self.here()?;
        self.reported.fetch_add(1, Ordering::SeqCst);
        Ok(Some(1))
    }
}

#[async_trait]
impl MadeSources for FakePorts {
    async fn made(&self, view: &View, id: SourceId) -> Result<Option<MadeSource>, StoreError> {
        self.ask("made", view, None)?;
        Ok(self.data.lock().unwrap().made.iter().find(|m| m.id == id).cloned())
    }
    async fn name_taken(&self, view: &View, name: &str) -> Result<Option<NameTaken>, StoreError> {
        self.ask("name_taken", view, None)?;
        let data = self.data.lock().unwrap();
        let found = data.sources.iter().find(|d| d.source.name == name);
        Ok(found.map(|d| NameTaken {
            id: d.source.id,
            environment: d.source.environment,
            environment_name: d.source.environment_name.clone(),
            gone: d.source.orphan,
        }))
    }
    async fn reserve(&self, view: &View) -> Result<SourceId, StoreError> {
        self.ask("reserve", view, None)?;
        Ok(SourceId(77))
    }
    async fn add(&self, view: &View, new: &KeptSource) -> Result<(), StoreError> {
        self.ask("add", view, None)?;
        let mut data = self.data.lock().unwrap();
        data.made.retain(|m| m.id != new.id);
        data.made.push(MadeSource {
            id: new.id,
            name: new.name.clone(),
            environment: EnvironmentId(1),
            environment_name: "production".into(),
            version: 1,
            settings: new.settings.clone(),
            secrets: new.secrets.clone(),
        });
        Ok(())
    }
    async fn change(&self, view: &View, version: i64, kept: &KeptSource) -> Result<bool, StoreError> {
        self.ask("change", view, None)?;
        let mut data = self.data.lock().unwrap();
        let Some(made) = data.made.iter_mut().find(|m| m.id == kept.id && m.version == version) else {
            return Ok(false);
        };
        made.settings = kept.settings.clone();
        made.secrets = kept.secrets.clone();
        made.version += 1;
        Ok(true)
    }
    async fn remove(&self, view: &View, id: SourceId, _: &PersonId, _: Timestamp) -> Result<bool, StoreError> {
        self.ask("remove", view, None)?;
        Ok(self.data.lock().unwrap().made.iter().any(|m| m.id == id))
    }
    async fn versions(&self, _: &SystemView) -> Result<Vec<MadeVersion>, StoreError> {
        Ok(Vec::new())
    }
    async fn for_tap(&self, _: &SystemView, _: SourceId) -> Result<Option<MadeSource>, StoreError> {
        Ok(None)
    }
    async fn reseal(&self, _: SourceId, _: SecretField, _: &Sealed, _: &Sealed) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn hint(&self) {}
}

/// Seals by writing down who it was for; opens only that.
impl Vault for FakePorts {
    fn key_id(&self) -> Option<String> {
        self.data.lock().unwrap().key.clone()
    }
    fn seal(&self, source: SourceId, field: SecretField, secret: &Secret) -> Result<Sealed, VaultError> {
        let key_id = self.key_id().ok_or(VaultError::NoKey)?;
        let bytes = format!("{source}/{}/{}", field.as_str(), secret.expose()).into_bytes();
        Ok(Sealed { key_id, bytes })
    }
    fn open(&self, source: SourceId, field: SecretField, sealed: &Sealed) -> Result<Secret, VaultError> {
        let text = String::from_utf8(sealed.bytes.clone()).unwrap();
        let own = text.strip_prefix(&format!("{source}/{}/", field.as_str()));
        own.map(Secret::new).ok_or(VaultError::Broken)
    }
}

#[async_trait]
impl Prober for FakePorts {
    fn kinds(&self) -> Vec<&'static str> {
        vec!["kafka"]
    }
    async fn examine(&self, trial: &Trial) -> Vec<Step> {
        self.data.lock().unwrap().trials.push(trial.clone());
        vec![Step::passed(StepKind::Resolves, "yes")]
    }
    async fn preview(&self, trial: &Trial) -> Result<Preview, String> {
        self.data.lock().unwrap().trials.push(trial.clone());
        Ok(Preview::default())
    }
}
