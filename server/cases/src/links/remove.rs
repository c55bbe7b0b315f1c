use super::{LinksCases, add::facts};
use weir_domain::{
    CaseError, TemplateId,
    access::Caller,
    audit::{About, Facts, Object},
};

pub const NAME: &str = "links/remove";

impl LinksCases {
    /// `Ok(false)`: there is no such template.
    pub async fn remove(&self, caller: &Caller, id: &TemplateId) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let all = self.0.links.templates(&sight.view).await?;
        let Some(template) = all.into_iter().find(|t| t.id == *id) else { return Ok(false) };
        let about = About::object(Object::template(id, &template.name)).change(facts(&template), Facts::new());
        let act = sight.trail.act(about).await?;
        act.done(self.0.links.remove_template(&sight.view, id).await).await
    }
}
