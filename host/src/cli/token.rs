//! Tokens, on the host itself: the first of an authority are made here.

use anyhow::Result;
use clap::{Args, Subcommand};

use super::{Done, HomeArgs};
use crate::access::tokens::{self, Asked, For};
use crate::access::{Role, Verb};
use crate::record::{AuthorityId, Digest, LoginId};
use crate::store::Token;

/// The token is shown once: the host keeps only its hash.
#[derive(Debug, Args)]
pub(super) struct MakeToken {
    #[command(flatten)]
    home: HomeArgs,
    /// Of a system: stands in the record beside everything done with it. Of a person: what the token is for.
    #[arg(long)]
    name: String,
    /// The one authority that it is for; without it and without a login, an operator's, which creates authorities and sees no family.
    #[arg(long, value_name = "CODE")]
    authority: Option<AuthorityId>,
    /// What a system does there; several may be named.
    #[arg(long, value_name = "ROLE", default_value = "system", conflicts_with = "login")]
    role: Vec<Role>,
    /// The person whose it is: as `hearth person` answered.
    #[arg(long, value_name = "ID")]
    login: Option<LoginId>,
    /// What it opens of all that its holder may; several may be named. Left out: all of it.
    #[arg(long, value_name = "VERB")]
    verb: Vec<Verb>,
    /// After how many days it opens nothing. Left out: when it is revoked.
    #[arg(long)]
    days: Option<u32>,
}

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

impl MakeToken {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let of = match (self.login, self.authority) {
            (Some(login), authority) => For::Person { login, authority },
            (None, Some(authority)) => For::System { authority, roles: self.role.into_iter().collect() },
            (None, None) => For::Operator,
        };
        let end = |days| crate::record::KnownAt::from_millis(home.stores.clock().now().millis() + i64::from(days) * DAY);
        let verbs = (!self.verb.is_empty()).then(|| self.verb.iter().copied().collect());
        let asked = Asked { verbs, expires_at: self.days.map(end), ..Asked::on_the_host(&self.name, of) };
        println!("{}", tokens::issue(&home.stores, asked).await?.token);
        Ok(Done::Whole)
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Tokens {
    /// All of them, expired and revoked ones too: hash, holder, when it was made and last used.
    List {
        #[command(flatten)]
        home: HomeArgs,
    },
    /// From now on it opens nothing.
    Revoke {
        #[command(flatten)]
        home: HomeArgs,
        /// As `tokens list` shows it.
        hash: Digest,
    },
}

impl Tokens {
    pub(super) async fn run(self) -> Result<Done> {
        match self {
            Self::List { home } => {
                for token in home.open().await?.stores.common().tokens().await? {
                    println!("{}", line(&token));
                }
            }
            Self::Revoke { home, hash } => {
                let home = home.open().await?;
                let mut tx = home.stores.common().write("operator", "revoked a token").await?;
                tx.revoke_token(&hash).await?;
                tx.commit().await?;
                println!("{hash}: revoked");
            }
        }
        Ok(Done::Whole)
    }
}

fn line(token: &Token) -> String {
    let whose = match (&token.login, &token.authority, &token.roles) {
        (Some(login), Some(authority), _) => format!("{} at {authority}", login.name),
        (Some(login), None, _) => login.name.clone(),
        (None, Some(authority), roles) => format!("a system of {authority} ({})", roles.as_deref().unwrap_or_default()),
        (None, None, _) => "the operator".to_owned(),
    };
    let used = token.used_on.map_or_else(|| "never used".to_owned(), |day| format!("last used {day}"));
    let ended = match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!(", revoked {at}"),
        (None, Some(at)) => format!(", until {at}"),
        (None, None) => String::new(),
    };
    format!("{} {}: {whose}; made {} by {}, {used}{ended}", token.hash, token.name, token.created_at, token.made_by)
}
