use super::{MonitorsCases, rule_facts, words};
use crate::id;
use weir_domain::{
    CaseError, RuleId,
    access::Caller,
    audit::{About, Facts, Object},
    monitors::{MOST_RULES, RuleDraft, with_defaults},
};

pub const NAME: &str = "monitors/set_rule";

impl MonitorsCases {
    /// Changes a rule, or adds one (`None`). Its id.
    pub async fn set_rule(
        &self,
        caller: &Caller,
        which: Option<&RuleId>,
        draft: RuleDraft,
    ) -> Result<RuleId, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let at = self.0.clock.now();
        let name = draft.kind.as_str();
        let id = which.cloned().unwrap_or_else(|| RuleId(id::new(at)));
        self.everything(&sight, About::object(Object::rule(&id, name))).await?;
        let all = with_defaults(self.0.monitors.rules(&sight.view).await?);
        let before = all.into_iter().find(|r| r.id == id);
        if which.is_some() && before.is_none() {
            return Err(words(weir_domain::monitors::Refused::Absent));
        }
        if before.as_ref().is_some_and(|b| b.kind != draft.kind) {
            return Err(CaseError::Invalid {
                what: "The kind of a rule can't be changed.".into(),
                what_to_do: "Add another rule, and remove this one.".into(),
            });
        }
        let rule = draft.read(id.clone())?;
        let change = (before.as_ref().map_or_else(Facts::new, rule_facts), rule_facts(&rule));
        let act = sight.trail.act(About::object(Object::rule(&id, name)).change(change.0, change.1)).await?;
        let put = self.0.monitors.put_rule(&sight.view, &rule, (&caller.person, at), MOST_RULES).await;
        act.told(put, words).await?;
        Ok(id)
    }
}
