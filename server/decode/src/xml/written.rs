//! Elements as JSON.

use super::element::Element;
use crate::{Broken, json::Json};
use std::collections::HashMap;

pub(super) fn json(root: &Element<'_>) -> Result<Vec<u8>, Broken> {
    let mut json = Json::default();
    json.open('{')?;
    json.name(root.name)?;
    element(root, &mut json)?;
    json.close('}');
    Ok(json.finish())
}

fn element(element: &Element<'_>, json: &mut Json) -> Result<(), Broken> {
    if element.attributes.is_empty() && element.children.is_empty() {
        return json.text(&element.text);
    }
    json.open('{')?;
    for (name, value) in &element.attributes {
        json.name(&format!("@{name}"))?;
        json.text(value)?;
    }
    for same in by_name(&element.children) {
        let Some(first) = same.first() else { continue };
        json.name(first.name)?;
        if same.len() == 1 {
            self::element(first, json)?;
            continue;
        }
        json.open('[')?;
        for child in &same {
            self::element(child, json)?;
        }
        json.close(']');
    }
    if !element.text.is_empty() {
        json.name("#text")?;
        json.text(&element.text)?;
    }
    json.close('}');
    Ok(())
}

/// Those of one name together, in the place of the first.
fn by_name<'e, 'a>(children: &'e [Element<'a>]) -> Vec<Vec<&'e Element<'a>>> {
    let mut groups: Vec<Vec<&'e Element<'a>>> = Vec::new();
    let mut places = HashMap::new();
    for child in children {
        let place = *places.entry(child.name).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(child),
            None => groups.push(vec![child]),
        }
    }
    groups
}
