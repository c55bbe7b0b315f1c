//! Somebody is told: alerts and what is done about them, rules, maintenance windows and outlets.

pub mod acknowledge;
pub mod add_outlet;
pub mod alert;
pub mod alerts;
pub mod edit_outlet;
pub mod list;
pub mod maintenance;
pub mod outlets;
pub mod remove_outlet;
pub mod remove_rule;
pub mod set_heartbeat;
pub mod set_rule;
pub mod snooze;
pub mod test_outlet;

use crate::views::{Sight, Views};
use std::sync::Arc;
use weir_domain::{
    AlertId, CaseError, Clock, OutletId, Secret,
    access::{Permission, Role},
    audit::{About, Facts, Field, Object},
    monitors::{
        Alert, AlertShown, MOST_OUTLETS, MOST_RULES, MOST_WINDOWS, Monitors, Outlet, OutletField, OutletVault, Refused,
        Rule, Scope, Sender, Takes,
    },
    sources::Sealed,
};

#[derive(Clone)]
pub struct MonitorsCases(Arc<Parts>);

pub(crate) struct Parts {
    pub monitors: Arc<dyn Monitors>,
    pub vault: Arc<dyn OutletVault>,
    pub sender: Arc<dyn Sender>,
    pub views: Arc<Views>,
    pub clock: Arc<dyn Clock>,
}

/// What is told, or kept quiet, of every group at once: who sets it sees every channel, so that nobody has told to them,
/// or hides from others, what they may not see themselves.
const EVERYTHING: &str = "monitors.edit for every channel";

impl MonitorsCases {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Refuses whose grants do not reach everything.
    async fn everything(&self, sight: &Sight, about: About) -> Result<(), CaseError> {
        match sight.reaches_everything() {
            true => Ok(()),
            false => Err(sight.trail.refuse_as(EVERYTHING, Role::with(Permission::MonitorsEdit), about).await),
        }
    }

    /// An alert as far as it may be seen; `None`: there is none, or none to be seen.
    async fn seen(&self, sight: &Sight, id: &AlertId) -> Result<Option<AlertShown>, CaseError> {
        let found = self.0.monitors.alert(&sight.view, id).await?;
        Ok(found.and_then(|shown| Some(AlertShown { alert: as_seen(sight, shown.alert)?, ..shown })))
    }

    async fn outlet(&self, sight: &Sight, id: &OutletId) -> Result<Option<Outlet>, CaseError> {
        let all = self.0.monitors.outlets(&sight.view, self.0.clock.now()).await?;
        Ok(all.into_iter().map(|o| o.outlet).find(|o| o.id == *id))
    }

    fn seal_all(
        &self,
        id: &OutletId,
        secrets: &[(OutletField, Secret)],
    ) -> Result<Vec<(OutletField, Sealed)>, CaseError> {
        let seal = |(field, secret): &(OutletField, Secret)| {
            match self.0.vault.seal_for(id, *field, secret) {
            Ok(sealed) => Ok((*field, sealed)),
            Err(_) => Err(CaseError::Invalid {
                what: "Weir has no key to seal secrets with, so it keeps nothing that holds one.".into(),
                what_to_do: "Make one with `weir secrets-key`, name it in weir.toml (secrets_key_file or secrets_key_env) and start Weir again.".into(),
            }),
        }
        };
        secrets.iter().map(seal).collect()
    }
}

/// With those of its channels that may be seen; `None` if it is about others alone. What is about a source takes a right
/// to know of it.
fn as_seen(sight: &Sight, mut alert: Alert) -> Option<Alert> {
    if !sight.reaches_source(alert.environment, alert.source) {
        return None;
    }
    if alert.group.is_some() {
        let (environment, source) = (alert.environment, alert.source);
        alert.parts.retain(|p| p.channel.as_deref().is_some_and(|c| sight.reaches_name(environment, source, c)));
        if alert.parts.is_empty() {
            return None;
        }
    }
    Some(alert)
}

fn about_alert(alert: &Alert) -> Object {
    Object::alert(&alert.id, alert.source, alert.about())
}

fn scope(facts: Facts, scope: &Scope) -> Facts {
    facts
        .with(Field::Sources, scope.source.as_str())
        .with(Field::Environment, scope.environment.as_str())
        .with(Field::Groups, scope.group.as_str())
}

fn rule_facts(rule: &Rule) -> Facts {
    scope(Facts::new(), &rule.scope)
        .with(Field::Kind, rule.kind.as_str())
        .with(Field::On, rule.on)
        .with(Field::Severity, rule.severity.as_str())
        .with(Field::Minutes, rule.limit_min)
}

/// Never what it is reached with. Where mail goes is no secret, and who changed that matters.
fn outlet_facts(outlet: &Outlet) -> Facts {
    let takes = |t: &Takes| {
        let each = [(t.page, "page"), (t.notify, "notify")];
        each.into_iter().filter(|(takes, _)| *takes).map(|(_, word)| word).collect::<weir_domain::audit::Value>()
    };
    scope(Facts::new(), &outlet.takes.scope)
        .with(Field::Kind, outlet.settings.kind().as_str())
        .with(Field::Name, outlet.name.as_str())
        .with(Field::On, outlet.on)
        .with(Field::Severity, takes(&outlet.takes))
        .with(Field::Target, outlet.settings.leads_to())
}

fn words(why: Refused) -> CaseError {
    let (what, what_to_do) = match why {
        Refused::TooMany => (
            format!(
                "There are as many as there may be: {MOST_RULES} rules, {MOST_OUTLETS} outlets, {MOST_WINDOWS} windows."
            ),
            "Remove one that is no longer needed.",
        ),
        Refused::Absent => ("It is not there.".into(), "The list shows those there are."),
        Refused::Over => ("This alert is over.".into(), "There is nothing left to be done about it."),
        Refused::NameTaken => ("There is an outlet of this name already.".into(), "Give it another name."),
        Refused::Changed => ("Somebody has changed it meanwhile.".into(), "Look at it as it is now, and change that."),
    };
    CaseError::Conflict { what, what_to_do: what_to_do.into() }
}
