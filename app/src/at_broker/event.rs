use crate::{
    Failure, RequestContext,
    access::ask_link,
    drawn::{self, Address, DrawnPage, time},
    events::visible,
    help,
    ui::{ErrorPanel, format},
};
use leptos::prelude::*;
use weir_domain::{
    EventId,
    events::{Capped, EventLive, HeaderShown, LiveAnswer, LiveShown, Masked, PayloadShown, PayloadView},
};

/// `/at-broker/{id}`: an event whose bytes are not stored; `part=1` leaves out what the inspector shows itself.
pub(crate) async fn event(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let part = address.given("part").is_some();
    let answer = match id.parse::<EventId>() {
        Ok(id) => asked(cx, id, address).await,
        Err(_) => Ok(None),
    };
    drawn::page("Read from the broker", || match answer {
        Ok(Some(live)) if part => shown(&live),
        Ok(Some(live)) => whole(&live),
        Ok(None) => help::not_found(),
        Err(failure) => view! { <ErrorPanel failure /> }.into_any(),
    })
}

async fn asked(cx: &RequestContext, id: EventId, address: &Address) -> Result<Option<EventLive>, Failure> {
    let caller = cx.caller_in(address.environment())?;
    cx.told(cx.cases.events.live(&caller, id).await)
}

fn whole(live: &EventLive) -> AnyView {
    let back = view! {
        <a class="btn btn--ghost btn--sm" href=format!("/events/{}", live.event.id)>
            "The event"
        </a>
    };
    view! {
        <div class="page page--text">
            {drawn::head("Read from the broker", "times in UTC", back.into_any())} <section class="panel">
                <div class="panel__body">{shown(live)}</div>
            </section>
        </div>
    }
    .into_any()
}

fn shown(live: &EventLive) -> AnyView {
    let body = match &live.answer {
        LiveAnswer::Read(read) => content(read),
        other => view! { <p class="small">{other.told()}</p> }.into_any(),
    };
    let read = matches!(live.answer, LiveAnswer::Read(_));
    let mark = read.then(|| view! { <span class="pill pill--info">"read live, not stored"</span> });
    view! {
        <div class="at-broker" data-answer=live.answer.word()>
            <p class="small muted">
                {mark} " " {live.event.source_name.clone()} ", " {visible::plain(&live.event.channel_name)}
                {format!(", partition {}, position {}, at ", live.event.partition_number, live.event.id.position)}
                {time(live.read_at)}
            </p>
            {body}
        </div>
    }
    .into_any()
}

fn content(read: &LiveShown) -> AnyView {
    let key = match &read.key {
        Masked::Shown(None) => view! { <span class="muted">"null"</span> }.into_any(),
        Masked::Shown(Some(key)) => view! { <code class="mono">{cut(key)}</code> }.into_any(),
        Masked::NeedsRole { permission, roles } => hidden("The key", permission, roles),
    };
    view! {
        <h3 class="facet__title">"Key"</h3>
        <p class="small">{key}</p>
        <h3 class="facet__title">{format!("Headers ({})", format::exact(u64::from(read.headers_total)))}</h3>
        {headers(&read.headers)}
        <h3 class="facet__title">"Payload"</h3>
        {payload(&read.payload)}
    }
    .into_any()
}

fn headers(headers: &Masked<Vec<HeaderShown>>) -> AnyView {
    let headers = match headers {
        Masked::NeedsRole { permission, roles } => return hidden("Reading headers", permission, roles),
        Masked::Shown(headers) if headers.is_empty() => {
            return view! { <p class="small muted">"None."</p> }.into_any();
        }
        Masked::Shown(headers) => headers,
    };
    let lines = headers.iter().map(|header| {
        let value = match &header.value {
            None => view! { <span class="muted">"null"</span> }.into_any(),
            Some(value) => {
                let (PayloadView::Text { text, cut, .. } | PayloadView::Binary { hex: text, cut, .. }) = value;
                let end = if *cut { "…" } else { "" };
                view! { <code class="mono">{visible::plain(text)} {end}</code> }.into_any()
            }
        };
        view! {
            <tr>
                <th scope="row" class="mono">
                    {visible::plain(&header.name)}
                </th>
                <td>{value}</td>
            </tr>
        }
    });
    view! {
        <table class="table at-broker__headers">
            <tbody>{lines.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn payload(payload: &PayloadShown) -> AnyView {
    match payload {
        PayloadShown::Null => view! { <p class="small muted">"null, a tombstone."</p> }.into_any(),
        PayloadShown::Absent(_) => ().into_any(),
        PayloadShown::Present { how, text, hex, total, problem, .. } => {
            let (shown, is_cut) = match text {
                Some(text) => (text.text.clone(), text.cut),
                None => (hex.clone(), u64::try_from(hex.len() / 2).is_ok_and(|n| n < *total)),
            };
            let cut = is_cut.then_some(" Only its beginning is shown.");
            view! {
                <p class="small muted">
                    {how.clone()} ", " {format::exact(*total)} " bytes." {cut} " " {problem.clone()}
                </p>
                {drawn::copied(&shown, "payload")}
            }
            .into_any()
        }
    }
}

fn cut(text: &Capped) -> String {
    format!("{}{}", visible::plain(&text.text), if text.cut { "…" } else { "" })
}

fn hidden(what: &str, permission: &str, roles: &[String]) -> AnyView {
    let ask = roles.first().map(|role| ask_link(&format!("role={role}&for={permission}")));
    view! { <p class="small muted">{format!("{what} needs {permission}. ")} {ask}</p> }.into_any()
}
