//! Something that comes between the SDK's clients and whoever they ask. The SDK wants two
//! traits for that, of which this makes one.

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
pub fn between(client: SharedHttpClient, layer: impl Between) -> SharedHttpClient {
    Layered { client, layer }.into_shared()
}

#[derive(Debug)]
struct Layered<B> {
    client: SharedHttpClient,
    layer: B,
}

impl<B: Between> HttpClient for Layered<B> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let next = self.client.http_connector(settings, components);
        SharedHttpConnector::new(LayeredConnector { next, layer: self.layer.clone() })
    }
}

#[derive(Debug)]
struct LayeredConnector<B> {
    next: SharedHttpConnector,
    layer: B,
}

impl<B: Between> HttpConnector for LayeredConnector<B> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.layer.ask(request, &self.next)
    }
}
