use std::io::Write as _;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};

use super::home::Home;
use super::{Done, HomeArgs};
use crate::record::{AuthorityId, PersonId, Section};
use crate::store::{AuthorityStore, Looked, Seen};
use crate::workflow::subject::{Draft, csv, html};

const BY: &str = "hearth subject";

#[derive(Debug, Subcommand)]
pub(super) enum Subject {
    /// Open a person's request, and write the draft for a reviewer.
    Open(Open),
    /// Say of a part whether it is shown, and why.
    Review(Review),
    /// Keep the draft as it was reviewed, and write it.
    Release(Release),
}

#[derive(Debug, Args)]
struct At {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
}

#[derive(Debug, Args)]
pub(super) struct Open {
    #[command(flatten)]
    at: At,
    #[arg(long, value_name = "ID")]
    person: PersonId,
    #[arg(long, value_enum, default_value = "html")]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Review {
    #[command(flatten)]
    at: At,
    /// The request's number.
    #[arg(long, value_name = "NUMBER")]
    request: i64,
    /// As the draft names it.
    part: String,
    /// Keep it back; else it is shown.
    #[arg(long)]
    keep_back: bool,
    /// Where it is kept back, the person is told it.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Release {
    #[command(flatten)]
    at: At,
    /// The request's number.
    #[arg(long, value_name = "NUMBER")]
    request: i64,
    #[arg(long, value_enum, default_value = "html")]
    form: Form,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    Html,
    Json,
    Csv,
}

impl At {
    async fn open(&self) -> Result<(Home, AuthorityStore)> {
        let home = self.home.open().await?;
        let store = home.stores.authority(&self.authority).await?;
        Ok((home, store))
    }
}

/// Everything about the person is about to be written out.
async fn saw(store: &AuthorityStore, person: PersonId) -> Result<()> {
    let looked = Looked { principal: BY.to_owned(), what: BY.to_owned(), purpose: Some("subject access".to_owned()) };
    Ok(store.saw(&looked, &[Seen { person: Some(person), sections: Section::ALL.to_vec(), ..Seen::default() }]).await?)
}

impl Subject {
    pub(super) async fn run(self) -> Result<Done> {
        match self {
            Self::Open(open) => open.run().await,
            Self::Review(review) => review.run().await,
            Self::Release(release) => release.run().await,
        }
    }
}

impl Open {
    async fn run(self) -> Result<Done> {
        let (home, store) = self.at.open().await?;
        let mut tx = store.write(BY, "opened a subject access request").await?;
        let request = tx.open_subject_request(self.person, BY).await?;
        tx.commit().await?;
        saw(&store, self.person).await?;
        let draft = home.workflow.subject_draft(&store, self.person).await?;
        eprintln!("request {request}: {} parts, {} of them to be read by a reviewer", draft.parts.len(), draft.unread(&[]).len());
        self.form.write(&draft)
    }
}

impl Review {
    async fn run(self) -> Result<Done> {
        let (home, store) = self.at.open().await?;
        let person = store.subject_request(self.request).await?.person;
        let draft = home.workflow.subject_draft(&store, person).await?;
        if !draft.parts.iter().any(|p| p.part == self.part) {
            bail!("`{}` is not a part of this draft", self.part);
        }
        let mut tx = store.write(BY, "reviewed a part of a subject access draft").await?;
        tx.review_subject_part(self.request, &self.part, !self.keep_back, &self.reason, BY).await?;
        tx.commit().await?;
        println!("{} parts are still to be read", draft.unread(&store.subject_reviews(self.request).await?).len());
        Ok(Done::Whole)
    }
}

impl Release {
    async fn run(self) -> Result<Done> {
        let (home, store) = self.at.open().await?;
        let person = store.subject_request(self.request).await?.person;
        let draft = home.workflow.subject_draft(&store, person).await?;
        let reviews = store.subject_reviews(self.request).await?;
        let unread = draft.unread(&reviews);
        if let Some(first) = unread.first() {
            bail!("{} marked parts are unread, {} among them: say of each whether it is shown", unread.len(), first.part);
        }
        let draft = draft.reviewed(&reviews);
        saw(&store, person).await?;
        let mut tx = store.write(BY, "released what is held about a person").await?;
        let digest = tx.release_subject_request(self.request, &serde_json::to_vec(&draft)?, BY).await?;
        tx.commit().await?;
        eprintln!("released: {digest}");
        self.form.write(&draft)
    }
}

impl Form {
    fn write(self, draft: &Draft) -> Result<Done> {
        let bytes = match self {
            Self::Html => html(draft).into_bytes(),
            Self::Json => serde_json::to_vec(draft)?,
            Self::Csv => csv(draft)?,
        };
        std::io::stdout().write_all(&bytes).context("writing the draft")?;
        Ok(Done::Whole)
    }
}
