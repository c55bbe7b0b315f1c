use crate::Failure;
use leptos::{prelude::*, server_fn::codec::GetUrl};
use weir_domain::{
    PersonId,
    access::people::{PeopleList, PersonDetail, RequestShown},
};

/// People whose name or log-in name holds `text`.
#[server(name = PeopleListed, prefix = "/api", endpoint = "people/list", input = GetUrl)]
pub async fn list(#[server(default)] text: String) -> Result<PeopleList, Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.people.list(&cx.caller()?, &text).await)
}

/// One person; `None` if there is none.
#[server(name = PeopleDetail, prefix = "/api", endpoint = "people/detail", input = GetUrl)]
pub async fn detail(person: String) -> Result<Option<PersonDetail>, Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.people.detail(&cx.caller()?, &PersonId(person)).await)
}

/// Requests for access that wait for an answer.
#[server(name = PeopleRequests, prefix = "/api", endpoint = "people/requests", input = GetUrl)]
pub async fn requests() -> Result<Vec<RequestShown>, Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.people.requests(&cx.caller()?).await)
}
