//! What somebody typed into a form, as the API takes it.

use std::collections::HashMap;

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::sent;
use crate::upstream::{Failed, Problem};

/// What somebody typed, by the names of the fields; boxes that were ticked stand under one name.
#[derive(Debug, Clone, Default)]
pub struct Typed(HashMap<String, Vec<String>>);

impl Typed {
    /// What stood there, without spaces around it; nothing where it was empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.first().map(|t| t.trim()).filter(|t| !t.is_empty())
    }

    /// As it stands in the field, spaces and all.
    #[must_use]
    pub fn first(&self, name: &str) -> &str {
        self.0.get(name).and_then(|all| all.first()).map_or("", String::as_str)
    }

    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.get(name).map(|all| all.iter().map(|t| t.trim()).filter(|t| !t.is_empty()).collect()).unwrap_or_default()
    }

    /// The first of these fields that is empty, with what to say of it.
    #[must_use]
    pub fn lacks(&self, must: &[(&str, &str)]) -> Option<Problem> {
        let (name, words) = must.iter().find(|(name, _)| self.text(name).is_none())?;
        Some(Problem::of_pages("invalid", "", StatusCode::UNPROCESSABLE_ENTITY, *words).at(name))
    }

    #[must_use]
    pub fn is_ticked(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// The form's own key.
    #[must_use]
    pub fn once(&self) -> &str {
        self.text("once").unwrap_or_default()
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), vec![value.into()]);
    }

    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.entry(name.to_owned()).or_default().push(value.into());
    }

    /// A day from its three fields: `None` where all are empty; else as it was typed, so that the API says what is wrong with it.
    #[must_use]
    pub fn day(&self, name: &str) -> Option<String> {
        let part = |of: &str| self.text(&format!("{name}-{of}")).map(str::to_owned);
        let (year, month, day) = (part("year"), part("month"), part("day"));
        if year.is_none() && month.is_none() && day.is_none() {
            return None;
        }
        let two = |t: Option<String>| t.map_or_else(String::new, |t| if t.len() == 1 { format!("0{t}") } else { t });
        Some(format!("{}-{}-{}", year.unwrap_or_default(), two(month), two(day)))
    }

    /// Pence from pounds as people write them: `1,250.50`, `£800`.
    #[must_use]
    pub fn pence(&self, name: &str) -> Option<Value> {
        let text = self.text(name)?;
        let bare: String = text.chars().filter(|c| !matches!(c, '£' | ',' | ' ')).collect();
        let (pounds, pence) = bare.split_once('.').unwrap_or((&bare, "0"));
        let pence = if pence.len() == 1 { format!("{pence}0") } else { pence.to_owned() };
        match (pounds.parse::<u64>(), pence.parse::<u64>()) {
            (Ok(pounds), Ok(pence)) if pence < 100 => pounds.checked_mul(100).map(|p| Value::from(p + pence)),
            // As it was typed: the API says that it is no number.
            _ => None,
        }
        .or_else(|| Some(Value::from(text)))
    }

    /// The days of `first` and so on come back into their three fields.
    pub fn set_day(&mut self, name: &str, day: &str) {
        let mut parts = day.splitn(3, '-');
        for of in ["year", "month", "day"] {
            self.set(&format!("{name}-{of}"), parts.next().unwrap_or_default().trim_start_matches('0').to_owned());
        }
    }

    /// Each of the names that holds something, as texts of a JSON object.
    #[must_use]
    pub fn object(&self, names: &[&str]) -> Map<String, Value> {
        names.iter().filter_map(|n| self.text(n).map(|t| ((*n).to_owned(), Value::from(t)))).collect()
    }
}

impl<S: Send + Sync> FromRequest<S> for Typed {
    type Rejection = Failed;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failed> {
        let axum::extract::Form(pairs) = sent::read(axum::extract::Form::<Vec<(String, String)>>::from_request(request, state)).await?;
        let mut typed = Self::default();
        for (name, value) in pairs {
            // Browsers end lines as the network does.
            typed.add(&name, value.replace("\r\n", "\n"));
        }
        Ok(typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        let mut typed = Typed::default();
        for (name, value) in pairs {
            typed.add(name, *value);
        }
        typed
    }

    #[test]
    fn the_first_that_is_empty_is_asked_for() {
        let form = typed(&[("kind", "parenting"), ("why", " ")]);
        assert_eq!(form.lacks(&[("kind", "choose one"), ("why", "say why")]).unwrap().field.as_deref(), Some("why"));
        assert!(form.lacks(&[("kind", "choose one")]).is_none());
    }

    #[test]
    fn what_is_typed_becomes_what_the_api_takes() {
        let form = typed(&[("on-day", "3"), ("on-month", "12"), ("on-year", "2026"), ("fee", "£1,250.5"), ("odd", "ten"), ("blank", "  ")]);
        assert_eq!(form.day("on").as_deref(), Some("2026-12-03"));
        assert_eq!(form.day("other"), None);
        assert_eq!(form.pence("fee"), Some(Value::from(125_050)));
        assert_eq!(form.pence("odd"), Some(Value::from("ten")), "the API says what is wrong with it");
        assert_eq!(form.text("blank"), None);
        assert_eq!(typed(&[("on-day", "31")]).day("on").as_deref(), Some("--31"), "half a day is wrong, not absent");
    }
}
