//! The directory: services of organisations, version by version, and how many families were referred to each.

use std::collections::HashMap;

use super::error::exists;
use super::sql::{Connection, Row, query};
use super::{AsKnown, AuthorityStore, AuthorityTx, StoreError};
use crate::record::bought::Offer;
use crate::record::{KnownAt, OrganisationId, ServiceId};

/// A service, as it was from one of its versions on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    pub id: ServiceId,
    /// As the directory that it came from calls it.
    pub reference: Option<String>,
    /// From 1.
    pub version: u64,
    pub at: KnownAt,
    pub by: String,
    pub offer: Offer,
    /// Families that were referred to it here: helped, or waiting for an answer.
    pub referred: u64,
}

macro_rules! service {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.reference, v.version, v.content, c.at, c.principal, \
             (SELECT COUNT(*) FROM provision p WHERE p.service = s.id AND p.state IN ('sent', 'accepted')) AS referred \
             FROM service s JOIN service_version v ON v.service = s.id JOIN change c ON c.id = v.change ",
            $rest
        )
    };
}

/// How many were referred to each after a change ($1).
const REFERRED: &str = "SELECT p.service, COUNT(*) AS families FROM provision p JOIN provision_step s ON s.provision = p.id \
     AND s.id = (SELECT MAX(x.id) FROM provision_step x WHERE x.provision = p.id AND x.change <= $1) \
     WHERE s.state IN ('sent', 'accepted') GROUP BY p.service";

impl AuthorityStore {
    /// All services, in the order in which they came.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn services(&self) -> Result<Vec<Service>, StoreError> {
        let rows = query(service!("WHERE v.version = s.version ORDER BY s.id")).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// The directory as it was known: with the places that were taken then.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn directory(&self, known: AsKnown) -> Result<Vec<Service>, StoreError> {
        let mut connection = self.read().await?;
        let change = known.last_change(&mut connection).await?;
        let sql = service!(
            "WHERE v.version = (SELECT MAX(l.version) FROM service_version l WHERE l.service = s.id AND l.change <= $1) ORDER BY s.id"
        );
        let rows = query(sql).bind(change).fetch_all(&mut connection).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut referred: HashMap<ServiceId, u64> = HashMap::new();
        for row in query(REFERRED).bind(change).fetch_all(&mut connection).await? {
            referred.insert(row.key("service")?, row.count("families")?);
        }
        let with = |row: &Row| read(row).map(|s| Service { referred: referred.get(&s.id).copied().unwrap_or(0), ..s });
        rows.iter().map(with).collect()
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn service(&self, id: ServiceId) -> Result<Service, StoreError> {
        get(&mut *self.read().await?, id).await
    }

    /// Every version, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn service_versions(&self, id: ServiceId) -> Result<Vec<Service>, StoreError> {
        let rows = query(service!("WHERE s.id = $1 ORDER BY v.version DESC")).key(&id).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn service(&mut self, id: ServiceId) -> Result<Service, StoreError> {
        get(self.connection(), id).await
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn service_called(&mut self, reference: &str) -> Result<Option<Service>, StoreError> {
        let sql = service!("WHERE s.reference = $1 AND v.version = s.version");
        query(sql).bind(reference).fetch_optional(self.connection()).await?.as_ref().map(read).transpose()
    }

    /// A new service.
    ///
    /// # Errors
    /// `Exists` where another came under the reference; `NoSuch` where there is no such organisation.
    pub async fn add_service(&mut self, offer: &Offer, reference: Option<&str>) -> Result<Service, StoreError> {
        self.source_kind(&offer.organisation).await?;
        let id = ServiceId::fresh();
        query("INSERT INTO service (id, organisation, reference, version) VALUES ($1, $2, $3, 1)")
            .key(&id)
            .bind(offer.organisation.as_str())
            .bind(reference.map(str::to_owned))
            .execute(self.connection())
            .await
            .map_err(exists("service", "reference"))?;
        self.add_service_version(id, 1, offer).await?;
        self.service(id).await
    }

    /// A new version; none where nothing is new. Whose service it is does not change.
    ///
    /// # Errors
    /// `NoSuch` where there is none; `Conflict` where it is another organisation's.
    pub async fn change_service(&mut self, id: ServiceId, offer: &Offer) -> Result<Service, StoreError> {
        let before = self.service(id).await?;
        if before.offer == *offer {
            return Ok(before);
        }
        if before.offer.organisation != offer.organisation {
            return Err(StoreError::Conflict("whose service it is does not change: end it, and begin another".to_owned()));
        }
        self.add_service_version(id, before.version + 1, offer).await?;
        query("UPDATE service SET version = $2 WHERE id = $1").key(&id).count(before.version + 1).execute(self.connection()).await?;
        self.service(id).await
    }

    async fn add_service_version(&mut self, id: ServiceId, version: u64, offer: &Offer) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO service_version (service, version, change, content) VALUES ($1, $2, $3, $4)")
            .key(&id)
            .count(version)
            .bind(change.0)
            .bind(serde_json::to_string(offer).unwrap_or_default())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn get(connection: &mut Connection, id: ServiceId) -> Result<Service, StoreError> {
    let row = query(service!("WHERE s.id = $1 AND v.version = s.version")).key(&id).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()?.ok_or_else(|| StoreError::no_such("service", id))
}

fn read(row: &Row) -> Result<Service, StoreError> {
    Ok(Service {
        id: row.key("id")?,
        reference: row.maybe_text("reference")?,
        version: row.count("version")?,
        at: row.at("at")?,
        by: row.text("principal")?,
        offer: row.json("content")?,
        referred: row.count("referred")?,
    })
}

impl Service {
    #[must_use]
    pub const fn organisation(&self) -> &OrganisationId {
        &self.offer.organisation
    }
}
