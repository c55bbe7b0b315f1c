use super::{EventsCases, cells, parts, row};
use crate::views::Sight;
use weir_domain::{
    CaseError, EventId,
    access::Caller,
    audit::{About, Facts, Field, Object},
    events::{Column, KeyHash, RawEvent, StoredEvent},
    links::{EventLink, LONGEST_LINKED, LinkTemplate},
};

pub const NAME: &str = "events/links";

/// Of one event; and of one field of it, which may stand there many times.
const MOST: usize = 40;
const MOST_OF_ONE: usize = 3;

impl EventsCases {
    /// Where values of an event lead, by the templates for its channel: of fields that the caller may see, and no others.
    /// `Ok(None)` if it is not stored or hidden. Where there is no template no event is looked at, and nothing is told.
    pub async fn links(&self, caller: &Caller, id: EventId) -> Result<Option<Vec<EventLink>>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let templates = self.0.links.templates(&sight.view).await?;
        if templates.is_empty() {
            return Ok(Some(Vec::new()));
        }
        self.by(&sight, templates, id).await
    }

    /// The same by a template that is not kept yet, for who tries one.
    pub async fn links_by(
        &self,
        caller: &Caller,
        template: LinkTemplate,
        id: EventId,
    ) -> Result<Option<Vec<EventLink>>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.by(&sight, vec![template], id).await
    }

    async fn by(
        &self,
        sight: &Sight,
        templates: Vec<LinkTemplate>,
        id: EventId,
    ) -> Result<Option<Vec<EventLink>>, CaseError> {
        let stored = self.0.rows.event(&sight.view, id).await?;
        let found = stored.and_then(|e| Some((row::shown(&e.row, sight, row::KEY_IN_LIST)?, e)));
        let Some((event, stored)) = found else {
            sight.trail.saw(About::object(Object::event(id, None)).count(0)).await?;
            return Ok(None);
        };
        let about = About::object(Object::event(id, Some((event.source, event.channel, &event.channel_name))));
        let key_hash = stored.row.key_hash;
        let links = self.of(templates, stored, &event.channel_name, &sight.view).await?;
        // What shows nothing of its content leaves no key.
        let keys: Option<KeyHash> = key_hash.filter(|_| !links.is_empty());
        let shape = Facts::new().with(Field::Parts, parts(&sight.view));
        sight.trail.saw(about.shape(shape).count(links.len() as u64).keys(keys)).await?;
        Ok(Some(links))
    }

    async fn of(
        &self,
        mut templates: Vec<LinkTemplate>,
        stored: StoredEvent,
        channel: &str,
        view: &weir_domain::access::View,
    ) -> Result<Vec<EventLink>, CaseError> {
        templates.retain(|t| t.is_for(channel));
        let may = cells::May { headers: view.headers(), payload: view.payload() };
        let key = view.key();
        let Some(raw) = stored.raw.filter(|_| !templates.is_empty()) else { return Ok(Vec::new()) };
        // A large payload takes a while to be looked through: not on the threads that serve requests.
        let looked = tokio::task::spawn_blocking(move || made(&templates, &raw, may, key));
        looked.await.map_err(|e| CaseError::Internal(format!("reading values ended early: {e}")))
    }
}

fn made(templates: &[LinkTemplate], raw: &RawEvent, may: cells::May, key: bool) -> Vec<EventLink> {
    let columns: Vec<Column> = templates.iter().map(|t| t.field.clone()).collect();
    let values = cells::whole_values(raw, &columns, may, key, LONGEST_LINKED);
    let links = templates.iter().zip(values).flat_map(|(template, values)| {
        values.into_iter().take(MOST_OF_ONE).filter_map(|value| {
            Some(EventLink {
                name: template.name.clone(),
                field: template.field.text(),
                host: template.target.host().to_owned(),
                url: template.target.filled(&value)?,
                value,
            })
        })
    });
    links.take(MOST).collect()
}
