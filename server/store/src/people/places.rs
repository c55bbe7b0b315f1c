use crate::Store;
use weir_domain::{
    EnvironmentId, SourceId,
    access::people::{Places, SourcePlace},
    catalog::EnvironmentShown,
};

/// More than a form can offer anyway.
const MOST: i64 = 2000;

impl Store {
    pub(super) async fn grant_places(&self) -> sqlx::Result<Places> {
        let environments = sqlx::query!(
            "select id, name, production, colour from environment order by production desc, name limit $1",
            MOST
        );
        let sources = sqlx::query!(
            "select s.id, s.name, s.environment_id, e.name as environment_name
             from source s join environment e on e.id = s.environment_id
             order by e.production desc, e.name, s.name limit $1",
            MOST
        );
        let environments = environments.fetch_all(self.pages()).await?.into_iter().map(|r| EnvironmentShown {
            id: EnvironmentId(r.id),
            name: r.name,
            production: r.production,
            colour: r.colour,
        });
        let environments = environments.collect();
        let sources = sources.fetch_all(self.pages()).await?.into_iter().map(|r| SourcePlace {
            id: SourceId(r.id),
            name: r.name,
            environment: EnvironmentId(r.environment_id),
            environment_name: r.environment_name,
        });
        Ok(Places { environments, sources: sources.collect() })
    }
}
