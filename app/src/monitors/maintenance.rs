use super::words::{covers, scope_fields, ways};
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, Echo, head, time},
    events::line,
    ui::{Empty, Pill, Tone},
};
use leptos::prelude::*;
use weir_cases::monitors::list::RuleList;
use weir_domain::monitors::Window;

const TITLE: &str = "Maintenance";
const DONE: &[(&str, &str)] = &[
    ("set", "The window is set. Nobody is told of what it covers while it holds."),
    ("ended", "The window has ended. What lasts is told now."),
];

/// The page at `/alerts/maintenance`, which also answers its forms.
pub(crate) async fn maintenance(cx: &RequestContext, address: &Address) -> DrawnPage {
    let found = match cx.caller_in(address.environment()) {
        Ok(caller) => cx.told(cx.cases.monitors.list(&caller).await),
        Err(failure) => Err(failure),
    };
    match found {
        Ok(list) => drawn::page(TITLE, || shown(&list, address)),
        Err(failure) => drawn::not_known(TITLE, failure),
    }
}

fn shown(list: &RuleList, address: &Address) -> AnyView {
    let echo = Echo::here();
    let form = list.may_edit.then(|| form(&echo));
    view! {
        <div class="page">
            {head(TITLE, "times in which nobody is told", ways("/alerts/maintenance"))} {drawn::done(address, DONE)}
            {drawn::failure(&echo)} {windows(list)} {form}
            <p class="soft small">
                "Alerts are raised all the same and stand on the page Alerts. What still lasts when a window ends is told then."
            </p>
        </div>
    }
    .into_any()
}

fn windows(list: &RuleList) -> AnyView {
    if list.windows.is_empty() {
        return view! {
            <section class="panel" aria-label="Windows">
                <Empty title="No window is set">
                    <p>"A window keeps quiet what a planned upgrade would raise."</p>
                </Empty>
            </section>
        }
        .into_any();
    }
    let row = |w: &Window| {
        let pill = if w.holds(list.now) {
            view! { <Pill tone=Tone::Info icon="pause" text="QUIET NOW" /> }.into_any()
        } else if w.from > list.now {
            view! { <Pill tone=Tone::Idle icon="clock" text="AHEAD" /> }.into_any()
        } else {
            view! { <Pill tone=Tone::Idle icon="check" text="OVER" /> }.into_any()
        };
        let id = w.id.0.clone();
        let end = (list.may_edit && w.to > list.now).then(|| {
            view! {
                <form method="post" action="/alerts/maintenance/end">
                    <input type="hidden" name="id" value=id />
                    <button type="submit" class="btn btn--sm">
                        "End" <span class="vh">{format!(" {}", w.reason)}</span>
                    </button>
                </form>
            }
        });
        view! {
            <tr>
                <th scope="row" class="wrap">
                    {line(&w.reason)}
                </th>
                <td>{pill}</td>
                <td class="wrap">{line(&covers(&w.scope))}</td>
                <td>{time(w.from)}</td>
                <td>{time(w.to)}</td>
                <td>{line(&w.made_name)}</td>
                <td class="num">{end}</td>
            </tr>
        }
    };
    view! {
        <section class="panel" aria-label="Windows">
            <div class="tablewrap" tabindex="0">
                <table class="table table--two">
                    <thead>
                        <tr>
                            <th scope="col">"Why"</th>
                            <th scope="col">"State"</th>
                            <th scope="col">"Covers"</th>
                            <th scope="col">"From"</th>
                            <th scope="col">"To"</th>
                            <th scope="col">"Set by"</th>
                            <th scope="col">
                                <span class="vh">"Change"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{list.windows.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn form(echo: &Echo) -> AnyView {
    let typed = |name: &str| echo.typed(name).unwrap_or_default().to_owned();
    let at = |name: &'static str, label: &'static str| {
        let id = format!("window-{name}");
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input class="input" id=id name=name type="datetime-local" value=typed(name) required />
            </div>
        }
    };
    view! {
        <section class="panel" aria-label="Set a window">
            <div class="panel__head">
                <h2 class="panel__title">"Set a window"</h2>
            </div>
            <form class="panel__body stack stack--lg" method="post" action="/alerts/maintenance">
                <div class="pair">{at("from", "From (UTC)")} {at("to", "to (UTC)")}</div>
                {scope_fields("window", echo, None, true)}
                <div class="field">
                    <label for="window-reason">"Why"</label>
                    <input class="input" id="window-reason" name="reason" value=typed("reason") required maxlength="300" autocomplete="off" />
                </div>
                <div class="row">
                    <button type="submit" class="btn btn--primary">
                        "Set the window"
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}
