//! People who work at an authority, on the host itself: its first administrator, who then says who else does.

use anyhow::{Context, Result};
use clap::Args;

use super::reception::ReceptionArgs;
use super::{Done, HomeArgs};
use crate::access::invitations::{self, Invited};
use crate::access::{Address, Role, Roles};
use crate::egress::mail::Mail;
use crate::egress::{Door, Openings};
use crate::record::{AuthorityId, OrganisationId, RoleId, Window, fact};
use crate::store::RoleHeld;

/// Somebody who works at an authority, and in which role. They sign in by the link that `--e-mail` prints, or send a token
/// (`hearth token --login`). Everybody else is invited over the API by an administrator: POST /v1/authorities/{authority}/invitations.
#[derive(Debug, Args)]
pub(super) struct MakePerson {
    #[command(flatten)]
    home: HomeArgs,
    #[arg(long)]
    name: String,
    /// Who employs them. Left out: the council itself.
    #[arg(long, value_name = "SHORT-NAME")]
    organisation: Option<OrganisationId>,
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    #[arg(long, value_name = "ROLE", default_value = "administrator")]
    role: Role,
    /// Where mail reaches them. Prints a link, good once and for seven days, for you to pass on to them alone: following it shows the
    /// mailbox to be theirs, and one-time codes go there from then on.
    #[arg(long, value_name = "ADDRESS")]
    e_mail: Option<String>,
    #[command(flatten)]
    reception: ReceptionArgs,
}

impl MakePerson {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        fact::text("name", &self.name, 100)?;
        let store = home.stores.authority(&self.authority).await?;
        let organisation = self.organisation.unwrap_or_else(|| OrganisationId::of_council(&self.authority));
        let address = self.e_mail.map(|a| a.parse::<Address>()).transpose().context("--e-mail")?;
        let reception = self.reception.reception(Mail::nowhere(), Door::new(Openings::default()), &home.path);
        if address.is_some() {
            reception.address()?;
        }
        let mut tx = home.stores.common().write("operator", "took in somebody who works at an authority").await?;
        let login = tx.add_login(&self.name, &organisation).await?;
        tx.note_authority(login.id, &self.authority).await?;
        tx.commit().await?;
        let mut tx = store.write("operator", "gave somebody a role").await?;
        let window = Window::since(tx.now().day());
        tx.give_role(&RoleHeld { id: RoleId::fresh(), login: login.id, role: self.role.code().to_owned(), window }).await?;
        tx.commit().await?;
        println!("{}", login.id);
        let Some(address) = address else {
            eprintln!(
                "{} opens nothing yet: make a token (hearth token --login {}), or say where mail reaches them (--e-mail). Others are invited by an \
                 administrator: POST /v1/authorities/{}/invitations",
                login.id, login.id, self.authority
            );
            return Ok(Done::Whole);
        };
        let invited = Invited { name: self.name, address, organisation, roles: Roles::default(), last: None, login: Some(login.id) };
        let drafted = invitations::draft(&home.stores, &store, invited, "operator").await?;
        let mut tx = store.write("operator", "invited somebody").await?;
        tx.invite(&drafted.new).await?;
        tx.commit().await?;
        println!("{}", invitations::link(&reception, &drafted.token)?);
        Ok(Done::Whole)
    }
}
