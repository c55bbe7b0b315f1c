use super::{MonitorsCases, rule_facts};
use weir_domain::{
    CaseError, RuleId,
    access::Caller,
    audit::{About, Facts, Object},
};

pub const NAME: &str = "monitors/remove_rule";

impl MonitorsCases {
    /// Removes one that was added; one that comes with Weir is as it came again. `Ok(false)`: nothing of it is kept.
    pub async fn remove_rule(&self, caller: &Caller, id: &RuleId) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.everything(&sight, About::nothing()).await?;
        let kept = self.0.monitors.rules(&sight.view).await?;
        let Some(rule) = kept.into_iter().find(|r| r.id == *id) else { return Ok(false) };
        let after = if rule.is_built_in() { rule_facts(&rule.kind.default_rule()) } else { Facts::new() };
        let about = About::object(Object::rule(id, rule.kind.as_str())).change(rule_facts(&rule), after);
        let act = sight.trail.act(about).await?;
        act.done(self.0.monitors.remove_rule(&sight.view, id).await).await
    }
}
