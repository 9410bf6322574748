//! E-mail: that something waits, an invitation, a code. Nothing personal is in a letter, since it lies open in mailboxes that are not the
//! host's, and every letter is one of [`Letter`]'s, in English and Welsh.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncFileTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::record::destination::Host;
use crate::record::{Destination, Invalid};

/// Of each thing that is said to the server, and each of its answers.
const PATIENCE: Duration = Duration::from_secs(20);
/// Ports of TLS from the first byte, and of TLS that is asked for (RFC 8314).
const SUBMISSIONS: u16 = 465;
const SUBMISSION: u16 = 587;
/// Who writes, where nobody says.
const FROM: &str = "hearth@localhost";

/// The host's post. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mail(Arc<Post>);

#[derive(Debug)]
struct Post {
    way: Way,
    from: Mailbox,
}

#[derive(Debug)]
enum Way {
    /// This host sends none.
    None,
    /// Letters as files: for tests, laptops, and whoever has a program of their own that sends them.
    Folder(PathBuf),
    Server(Server),
}

/// A server that takes letters in, as the operator names it.
#[derive(Debug)]
struct Server {
    at: Destination,
    /// TLS from the first byte; else it is asked for, and nothing is said without.
    at_once: bool,
    user: Option<String>,
    /// Read for each letter: a new password is used at once.
    password: Option<PathBuf>,
    #[cfg(test)]
    root: Option<lettre::transport::smtp::client::Certificate>,
}

/// What there is to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter<'a> {
    /// Something waits for somebody who has a login.
    Waits { link: &'a str },
    /// Somebody is to work here; `council` is its name.
    Invitation { council: &'a str, link: &'a str },
    /// To sign in with, within `minutes`.
    Code { code: &'a str, minutes: u32 },
    /// Whoever referred somebody can read what became of it.
    Referral { link: &'a str },
    /// To whoever is at the front door: whoever sent a referral is to hear soon.
    FrontDoor { link: &'a str },
}

/// Why a letter was not sent. None repeats to whom.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    #[error("this host sends no e-mail (`HEARTH_MAIL` sets where it is sent through)")]
    Nowhere,
    #[error("this is not an e-mail address")]
    Recipient,
    #[error("the letter cannot be written: {0}")]
    Letter(lettre::error::Error),
    #[error("the password of the mail server cannot be read: {0}")]
    Password(std::io::Error),
    #[error("the letter cannot be put into the folder: {0}")]
    Folder(lettre::transport::file::Error),
    /// Without its words, which repeat what was said to it.
    #[error("the mail server {0}")]
    Server(&'static str),
}

impl Mail {
    /// A host that sends none.
    #[must_use]
    pub fn nowhere() -> Self {
        let from = Mailbox::new(None, Address::new("hearth", "localhost").unwrap_or_else(|_| unreachable!("{FROM} is an address")));
        Self(Arc::new(Post { way: Way::None, from }))
    }

    /// As the operator says: `folder:PATH`, `smtps://user@host` (465) or `smtp://user@host` (587, with TLS before anything is said).
    ///
    /// # Errors
    /// [`Invalid`], naming the setting.
    pub fn through(way: &str, from: Option<&str>, password: Option<PathBuf>) -> Result<Self, Invalid> {
        let from = from.unwrap_or(FROM).parse().map_err(|_| Invalid::new("HEARTH_MAIL_FROM", "is no e-mail address"))?;
        let way = match way.strip_prefix("folder:") {
            Some("") => return Err(Invalid::new("HEARTH_MAIL", "names no folder after `folder:`")),
            Some(folder) => Way::Folder(folder.into()),
            None => Way::Server(Server::at(way, password)?),
        };
        Ok(Self(Arc::new(Post { way, from })))
    }

    /// The same, believing one more certificate.
    #[cfg(test)]
    pub(super) fn through_trusting(
        way: &str,
        password: Option<PathBuf>,
        root: lettre::transport::smtp::client::Certificate,
    ) -> Result<Self, Invalid> {
        let mut server = Server::at(way, password)?;
        server.root = Some(root);
        let from = FROM.parse().map_err(|_| Invalid::new("from", "is no address"))?;
        Ok(Self(Arc::new(Post { way: Way::Server(server), from })))
    }

    /// Does this host send any?
    #[must_use]
    pub fn is_sent(&self) -> bool {
        !matches!(self.0.way, Way::None)
    }

    /// # Errors
    /// [`NotSent`].
    pub async fn send(&self, to: &str, letter: &Letter<'_>) -> Result<(), NotSent> {
        self.send_as(&uuid::Uuid::now_v7().to_string(), to, letter).await
    }

    /// The same under a name of its own (RFC 5322, section 3.6.4), by which a letter that is sent again is known. It tells nothing of what the
    /// letter is about: letters, digits and hyphens.
    ///
    /// # Errors
    /// [`NotSent`].
    pub async fn send_as(&self, name: &str, to: &str, letter: &Letter<'_>) -> Result<(), NotSent> {
        let to: Mailbox = to.parse().map_err(|_| NotSent::Recipient)?;
        let message = Message::builder()
            .from(self.0.from.clone())
            .message_id(Some(format!("<{name}@{}>", self.0.from.email.domain())))
            .to(to)
            .subject(letter.subject())
            .header(ContentType::TEXT_PLAIN)
            .body(letter.to_string())
            .map_err(NotSent::Letter)?;
        match &self.0.way {
            Way::None => Err(NotSent::Nowhere),
            Way::Folder(folder) => {
                let transport = AsyncFileTransport::<Tokio1Executor>::new(folder);
                transport.send(message).await.map(drop).map_err(NotSent::Folder)
            }
            Way::Server(server) => server.send(message).await,
        }
    }
}

impl Server {
    fn at(url: &str, password: Option<PathBuf>) -> Result<Self, Invalid> {
        let wrong = |why: &str| Invalid::new("HEARTH_MAIL", why);
        let (at_once, rest) = match url.split_once("://") {
            Some(("smtps", rest)) => (true, rest),
            Some(("smtp", rest)) => (false, rest),
            _ => return Err(wrong("is none of `folder:PATH`, `smtps://user@host` and `smtp://user@host`")),
        };
        let (user, host) = rest.rsplit_once('@').map_or((None, rest), |(user, host)| (Some(user.to_owned()), host));
        if user.as_ref().is_some_and(|u| u.contains(':')) {
            return Err(wrong("holds a password, which other programs can read there: put it into a file (`HEARTH_MAIL_PASSWORD_FILE`)"));
        }
        if user.is_some() != password.is_some() {
            return Err(wrong("names a user without `HEARTH_MAIL_PASSWORD_FILE`, or there is such a file and no user"));
        }
        let usual = if at_once { SUBMISSIONS } else { SUBMISSION };
        let at = match host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())) {
            Some((host, port)) => Destination::new(host, port.parse().map_err(|_| wrong("names no port after the colon"))?),
            None => Destination::new(host, usual),
        };
        let at = at.map_err(|e| wrong(&format!("names no server: it {}", e.why)))?;
        Ok(Self {
            at,
            at_once,
            user,
            password,
            #[cfg(test)]
            root: None,
        })
    }

    #[expect(clippy::disallowed_types, reason = "this is the door")]
    async fn send(&self, message: Message) -> Result<(), NotSent> {
        let name = match self.at.host() {
            Host::Name(name) => name.clone(),
            Host::Address(address) => address.to_string(),
        };
        let tls = TlsParameters::builder(name.clone());
        #[cfg(test)]
        let tls = match &self.root {
            Some(root) => tls.add_root_certificate(root.clone()),
            None => tls,
        };
        let tls = tls.build_rustls().map_err(|_| NotSent::Server("cannot be spoken to under TLS"))?;
        let tls = if self.at_once { Tls::Wrapper(tls) } else { Tls::Required(tls) };
        let mut builder =
            lettre::AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(name).port(self.at.port()).timeout(Some(PATIENCE)).tls(tls);
        if let (Some(user), Some(file)) = (&self.user, &self.password) {
            let password = tokio::fs::read_to_string(file).await.map_err(NotSent::Password)?;
            builder = builder.credentials(Credentials::new(user.clone(), password.trim_end_matches(['\r', '\n']).to_owned()));
        }
        builder.build().send(message).await.map(drop).map_err(|why| {
            NotSent::Server(match why {
                why if why.is_permanent() => "refused the letter, or the password",
                why if why.is_transient() => "does not take the letter now",
                why if why.is_tls() => "did not show a certificate that is its own",
                why if why.is_timeout() => "took too long",
                _ => "did not answer as it should",
            })
        })
    }
}

impl Letter<'_> {
    const fn subject(&self) -> &'static str {
        match self {
            Self::Waits { .. } => "Something waits for you / Mae rhywbeth yn aros amdanoch",
            Self::Invitation { .. } => "An invitation / Gwahoddiad",
            Self::Code { .. } => "Your code / Eich cod",
            Self::FrontDoor { .. } => "A referral waits / Mae atgyfeiriad yn aros",
            Self::Referral { .. } => "About a referral that you sent / Am atgyfeiriad a anfonoch",
        }
    }
}

