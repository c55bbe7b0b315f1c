use super::LinksCases;
use crate::id;
use weir_domain::{
    CaseError, TemplateId,
    access::Caller,
    audit::{About, Facts, Field, Object},
    links::{LinkTemplate, MOST_TEMPLATES, TemplateKept},
};

pub const NAME: &str = "links/add";

/// What somebody wrote.
#[derive(Debug, Clone, Default)]
pub struct TemplateDraft {
    pub name: String,
    pub field: String,
    pub channels: String,
    pub target: String,
}

impl LinksCases {
    /// What a draft would be kept as; nothing is kept.
    ///
    /// # Errors
    /// Says which part can't be used.
    pub fn read_draft(&self, draft: &TemplateDraft) -> Result<LinkTemplate, CaseError> {
        let made = self.0.clock.now();
        let parts = (draft.name.as_str(), draft.field.as_str(), draft.channels.as_str(), draft.target.as_str());
        LinkTemplate::read(TemplateId(id::new(made)), parts, made)
    }

    /// From now on values of a field lead to another system, for everybody who may see them.
    pub async fn add(&self, caller: &Caller, draft: &TemplateDraft) -> Result<TemplateId, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let template = self.read_draft(draft)?;
        let id = template.id.clone();
        let about = About::object(Object::template(&id, &template.name)).change(Facts::new(), facts(&template));
        let act = sight.trail.act(about).await?;
        let kept = self.0.links.add_template(&sight.view, template, MOST_TEMPLATES).await.map(|kept| match kept {
            TemplateKept::Kept => Ok(id),
            TemplateKept::TooMany => Err(CaseError::Conflict {
                what: format!("There are {MOST_TEMPLATES} link templates, which is as many as there may be."),
                what_to_do: "Remove one that is no longer used.".into(),
            }),
        });
        act.told(kept, |error| error).await
    }
}

pub(super) fn facts(template: &LinkTemplate) -> Facts {
    Facts::new()
        .with(Field::LinkedField, template.field.text())
        .with(Field::Channels, template.channels.as_str())
        .with(Field::Target, template.target.as_str())
}
