//! Looking names up: by this machine's resolver, once for each connection. What is answered is what is looked at and connected to, so
//! that an answer that changes between the two changes nothing.

use std::io;
use std::net::IpAddr;

/// Where names are looked up.
#[derive(Debug, Clone)]
pub enum Names {
    /// As this machine is set up.
    System,
    #[cfg(test)]
    Table(std::sync::Arc<super::tests::Table>),
}

impl Names {
    /// All addresses of a name, in the order in which they are to be tried.
    ///
    /// # Errors
    /// The name has none, or nobody answered.
    pub(super) async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that looks names up")]
            Self::System => Ok(tokio::net::lookup_host((name, 0)).await?.map(|a| a.ip()).collect()),
            #[cfg(test)]
            Self::Table(table) => table.look_up(name),
        }
    }
}
