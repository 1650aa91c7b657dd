//! Errors in the forms that the services of AWS have for them.

use super::call::{Call, Protocol};
use crate::http::Response;

/// The service has had enough of calls.
pub(super) fn throttled(call: &Call) -> Response {
    match call.protocol {
        Protocol::Query => error(call, 400, "Throttling", "Rate exceeded"),
        Protocol::Ec2 => error(call, 503, "RequestLimitExceeded", "Request limit exceeded."),
        Protocol::Json => error(call, 400, "ThrottlingException", "Rate exceeded"),
        Protocol::RestJson => error(call, 429, "ThrottlingException", "Rate exceeded"),
        Protocol::S3 => error(call, 503, "SlowDown", "Please reduce your request rate."),
    }
}

/// Whoever calls has no permission.
pub(super) fn denied(call: &Call) -> Response {
    let Call { account, service, .. } = call;
    let action = call.operation();
    let message = format!(
        "User: arn:aws:iam::{account}:user/tester is not authorized to perform: \
         {service}:{action} because no identity-based policy allows the {service}:{action} action"
    );
    match call.protocol {
        Protocol::Query => error(call, 403, "AccessDenied", &message),
        Protocol::Ec2 => error(
            call,
            403,
            "UnauthorizedOperation",
            &format!("You are not authorized to perform this operation. {message}"),
        ),
        Protocol::Json => error(call, 400, "AccessDeniedException", &message),
        Protocol::RestJson => error(call, 403, "AccessDeniedException", &message),
        Protocol::S3 => error(call, 403, "AccessDenied", "Access Denied"),
    }
}

/// Whoever calls was known, and is not any more.
pub(super) fn expired(call: &Call) -> Response {
    let message = "The security token included in the request is expired";
    match call.protocol {
        Protocol::Query => error(call, 403, "ExpiredToken", message),
        Protocol::Ec2 => error(call, 400, "RequestExpired", "Request has expired."),
        Protocol::Json => error(call, 400, "ExpiredTokenException", message),
        Protocol::RestJson => error(call, 403, "ExpiredTokenException", message),
        Protocol::S3 => error(call, 400, "ExpiredToken", "The provided token has expired."),
    }
}

/// The service fails.
pub(super) fn failed(call: &Call, status: u16) -> Response {
    error(call, status, "InternalFailure", "The service has failed; a test wants it to.")
}

fn error(call: &Call, status: u16, code: &str, message: &str) -> Response {
    let xml = |body: String| Response::new(status, "text/xml", body);
    let id = "<RequestId>00000000-0000-0000-0000-000000000000</RequestId>";
    let inner = format!("<Code>{code}</Code><Message>{message}</Message>");
    match call.protocol {
        Protocol::Query => {
            let error = format!("<Error><Type>Sender</Type>{inner}</Error>");
            xml(format!("<ErrorResponse>{error}{id}</ErrorResponse>"))
        }
        Protocol::Ec2 => {
            xml(format!("<Response><Errors><Error>{inner}</Error></Errors>{id}</Response>"))
        }
        Protocol::S3 => xml(format!("<Error>{inner}{id}</Error>")),
        Protocol::Json | Protocol::RestJson => json(status, code, message),
    }
}

fn json(status: u16, code: &str, message: &str) -> Response {
    let body = serde_json::json!({ "__type": code, "message": message });
    let mut response = Response::new(status, "application/x-amz-json-1.1", body.to_string());
    response.headers.add("x-amzn-ErrorType", code);
    response
}
