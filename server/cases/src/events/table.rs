use super::{EventsCases, cells, filter, list::MOST_ROWS, row};
use crate::views::Sight;
use weir_domain::{
    CaseError,
    access::{Caller, Permission},
    audit::Field,
    events::{Cell, Column, EventFilter, EventPage, EventTable, MOST_COLUMNS, PageCursor, Stretch},
};

pub const NAME: &str = "events/table";

/// What a table has, besides what it finds.
#[derive(Debug, Clone, Default)]
pub struct TableAsked {
    pub columns: Vec<Column>,
    /// What it will be sorted by, so that it is refused where it may not be seen: the order would tell it.
    pub sorted_by: Option<Column>,
    /// Tell which columns these events could have.
    pub fields: bool,
}

impl TableAsked {
    fn is_of_bytes(&self) -> bool {
        self.fields || self.columns.iter().any(Column::is_of_bytes)
    }
}

/// What it takes to sort by a column.
const fn needed(column: &Column) -> Option<Permission> {
    match column {
        Column::Key => Some(Permission::EventsKey),
        Column::Header(_) => Some(Permission::EventsHeaders),
        Column::Summary | Column::Field(..) => Some(Permission::EventsPayload),
        _ => None,
    }
}

impl EventsCases {
    /// What [`EventsCases::list`] finds, with columns of headers and payloads as far as they may be seen. One bounded step
    /// of a search: `next` goes on. `limit` is clamped to 1..=200; fewer rows may come though there are more.
    pub async fn table(
        &self,
        caller: &Caller,
        filter: EventFilter,
        asked: TableAsked,
        before: Option<PageCursor>,
        limit: u32,
    ) -> Result<EventTable, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let query = filter::checked(&sight, &filter).await?;
        if asked.columns.len() > MOST_COLUMNS {
            return Err(CaseError::Invalid {
                what: format!("A table has at most {MOST_COLUMNS} columns."),
                what_to_do: "Leave some out.".into(),
            });
        }
        let view = &sight.view;
        let may = |p| match p {
            Permission::EventsKey => view.key(),
            Permission::EventsHeaders => view.headers(),
            _ => view.payload(),
        };
        if let Some(permission) = asked.sorted_by.as_ref().and_then(needed).filter(|p| !may(*p)) {
            let about = filter::about(&sight, &filter, &query, []);
            return Err(sight.trail.refuse(permission, about).await);
        }
        let limit = limit.clamp(1, MOST_ROWS);
        let stored = match before {
            None => Some(self.0.rows.extent(view, &filter, &query).await?),
            Some(_) => None,
        };
        let rows = &self.0.rows;
        let found = match asked.is_of_bytes() {
            true => read(rows.list_whole(view, &filter, &query, before, limit).await?, asked, &sight).await?,
            false => {
                let (found, scanned, next) = rows.list(view, &filter, &query, before, limit).await?;
                let shown = |r| Some((row::shown(r, &sight, row::KEY_IN_LIST)?, r.key_hash));
                let rows: Vec<_> = found.iter().filter_map(shown).collect();
                let cells = vec![vec![Cell::OfRow; asked.columns.len()]; rows.len()];
                cells::Read { rows, cells, fields: Vec::new(), scanned, next, passed_over: false }
            }
        };
        filter::judged(&query)?;
        let cells::Read { rows, cells, fields, mut scanned, next, passed_over } = found;
        scanned.unseen = filter::unseen(&sight, &query);
        scanned.silent_sources = self.silent_sources(caller, &sight, &filter).await?;
        let about = filter::about(&sight, &filter, &query, rows.iter().filter_map(|(_, key)| *key));
        let shape = about.shape.clone().with(Field::Limit, limit);
        let shape = if before.is_some() { shape.with(Field::Older, true) } else { shape };
        sight.trail.saw(about.shape(shape).count(rows.len() as u64)).await?;
        let rows = rows.into_iter().map(|(row, _)| row).collect();
        let page = EventPage { rows, scanned, next, hidden_channels: view.channels().hidden() };
        Ok(EventTable { page, cells, stored, fields, passed_over })
    }
}

async fn read(mut stretch: Stretch, asked: TableAsked, sight: &Sight) -> Result<cells::Read, CaseError> {
    stretch.events.retain(|e| sight.channel(e.row.channel).is_some());
    cells::read(stretch, asked.columns, asked.fields, sight).await
}
