//! Fields of a form: each with its label, its hint, and what is wrong with it, which a screen reader is told too.

use super::values::Values;
use crate::ui::Icon;
use leptos::prelude::*;
use weir_domain::sources::SecretField;

/// How one line of text is asked for.
#[derive(Clone, Copy, Default)]
pub struct Line {
    pub hint: &'static str,
    /// An input's type; text if empty.
    pub kind: &'static str,
    pub placeholder: &'static str,
    pub mono: bool,
}

pub fn line(values: &Values, name: &'static str, label: &'static str, how: Line) -> AnyView {
    let class = if how.mono { "input input--mono" } else { "input" };
    let kind = if how.kind.is_empty() { "text" } else { how.kind };
    let step = (kind == "number").then_some("any");
    let wrong = values.problem(name);
    let input = view! {
        <input
            class=class
            id=name
            name=name
            type=kind
            step=step
            value=values.get(name)
            placeholder=how.placeholder
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            aria-invalid=wrong.as_ref().map(|_| "true")
            aria-describedby=described(name, how.hint, wrong.is_some())
        />
    };
    field(name, label, how.hint, wrong, input.into_any())
}

pub fn area(values: &Values, name: &'static str, label: &'static str, hint: &'static str, rows: u8) -> AnyView {
    let wrong = values.problem(name);
    let input = view! {
        <textarea
            class="area input--mono"
            id=name
            name=name
            rows=rows.to_string()
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            aria-invalid=wrong.as_ref().map(|_| "true")
            aria-describedby=described(name, hint, wrong.is_some())
        >
            {values.get(name)}
        </textarea>
    };
    field(name, label, hint, wrong, input.into_any())
}

/// A secret: never shown, kept where it is left empty.
pub fn secret(values: &Values, field_of: SecretField, label: &'static str) -> AnyView {
    let name = field_of.form_name();
    let hint = if values.told.held.contains(&field_of) {
        "Typed before and kept in this form, sealed. Type it again to replace it."
    } else if values.kept.contains(&field_of) {
        "Kept, sealed; leave it empty to keep it. It is never shown. Where the connection leads elsewhere or signs in otherwise, it has to be given again."
    } else {
        "Sealed before it is stored, and never shown again."
    };
    let wrong = values.problem(name);
    let described = described(name, hint, wrong.is_some());
    let invalid = wrong.as_ref().map(|_| "true");
    let input = if field_of == SecretField::ClientKey {
        view! {
            <textarea
                class="area input--mono"
                id=name
                name=name
                rows="3"
                autocomplete="off"
                spellcheck="false"
                placeholder="-----BEGIN PRIVATE KEY-----"
                aria-invalid=invalid
                aria-describedby=described
            ></textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                class="input"
                id=name
                name=name
                type="password"
                autocomplete="new-password"
                aria-invalid=invalid
                aria-describedby=described
            />
        }
        .into_any()
    };
    field(name, label, hint, wrong, input)
}

fn field(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    wrong: Option<String>,
    input: AnyView,
) -> AnyView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {input}
            {(!hint.is_empty()).then(|| view! { <span class="field__hint" id=format!("{name}-hint")>{hint}</span> })}
            {problem(name, wrong)}
        </div>
    }
    .into_any()
}

fn described(name: &str, hint: &str, wrong: bool) -> Option<String> {
    let hint = (!hint.is_empty()).then(|| format!("{name}-hint"));
    let wrong = wrong.then(|| format!("{name}-wrong"));
    let ids: Vec<String> = wrong.into_iter().chain(hint).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

pub fn problem(name: &str, wrong: Option<String>) -> AnyView {
    wrong
        .map(|wrong| {
            view! {
                <span class="field__err" id=format!("{name}-wrong")>
                    <Icon name="warn" small=true />
                    {wrong}
                </span>
            }
        })
        .into_any()
}

/// One of few: (value, label, what it means).
pub fn choice(
    values: &Values,
    name: &'static str,
    legend: &'static str,
    of: &'static [(&'static str, &'static str, &'static str)],
) -> AnyView {
    let (chosen, wrong) = (values.get(name), values.problem(name));
    let one = |(value, label, meaning): &(&'static str, &'static str, &'static str)| {
        let (value, label, meaning) = (*value, *label, *meaning);
        view! {
            <label class="choice">
                <input type="radio" name=name value=value checked=chosen == value />
                <span>
                    <b class="med">{label}</b>
                    " "
                    <span class="muted">{meaning}</span>
                </span>
            </label>
        }
        .into_any()
    };
    view! {
        <fieldset class="choices" id=name>
            <legend class="field__label">{legend}</legend>
            {of.iter().map(one).collect::<Vec<_>>()}
            {problem(name, wrong)}
        </fieldset>
    }
    .into_any()
}

pub fn tick(values: &Values, name: &'static str, label: &'static str) -> AnyView {
    view! {
        <label class="check">
            <input type="checkbox" name=name value="on" checked=!values.get(name).is_empty() />
            {label}
        </label>
    }
    .into_any()
}

/// One numbered part of a form.
pub fn part(number: u8, title: &'static str, body: AnyView) -> AnyView {
    view! {
        <section class="rstep" aria-labelledby=format!("part-{number}")>
            <h2 class="rstep__h row" id=format!("part-{number}")>
                <span class="rstep__n" aria-hidden="true">
                    {number.to_string()}
                </span>
                {title}
            </h2>
            <div class="rstep__b">{body}</div>
        </section>
    }
    .into_any()
}

/// What travels along unseen.
pub fn hidden(values: &Values, name: &'static str) -> AnyView {
    view! { <input type="hidden" name=name value=values.get(name) /> }.into_any()
}
