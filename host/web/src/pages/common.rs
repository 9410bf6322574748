//! What pages of several kinds need.

use std::collections::HashMap;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use crate::ui::form::Typed;
use crate::ui::list;
use crate::upstream::{Api, Failed, List, Problem, query};
use crate::visit::Visit;

/// What a list is asked from.
#[derive(Debug, Default, Deserialize)]
pub struct After {
    #[serde(default)]
    pub after: String,
}

impl After {
    /// Fifty of a list, from here on.
    #[must_use]
    pub fn of(&self, path: &str) -> String {
        format!("{path}{}", query(&[("after", &self.after), ("limit", "50")]))
    }
}

/// What the API answered, or what whoever typed it can set right; all else goes on as a failure.
///
/// # Errors
/// [`Failed`].
pub fn sorted<T>(answer: Result<T, Failed>) -> Result<Result<T, Problem>, Failed> {
    match answer {
        Ok(value) => Ok(Ok(value)),
        Err(Failed::Refused(problem)) if problem.is_of_input() => Ok(Err(problem)),
        Err(failed) => Err(failed),
    }
}

/// A list to its end, or its first thousand: a page that sums up says of how many.
///
/// # Errors
/// [`Failed`].
pub async fn whole<T: serde::de::DeserializeOwned>(api: &Api, path: &str) -> Result<(Vec<T>, bool), Failed> {
    let joint = if path.contains('?') { '&' } else { '?' };
    let mut all = Vec::new();
    let mut after = String::new();
    for _ in 0..5 {
        let from = query(&[("after", &after)]).replacen('?', "&", 1);
        let list: List<T> = api.get(&format!("{path}{joint}limit=200{from}")).await?;
        all.extend(list.items);
        match list.next {
            Some(next) => after = next,
            None => return Ok((all, true)),
        }
    }
    Ok((all, false))
}

/// A CSV file to keep. `name`: a name of ours, never anybody's words.
#[must_use]
pub fn csv(name: &'static str, text: &str) -> Response {
    let kept = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).unwrap_or(HeaderValue::from_static("attachment"));
    let told = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, kept),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (told, text.to_owned()).into_response()
}

#[derive(Deserialize)]
struct Organisation {
    id: String,
    name: String,
}

/// The names of organisations, by their short names.
#[derive(Debug, Default)]
pub struct Organisations(Vec<(String, String)>);

impl Organisations {
    /// # Errors
    /// [`Failed`].
    pub async fn of(api: &Api) -> Result<Self, Failed> {
        let (all, _) = whole::<Organisation>(api, "/v1/organisations").await?;
        let mut all: Vec<_> = all.into_iter().map(|o| (o.id, o.name)).collect();
        all.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(Self(all))
    }

    #[must_use]
    pub fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.0.iter().find(|(i, _)| i == id).map_or(id, |(_, name)| name)
    }

    #[must_use]
    pub fn choices(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect()
    }
}

/// A family of a list, by what its council calls it, which stays on one line where it is short.
#[must_use]
pub fn family_link(visit: &Visit, id: &str, called: Option<&str>) -> Markup {
    const SHORT: usize = 16;
    let link = list::link(&visit.to(&["families", id]), called.unwrap_or("The family"));
    if called.is_some_and(|c| c.len() <= SHORT) {
        html! { span class="hearth-reference" { (link) } }
    } else {
        link
    }
}

/// A whole number as it was typed: the API says what is wrong with what is none.
#[must_use]
pub fn number(typed: &Typed, name: &str) -> Option<Value> {
    typed.text(name).map(|t| t.parse::<i64>().map_or_else(|_| Value::from(t), Value::from))
}

/// How often each comes up, in the order of their first.
#[must_use]
pub fn counted<'a>(of: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, usize)> {
    let mut order: Vec<&str> = Vec::new();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for one in of {
        let n = times.entry(one).or_default();
        if *n == 0 {
            order.push(one);
        }
        *n += 1;
    }
    order.into_iter().map(|one| (one, times[one])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_in_the_order_of_the_first() {
        assert_eq!(counted(["met", "not-met", "met"]), [("met", 2), ("not-met", 1)]);
    }

    #[test]
    fn a_number_that_is_none_stays_as_typed() {
        let mut typed = Typed::default();
        typed.set("n", " 12 ");
        typed.set("odd", "twelve");
        assert_eq!((number(&typed, "n"), number(&typed, "odd"), number(&typed, "none")), (Some(12.into()), Some("twelve".into()), None));
    }
}
