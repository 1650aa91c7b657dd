//! Requests with a form, signed as AWS wants it.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use jiff::Timestamp;

use super::super::http::{FORM, Request};

/// A form for `ec2` or another service, signed now; or why that cannot be done.
pub(in super::super) fn signed(
    service: &str,
    region: &str,
    url: &str,
    body: &str,
    credentials: Credentials,
) -> Result<Request, String> {
    let identity = credentials.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(Timestamp::now().into())
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let headers = [("content-type", FORM)];
    let body_bytes = SignableBody::Bytes(body.as_bytes());
    let signable = SignableRequest::new("POST", url, headers.into_iter(), body_bytes)
        .map_err(|error| error.to_string())?;
    let signed = sign(signable, &parameters).map_err(|error| error.to_string())?;
    let (instructions, _) = signed.into_parts();
    let (added, _) = instructions.into_parts();
    let request = Request::new("POST", url).form(body.to_owned());
    let add = |request: Request, (name, value): (&'static str, String)| request.header(name, value);
    let added = added.iter().map(|header| (header.name(), header.value().to_owned()));
    Ok(added.fold(request, add))
}
