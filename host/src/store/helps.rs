//! Who helps a family, in its record: a `worker` fact for each part in its case, begun and ended in the transaction that gives and ends the part. It
//! bears the part's id as its reference, by which it is found again when families merged meanwhile or somebody corrected it.

use super::facts::Standing;
use super::workers::Assignment;
use super::{AuthorityTx, StoreError};
use crate::record::sections::support::Worker;
use crate::record::{AssignmentId, Day, Detail, FactId, Kind, NewFact, Subject, Window};

fn reference(part: AssignmentId) -> String {
    format!("assignment:{part}")
}

impl AuthorityTx {
    /// Somebody has a part in a case: the record says in which role, and who employs them (code list organisation-kinds).
    ///
    /// # Errors
    /// As [`AuthorityTx::add_facts`].
    pub async fn helps(&mut self, part: &Assignment, employer: String) -> Result<(), StoreError> {
        let fact = NewFact {
            id: FactId::fresh(),
            subject: Subject { family: Some(part.family), ..Subject::default() },
            window: part.window,
            source: self.council(),
            reference: Some(reference(part.id)),
            supersedes: None,
            detail: Detail::Worker(Worker { role: part.role.clone(), employer }),
        };
        self.add_facts(&[fact]).await?;
        Ok(())
    }

    /// The last day of a part in a case; one before its first means that it never was. What a person took out of force stays as they left it, and of a
    /// family that is closed nothing is said any more.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn helped_until(&mut self, part: AssignmentId, last: Day) -> Result<(), StoreError> {
        let (council, reference) = (self.council(), reference(part));
        let found = self.look().facts_by_reference(&council, Kind::Worker, &[&reference]).await?.remove(&reference);
        let Some(said) = found.filter(|s| matches!(s.standing, Standing::InForce)).map(|s| s.fact) else { return Ok(()) };
        let families: Vec<_> = said.subject.family.into_iter().collect();
        if !super::closed::among(self.connection(), &families).await?.is_empty() {
            return Ok(());
        }
        if last < said.window.first {
            return self.withdraw_fact(said.id).await;
        }
        let window = Window { first: said.window.first, last: Some(last) };
        let ended = NewFact {
            id: FactId::fresh(),
            subject: said.subject,
            window,
            source: said.source,
            reference: said.reference,
            supersedes: Some(said.id),
            detail: said.detail,
        };
        self.add_facts(&[ended]).await?;
        Ok(())
    }
}