impl fmt::Display for Letter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waits { link } => write!(
                f,
                "Something waits for you. Sign in to see what it is:\n{link}\n\n\
                 Mae rhywbeth yn aros amdanoch. Mewngofnodwch i weld beth ydyw:\n{link}\n"
            ),
            Self::Invitation { council, link } => write!(
                f,
                "{council} invites you to work with it. To accept, open:\n{link}\n\
                 If you did not expect this, do nothing.\n\n\
                 Mae {council} yn eich gwahodd i weithio gyda nhw. I dderbyn, agorwch:\n{link}\n\
                 Os nad oeddech yn disgwyl hyn, peidiwch â gwneud dim.\n"
            ),
            Self::Code { code, minutes } => write!(
                f,
                "Your code to sign in is {code}. It is good for {minutes} minutes. Nobody will ask you for it.\n\n\
                 Eich cod i fewngofnodi yw {code}. Mae'n ddilys am {minutes} munud. Ni fydd neb yn gofyn i chi amdano.\n"
            ),
            Self::FrontDoor { link } => write!(
                f,
                "A referral waits at the front door, and whoever sent it is to hear soon. Sign in to see it:\n{link}\n\n\
                 Mae atgyfeiriad yn aros wrth y drws ffrynt, ac mae'r sawl a'i hanfonodd i glywed yn fuan. Mewngofnodwch i'w weld:\n{link}\n"
            ),
            Self::Referral { link } => write!(
                f,
                "There is an answer to a referral that you sent, or a question about it. Sign in to read it:\n{link}\n\n\
                 Mae ateb i atgyfeiriad a anfonoch, neu gwestiwn amdano. Mewngofnodwch i'w ddarllen:\n{link}\n"
            ),
        }
    }
}
