//! Something that comes between the SDK's clients and whoever they ask.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::shared::IntoShared as _;

/// Sees what is asked, and what is answered.
pub trait Between: std::fmt::Debug + Clone + Send + Sync + 'static {
    /// Asks `next`, or answers itself.
    fn ask(&self, request: HttpRequest, next: &SharedHttpConnector) -> HttpConnectorFuture;
}

/// The same client with something in between.
pub fn between(client: SharedHttpClient, seer: impl Between) -> SharedHttpClient {
    Seen { client, seer }.into_shared()
}

#[derive(Debug)]
struct Seen<B> {
    client: SharedHttpClient,
    seer: B,
}

impl<B: Between> HttpClient for Seen<B> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let next = self.client.http_connector(settings, components);
        SharedHttpConnector::new(SeenConnector { next, seer: self.seer.clone() })
    }
}

#[derive(Debug)]
struct SeenConnector<B> {
    next: SharedHttpConnector,
    seer: B,
}

impl<B: Between> HttpConnector for SeenConnector<B> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.seer.ask(request, &self.next)
    }
}
