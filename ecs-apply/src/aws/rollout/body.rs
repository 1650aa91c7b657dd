//! Requests and answers in AWS's own JSON, beside the SDK's types: what those do not
//! know is kept.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;

use super::Object;

/// Has a request say this, before it is signed.
pub(super) fn put(text: &str, request: &mut HttpRequest) {
    request.headers_mut().insert("content-length", text.len().to_string());
    *request.body_mut() = SdkBody::from(text);
}

/// Adds something to what a request says.
pub(super) fn add(key: &str, text: &str, request: &mut HttpRequest) {
    let body = request.body().bytes().and_then(|it| serde_json::from_slice(it).ok());
    let mut body: Object = body.unwrap_or_default();
    body.insert(key.to_owned(), serde_json::from_str(text).unwrap_or_default());
    put(&Value::from(body).to_string(), request);
}

/// What was answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard(Arc<Mutex<Object>>);

impl Heard {
    /// What was answered under a key.
    pub(super) fn object(&self, key: &str) -> Object {
        let heard = self.0.lock().ok().and_then(|mut all| all.remove(key));
        match heard {
            Some(Value::Object(object)) => object,
            _ => Object::new(),
        }
    }
}

impl Intercept for Heard {
    fn name(&self) -> &'static str {
        "Heard"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        if let (Ok(mut heard), Ok(body)) = (self.0.lock(), serde_json::from_slice(body)) {
            *heard = body;
        }
        Ok(())
    }
}
