//! For the data protection impact assessment: what each plugin sees and may propose, what is carried out without a person, how long what
//! is kept. Made from what is installed and set, not from what anybody says of it.

use serde::Serialize;
use utoipa::ToSchema;

use super::DEFAULT_POLICIES;
use super::retention::periods;
use crate::plugins::install::grants_of;
use crate::plugins::sensitive::marks;
use crate::record::{AuthorityId, Digest, InstallationId, KnownAt, Section};
use crate::sandbox::{Purpose, interface};
use crate::store::{AuthorityStore, InstallationStatus, StoreError};

/// One page about an authority's use of plugins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Impact {
    #[schema(value_type = String)]
    pub authority: AuthorityId,
    pub made_at: KnownAt,
    pub actions: Vec<ActionPolicy>,
    pub plugins: Vec<PluginImpact>,
    pub kept: Vec<SectionKept>,
}

/// Who carries out one kind of action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActionPolicy {
    /// Code list actions.
    pub action: String,
    /// Carried out with the decision; else a person confirms it first.
    pub automatic: bool,
    /// Left out: the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said_by: Option<String>,
}

/// What one installation sees and may propose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PluginImpact {
    pub installation: InstallationId,
    pub name: String,
    pub digest: Digest,
    /// `proposed`, `active`; retired ones see nothing and are left out.
    pub status: String,
    /// Extension points that it is asked about now.
    pub decides: Vec<String>,
    pub sees: Vec<Sees>,
    /// In plain words.
    pub proposes: Vec<String>,
}

/// An interface that it was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sees {
    #[schema(example = "hearth:family/education")]
    pub interface: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<Section>,
    /// In plain words.
    pub says: String,
    /// What data protection law guards most in it.
    pub guarded: Vec<String>,
}

/// How long a section is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SectionKept {
    pub section: Section,
    pub years: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_age: Option<u8>,
}

/// Reads what is installed and set.
///
/// # Errors
/// The file cannot be read.
pub async fn impact(store: &AuthorityStore) -> Result<Impact, StoreError> {
    let said = store.policies().await?;
    let action = |(action, default): &(&str, &str)| {
        let said = said.iter().find(|p| p.action == *action);
        let policy = said.map_or(*default, |p| p.policy.as_str());
        ActionPolicy { action: (*action).to_owned(), automatic: policy == "automatic", said_by: said.map(|p| p.by.clone()) }
    };
    let actions = DEFAULT_POLICIES.iter().map(action).collect();
    let mut plugins = Vec::new();
    for installation in store.installations().await? {
        if installation.status == InstallationStatus::Retired {
            continue;
        }
        let grants = grants_of(&installation)?;
        let granted = || grants.0.iter().filter_map(|name| interface(name));
        let sees = granted().filter(|i| i.purpose == Purpose::Read).map(|i| Sees {
            interface: i.name.to_owned(),
            section: i.section,
            says: i.says.to_owned(),
            guarded: marks(i.name).iter().map(|(mark, why)| format!("{} {why}", mark.says())).collect(),
        });
        let proposes = granted().filter(|i| i.purpose == Purpose::Propose).map(|i| i.says.to_owned());
        plugins.push(PluginImpact {
            sees: sees.collect(),
            proposes: proposes.collect(),
            status: installation.status.code().to_owned(),
            decides: installation.offers.iter().filter(|o| o.decides).map(|o| o.extension_point.clone()).collect(),
            installation: installation.id,
            name: installation.plugin,
            digest: installation.digest,
        });
    }
    let kept = periods(store).await?.into_iter();
    let kept = kept.map(|(section, keep)| SectionKept { section, years: keep.years, until_age: keep.until_age }).collect();
    Ok(Impact { authority: store.id().clone(), made_at: store.clock().now(), actions, plugins, kept })
}

/// The page as text.
impl std::fmt::Display for Impact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}, as of {}\n\nActions", self.authority, self.made_at)?;
        for ActionPolicy { action, automatic, said_by } in &self.actions {
            let how = if *automatic { "automatic" } else { "a person confirms" };
            writeln!(f, "  {action}: {how} ({})", said_by.as_deref().unwrap_or("default"))?;
        }
        for plugin in &self.plugins {
            let asked = if plugin.decides.is_empty() { "nothing".to_owned() } else { plugin.decides.join(", ") };
            writeln!(f, "\n{} ({}), asked about {asked}\n  {}", plugin.name, plugin.status, plugin.digest)?;
            for sees in &plugin.sees {
                writeln!(f, "  may {}", sees.says)?;
                sees.guarded.iter().try_for_each(|g| writeln!(f, "    {g}"))?;
            }
            plugin.proposes.iter().try_for_each(|p| writeln!(f, "  may {p}"))?;
        }
        writeln!(f, "\nKept")?;
        for SectionKept { section, years, until_age } in &self.kept {
            let age = until_age.map(|age| format!(", and until the youngest is {age}")).unwrap_or_default();
            writeln!(f, "  {}: {years} years after the family's help ended{age}", section.code())?;
        }
        Ok(())
    }
}
