//! A browser, as far as signing in needs one: it keeps cookies apart by host and port, and goes where it is sent.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use reqwest::header;
use serde_json::Value;

/// Redirects that it follows.
const MOST: usize = 10;

/// Cheap to make; forgets everything when it is dropped.
#[derive(Clone)]
pub struct Browser {
    client: reqwest::Client,
    /// By the host and port that set them.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

/// Where it stopped.
#[derive(Debug)]
pub struct Page {
    pub url: String,
    pub status: u16,
    pub text: String,
}

impl Page {
    /// Code and field of the problem that is shown.
    ///
    /// # Panics
    /// Where it is none.
    #[must_use]
    pub fn problem(&self) -> (String, Option<String>) {
        let problem: Value = serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {} {}", self.url, self.text));
        let code = problem["type"].as_str().unwrap_or_else(|| panic!("{problem}")).rsplit('/').next().unwrap_or_default();
        (code.to_owned(), problem["field"].as_str().map(str::to_owned))
    }
}

impl Default for Browser {
    fn default() -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        Self { client: client.unwrap_or_default(), cookies: BTreeMap::new() }
    }
}

impl Browser {
    /// Opens an address and follows where it leads, until `stop` says that the next address is one to stop before.
    ///
    /// # Errors
    /// The connection broke, or it is sent around in circles.
    pub async fn open_until(&mut self, url: &str, stop: impl Fn(&str) -> bool) -> Result<Page> {
        let mut url = reqwest::Url::parse(url)?;
        for _ in 0..MOST {
            let (page, next) = self.get(&url).await?;
            match next {
                Some(next) if !stop(next.as_str()) => url = next,
                Some(next) => return Ok(Page { url: next.into(), ..page }),
                None => return Ok(page),
            }
        }
        bail!("sent around in circles");
    }

    /// # Errors
    /// As [`Browser::open_until`].
    pub async fn open(&mut self, url: &str) -> Result<Page> {
        self.open_until(url, |_| false).await
    }

    async fn get(&mut self, url: &reqwest::Url) -> Result<(Page, Option<reqwest::Url>)> {
        let origin = url.authority().to_owned();
        let ours = self.cookies.entry(origin).or_default();
        let sent: Vec<String> = ours.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = self.client.get(url.clone()).header(header::COOKIE, sent.join("; ")).send().await?;
        for set in answer.headers().get_all(header::SET_COOKIE) {
            let set = set.to_str()?;
            let (name, value) = set.split(';').next().and_then(|pair| pair.split_once('=')).context("a cookie")?;
            ours.insert(name.to_owned(), value.to_owned());
            if value.is_empty() {
                ours.remove(name);
            }
        }
        let next = answer.headers().get(header::LOCATION).map(|to| Ok::<_, anyhow::Error>(url.join(to.to_str()?)?)).transpose()?;
        let status = answer.status().as_u16();
        Ok((Page { url: url.to_string(), status, text: answer.text().await? }, next))
    }

    #[must_use]
    pub fn cookie(&self, host: &str, name: &str) -> Option<&String> {
        self.cookies.get(host)?.get(name)
    }
}
