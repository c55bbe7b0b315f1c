use super::MonitorsCases;
use weir_domain::{
    CaseError, OutletId, Secret,
    access::Caller,
    audit::{self, About, Facts, Field},
    monitors::{HEARTBEAT, OutletField, URL_HINT, masked_url},
};

pub const NAME: &str = "monitors/set_heartbeat";

impl MonitorsCases {
    /// The address that is called every minute while rules are judged; empty: none any longer.
    pub async fn set_heartbeat(&self, caller: &Caller, address: &Secret) -> Result<(), CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.everything(&sight, About::nothing()).await?;
        let before = self.0.monitors.heartbeat(&sight.view).await?;
        let address = address.expose().trim();
        let new = match address {
            "" => None,
            address => {
                let shown = masked_url(address).ok_or_else(|| CaseError::Invalid {
                    what: "The address can't be used.".into(),
                    what_to_do: URL_HINT.into(),
                })?;
                let secret = [(OutletField::Url, Secret::new(address))];
                let sealed = self.seal_all(&OutletId(HEARTBEAT.to_owned()), &secret)?.pop();
                sealed.map(|(_, sealed)| (shown, sealed))
            }
        };
        let facts = |shown: Option<&str>| Facts::new().with_some(Field::Target, shown);
        let mut after = facts(new.as_ref().map(|(shown, _)| shown.as_str()));
        if new.is_some() {
            after = after.replaced(audit::Secret::Credentials);
        }
        let about = About::nothing().change(facts(before.as_ref().map(|h| h.shown.as_str())), after);
        let act = sight.trail.act(about).await?;
        let to = new.as_ref().map(|(shown, sealed)| (shown.as_str(), sealed));
        act.done(self.0.monitors.set_heartbeat(&sight.view, to).await).await
    }
}
