use super::{
    fields::{Line, choice, line, part, problem},
    values::Values,
};
use leptos::prelude::*;
use weir_domain::{catalog::EnvironmentShown, sources::COLOURS};

/// One that exists, or a new one.
pub fn environment(values: &Values, number: u8, all: &[EnvironmentShown]) -> AnyView {
    let chosen = values.get("environment");
    let one = |e: &EnvironmentShown| {
        let id = e.id.to_string();
        let words = if e.production { "production" } else { "" };
        view! {
            <label class="choice">
                <input type="radio" name="environment" value=id.clone() checked=chosen == id />
                <span>
                    <b class="med">{e.name.clone()}</b>
                    " "
                    <span class="muted">{words}</span>
                </span>
            </label>
        }
        .into_any()
    };
    let known: Vec<AnyView> = all.iter().map(one).collect();
    let colour = values.get("colour");
    let colours: Vec<AnyView> =
        COLOURS.iter().map(|c| view! { <option value=*c selected=colour == *c>{*c}</option> }.into_any()).collect();
    let body = view! {
        <fieldset class="choices" id="environment">
            <legend class="field__label">"Environment"</legend>
            {known}
            <label class="choice">
                <input type="radio" name="environment" value="new" checked=chosen == "new" />
                <span>
                    <b class="med">"A new one"</b>
                </span>
            </label>
            {problem("environment", values.problem("environment"))}
        </fieldset>
        <div class="only only--environment stack stack--lg">
            {line(
                values,
                "new_environment",
                "Name of the new environment",
                Line { hint: "Lower-case letters, digits, - and _.", placeholder: "staging", ..Line::default() },
            )}
            {choice(
                values,
                "new_kind",
                "It is",
                &[
                    ("production", "Production", "named in words wherever somebody acts"),
                    ("other", "Something else", "staging, test, a laboratory"),
                ],
            )}
            <div class="field">
                <label for="colour">"Colour"</label>
                <select class="select select--short" id="colour" name="colour">
                    <option value="">"none"</option>
                    {colours}
                </select>
                {problem("colour", values.problem("colour"))}
            </div>
        </div>
    };
    part(number, "Where does it belong?", body.into_any())
}
