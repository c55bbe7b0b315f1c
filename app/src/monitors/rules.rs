use super::words::{covers, scope_fields, severity, severity_choice, ways};
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, Echo, head, one_of},
    events::line,
    ui::{Pill, Tone},
};
use leptos::prelude::*;
use weir_cases::monitors::list::RuleList;
use weir_domain::monitors::{Rule, RuleKind};

const TITLE: &str = "Rules";
const DONE: &[(&str, &str)] = &[
    ("set", "The rule holds from the next look, which is within ten seconds."),
    ("removed", "The rule is gone, or as it came with Weir."),
];

/// The page at `/alerts/rules`, which also answers its forms.
pub(crate) async fn rules(cx: &RequestContext, address: &Address) -> DrawnPage {
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
    let add = list.may_edit.then(|| added(&echo));
    view! {
        <div class="page">
            {head(TITLE, "what somebody is told of", ways("/alerts/rules"))} {drawn::done(address, DONE)} {drawn::failure(&echo)}
            <section class="panel" aria-label="Rules that hold">
                <ul class="alerts">{list.rules.iter().map(|r| one(r, list.may_edit)).collect_view()}</ul>
            </section> {add}
            <p class="soft small">
                "Of several rules of one kind the one holds that names a group most closely, then its source, then its environment. A rule about groups speaks of those only whose alarms are raised: continuous ones, and scheduled ones past their window."
            </p>
        </div>
    }
    .into_any()
}

fn one(rule: &Rule, may_edit: bool) -> AnyView {
    let off = (!rule.on).then(|| view! { <Pill tone=Tone::Idle icon="pause" text="OFF" /> });
    let origin = match (rule.is_built_in(), rule.changed) {
        (true, false) => "comes with Weir",
        (true, true) => "comes with Weir, changed here",
        (false, _) => "added here",
    };
    let edit = may_edit.then(|| change(rule));
    view! {
        <li class="alerts__one">
            <div class="row row--wrap">
                <span class="strong">{rule.kind.name()}</span> {severity(rule.severity)} {off}
                <span class="soft">{format!("{} min", rule.limit_min)} ": " {rule.kind.limit_means()}</span>
            </div>
            <p class="small muted">{line(&covers(&rule.scope))} " · " {origin}</p>
            {edit}
        </li>
    }
    .into_any()
}

fn change(rule: &Rule) -> AnyView {
    let id = rule.id.0.clone();
    let field = format!("limit-{id}");
    let scope = (!rule.is_built_in())
        .then(|| scope_fields(&format!("rule-{id}"), &Echo::default(), Some(&rule.scope), rule.kind.is_of_groups()));
    let remove = rule.changed.then(|| {
        let word = if rule.is_built_in() { "As it came with Weir" } else { "Remove" };
        view! {
            <form method="post" action="/alerts/rules/remove">
                <input type="hidden" name="id" value=id.clone() />
                <button type="submit" class="btn btn--sm">
                    {word}
                </button>
            </form>
        }
    });
    view! {
        <details class="sure">
            <summary class="btn btn--sm">
                "Change…" <span class="vh">{format!(" {} of {}", rule.kind.name(), covers(&rule.scope))}</span>
            </summary>
            <form class="stack rule-form" method="post" action="/alerts/rules/set">
                <input type="hidden" name="id" value=id.clone() />
                <input type="hidden" name="kind" value=rule.kind.as_str() />
                <div class="field">
                    <label for=field.clone()>"Minutes"</label>
                    <input
                        class="input input--short"
                        id=field
                        name="minutes"
                        type="number"
                        min="1"
                        max="10080"
                        value=rule.limit_min.to_string()
                        required
                    />
                </div>
                <fieldset class="field fieldset">
                    <legend class="field__label">"Severity"</legend>
                    {severity_choice(rule.severity.as_str())}
                </fieldset>
                {scope}
                <label class="check">
                    <input type="checkbox" name="on" value="1" checked=rule.on />
                    "On"
                </label>
                <div class="row">
                    <button type="submit" class="btn btn--primary btn--sm">
                        "Keep"
                    </button>
                </div>
            </form>
            {remove}
        </details>
    }
    .into_any()
}

/// The form that adds one.
fn added(echo: &Echo) -> AnyView {
    // Sent for a rule that is there it is told above; here stands what was typed for a new one.
    let mine = if echo.typed("id").is_some_and(|id| !id.is_empty()) { &Echo::default() } else { echo };
    let kinds = RuleKind::ALL.map(|k| (k.as_str(), k.name(), k.limit_means()));
    let minutes = mine.typed("minutes").unwrap_or("10").to_owned();
    view! {
        <details class="panel" open=mine.failure.is_some()>
            <summary class="panel__head">
                <span class="panel__title">"Add a rule for some groups or sources"</span>
            </summary>
            <form class="panel__body stack stack--lg" method="post" action="/alerts/rules/set">
                <fieldset class="field fieldset">
                    <legend class="field__label">"Told when it"</legend>
                    {one_of("kind", &kinds, mine.typed("kind").unwrap_or_default())}
                </fieldset>
                <div class="field">
                    <label for="new-limit">"Minutes"</label>
                    <input class="input input--short" id="new-limit" name="minutes" type="number" min="1" max="10080" value=minutes required />
                </div>
                <fieldset class="field fieldset">
                    <legend class="field__label">"Severity"</legend>
                    {severity_choice(mine.typed("severity").unwrap_or_default())}
                </fieldset>
                {scope_fields("new", mine, None, true)}
                <p class="small muted">"* stands for any run of characters. Switched off, the rule keeps those groups quiet."</p>
                <label class="check">
                    <input type="checkbox" name="on" value="1" checked=mine.fields.is_empty() || mine.typed("on").is_some() />
                    "On"
                </label>
                <div class="row">
                    <button type="submit" class="btn btn--primary">
                        "Add the rule"
                    </button>
                </div>
            </form>
        </details>
    }
    .into_any()
}
