//! All that a host serves: the pages, and behind them the API, which they ask as any front end does.

use axum::Router;
use axum::http::Extensions;
use tower::util::BoxCloneSyncService;

use crate::api::listen::Peer;
use crate::api::{self, App};

/// Pages and API.
pub fn router(app: App) -> Router {
    hearth_web::pages(BoxCloneSyncService::new(api::router(app)), connection)
}

/// From where a page was asked for, the API was asked: who tries codes is counted by it.
fn connection(of: &Extensions) -> Extensions {
    let mut carried = Extensions::new();
    if let Some(peer) = of.get::<Peer>() {
        carried.insert(*peer);
    }
    carried
}
