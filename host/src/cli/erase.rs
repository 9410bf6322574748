use anyhow::Result;
use clap::{Args, ValueEnum};

use super::{Done, HomeArgs};
use crate::record::{AuthorityId, FamilyId, PersonId};
use crate::store::{Erase, Went, WhyErased};
use crate::workflow::handover;

const BY: &str = "hearth erase";

#[derive(Debug, Args)]
pub(super) struct EraseThem {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    #[command(flatten)]
    whom: Whom,
    #[arg(long, value_enum)]
    why: Why,
    /// Do it. It cannot be undone but by a backup.
    #[arg(long)]
    really: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Whom {
    #[arg(long, value_name = "ID")]
    family: Option<FamilyId>,
    #[arg(long, value_name = "ID")]
    person: Option<PersonId>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Why {
    /// By whom it is about.
    Asked,
    /// By a court or the Information Commissioner.
    Ordered,
}

impl EraseThem {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let store = home.stores.authority(&self.authority).await?;
        let erase = self.whom.family.map(Erase::Family).or(self.whom.person.map(Erase::Person));
        let Some(erase) = erase else { anyhow::bail!("name a family or a person") };
        let why = match self.why {
            Why::Asked => WhyErased::Asked,
            Why::Ordered => WhyErased::Ordered,
        };
        let mut tx = store.write(BY, "erased").await?;
        let went = tx.erase(&erase, why, BY).await?;
        if self.really {
            tx.commit().await?;
            store.overwrite().await?;
            handover::take_back_erased(&home.stores, &store).await?;
        }
        println!("{}{}", if self.really { "" } else { "would go (nothing has been erased; --really does it): " }, in_words(&went));
        if went.texts_left > 0 {
            println!("{} notes and goals of the families that stay may name them in words: read these.", went.texts_left);
        }
        println!("Not reached: {}.", crate::api::OUTSIDE);
        Ok(Done::Whole)
    }
}

/// `12 facts, 3 decisions' evidence, …`
pub(super) fn in_words(went: &Went) -> String {
    let parts = [
        (went.facts, "facts"),
        (went.coverage, "statements of coverage"),
        (went.contents, "kept records and questions"),
        (went.decisions, "decisions' evidence and reasons"),
        (went.tasks, "tasks"),
        (went.proposals, "proposals"),
        (went.undecided, "undecided questions"),
        (went.runs, "runs"),
        (went.answers, "kept answers"),
        (went.beside, "rows and words beside the record"),
        (went.released, "released copies"),
    ];
    parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect::<Vec<_>>().join(", ")
}
