//! What happens to which calls.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::call::Call;
use crate::http::Response;

/// What happens to which calls, and how often: once, unless told otherwise.
#[derive(Clone)]
pub struct Rule {
    which: Which,
    skip: usize,
    times: usize,
    fault: Fault,
    hook: Option<Hook>,
}

/// What a test wants to do at the moment of a call.
type Hook = Arc<dyn Fn(&Call) + Send + Sync>;

#[derive(Clone)]
enum Which {
    Named(String),
    Nth(usize),
}

/// What happens to a call.
#[derive(Clone)]
pub(super) enum Fault {
    None,
    Throttle,
    Deny,
    Expire,
    Fail(u16),
    Delay(Duration),
    CutBefore,
    CutAfter,
    Answer(Response),
}

impl Rule {
    /// For calls of this name; a `*` at its end stands for anything.
    pub fn on(name: &str) -> Self {
        Self::new(Which::Named(name.to_owned()))
    }

    /// For the call with this place among all, from 1.
    pub fn nth(index: usize) -> Self {
        Self::new(Which::Nth(index))
    }

    fn new(which: Which) -> Self {
        Self { which, skip: 0, times: 1, fault: Fault::None, hook: None }
    }

    /// Leaves the first ones alone.
    #[must_use]
    pub fn skip(self, skip: usize) -> Self {
        Self { skip, ..self }
    }

    /// As often as this.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// As often as it is called.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    /// "Rate exceeded", in the form that the service has for it.
    #[must_use]
    pub fn throttle(self) -> Self {
        self.fault(Fault::Throttle)
    }

    /// "Not authorized to perform", in the form that the service has for it.
    #[must_use]
    pub fn deny(self) -> Self {
        self.fault(Fault::Deny)
    }

    /// "The security token is expired", in the form that the service has for it.
    #[must_use]
    pub fn expire(self) -> Self {
        self.fault(Fault::Expire)
    }

    /// A failure of the service, such as 500 or 503. The call does not take effect.
    #[must_use]
    pub fn fail(self, status: u16) -> Self {
        self.fault(Fault::Fail(status))
    }

    /// The call goes through, later.
    #[must_use]
    pub fn delay(self, duration: Duration) -> Self {
        self.fault(Fault::Delay(duration))
    }

    /// The connection is cut before the call takes effect.
    #[must_use]
    pub fn cut_before(self) -> Self {
        self.fault(Fault::CutBefore)
    }

    /// The call takes effect, and the connection is cut before the client hears of it.
    #[must_use]
    pub fn cut_after(self) -> Self {
        self.fault(Fault::CutAfter)
    }

    /// This answer instead of the service's.
    #[must_use]
    pub fn answer(self, response: Response) -> Self {
        self.fault(Fault::Answer(response))
    }

    /// Runs something at the moment of the call: after a [cut](Self::cut_after) call took
    /// effect, otherwise before the call is let through or answered.
    #[must_use]
    pub fn then(self, hook: impl Fn(&Call) + Send + Sync + 'static) -> Self {
        Self { hook: Some(Arc::new(hook)), ..self }
    }

    fn fault(self, fault: Fault) -> Self {
        Self { fault, ..self }
    }

    /// What to do to this call, if it is one that the rule is for, and counts it.
    pub(super) fn take(&mut self, call: &Call) -> Option<Self> {
        let fits = match &self.which {
            Which::Named(name) => call.is(name),
            Which::Nth(index) => call.index == *index,
        };
        if !fits || self.times == 0 {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.times = self.times.saturating_sub(1);
        Some(self.clone())
    }

    pub(super) fn what(&self) -> &Fault {
        &self.fault
    }

    pub(super) fn run_hook(&self, call: &Call) {
        if let Some(hook) = &self.hook {
            hook(call);
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Rule")
    }
}
