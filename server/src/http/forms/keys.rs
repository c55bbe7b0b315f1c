//! The form of the page `/keys`. A list of keys is sent and never stands in an address: keys are often persons.

use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use std::sync::Arc;
use weir_app::{drawn::Address, key_list::Asked};
use weir_domain::{CaseError, access::Caller};

use super::act::{Next, act};
use crate::http::{
    key_file,
    site::Site,
    visit::{Visit, Who},
};

/// `POST /keys`: the page with what was found, or that as a file.
pub async fn look(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    let environment = Address::parse(&request.uri().to_string()).environment();
    act(site, visit, who, request, |site, caller, fields| async move {
        let caller = Caller { environment, ..caller };
        let (list, wanted) = Asked::read(|name| Some(fields.exact(name))).question(site.cases.events.now())?;
        let found = site.cases.events.keys(&caller, &list, wanted).await?;
        let unwritten = |error: std::io::Error| CaseError::Internal(error.to_string());
        Ok(match fields.text("format") {
            "csv" => {
                Next::File { name: "weir-keys.csv", kind: "text/csv; charset=utf-8", bytes: key_file::csv(&found) }
            }
            "ndjson" => {
                let bytes = key_file::ndjson(found).map_err(unwritten)?;
                Next::File { name: "weir-keys.ndjson", kind: "application/x-ndjson", bytes }
            }
            _ => Next::Told { told: Arc::new(found), fields: fields.into_pairs(), wrong: false },
        })
    })
    .await
}
