//! A proxy between a client and the local AWS that knows which call of AWS each request
//! is. It keeps a list of them, and does to chosen ones what a network and a busy
//! service do.
//!
//! ```no_run
//! use testkit::{emulator::Emulator, proxy::{Proxy, Rule}};
//!
//! let account = Emulator::lean().account();
//! let proxy = Proxy::before(&account);
//! proxy.rule(Rule::on("CloudFormation.DescribeStackEvents").times(2).throttle());
//! proxy.rule(Rule::nth(7).cut_after());
//! let account = account.through(&proxy);
//! // … run the client with `account.environment()` …
//! assert_eq!(proxy.count("CloudFormation.CreateChangeSet"), 1);
//! ```

mod answer;
mod call;
mod rule;

use std::io::{self, BufReader};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

pub use call::Call;
pub use rule::Rule;

use crate::emulator::Account;
use crate::http::{self, Request, Response};
use rule::Fault;

/// A proxy; it stops to listen when dropped.
pub struct Proxy {
    address: String,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: String,
    stopped: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    rules: Vec<Rule>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Proxy {
    /// Listens in front of the place where this account is.
    pub fn before(account: &Account) -> Self {
        Self::to(account.address()).expect("a free port can be listened at")
    }

    /// Listens at a free port, in front of `host:port`.
    pub fn to(upstream: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            stopped: AtomicBool::new(false),
            state: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &accepting));
        Ok(Self { address, shared })
    }

    /// `host:port` for clients.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Adds a rule. Of those that fit a call, the one that was added first decides.
    pub fn rule(&self, rule: Rule) {
        self.shared.state().rules.push(rule);
    }

    /// Lets everything through from now on.
    pub fn forget_rules(&self) {
        self.shared.state().rules.clear();
    }

    /// All calls so far, in the order in which they came.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.state().calls.clone()
    }

    /// How many calls had this name so far; a `*` at its end stands for anything.
    pub fn count(&self, name: &str) -> usize {
        self.shared.state().calls.iter().filter(|call| call.is(name)).count()
    }

    /// Starts a new list. [`Rule::nth`] counts from here, too.
    pub fn forget_calls(&self) {
        self.shared.state().calls.clear();
    }
}

impl Drop for Proxy {
    /// The thread that listens wakes up when somebody connects.
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(&self.address));
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        // A client that goes away in the middle is what many tests are about.
        thread::spawn(move || serve(stream, &shared).unwrap_or_default());
    }
}

/// Answers the requests of a connection until one side has enough.
fn serve(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = http::read_request(&mut reader)? {
        match answer(&request, shared)? {
            Some(response) => http::write_response(&mut stream, &request.method, &response)?,
            None => return stream.shutdown(Shutdown::Both),
        }
    }
    Ok(())
}

/// What the client hears; nothing if its connection is cut.
fn answer(request: &Request, shared: &Shared) -> io::Result<Option<Response>> {
    let (call, rule) = note(request, shared);
    let Some(rule) = rule else { return forward(request, shared, &call).map(Some) };
    let answer = match rule.what() {
        Fault::CutAfter => {
            forward(request, shared, &call)?;
            rule.run_hook(&call);
            return Ok(None);
        }
        Fault::CutBefore => None,
        Fault::Throttle => Some(answer::throttled(&call)),
        Fault::Deny => Some(answer::denied(&call)),
        Fault::Expire => Some(answer::expired(&call)),
        Fault::Fail(status) => Some(answer::failed(&call, *status)),
        Fault::Answer(response) => Some(response.clone()),
        Fault::Delay(duration) => {
            thread::sleep(*duration);
            rule.run_hook(&call);
            return forward(request, shared, &call).map(Some);
        }
        Fault::None => {
            rule.run_hook(&call);
            return forward(request, shared, &call).map(Some);
        }
    };
    rule.run_hook(&call);
    Ok(answer)
}

/// Puts a call on the list, and finds the rule for it.
fn note(request: &Request, shared: &Shared) -> (Call, Option<Rule>) {
    let mut state = shared.state();
    let call = Call::of(state.calls.len() + 1, request);
    state.calls.push(call.clone());
    let rule = state.rules.iter_mut().find_map(|rule| rule.take(&call));
    (call, rule)
}

fn forward(request: &Request, shared: &Shared, call: &Call) -> io::Result<Response> {
    let response = http::send(&shared.upstream, request)?;
    let mut state = shared.state();
    if let Some(noted) = state.calls.iter_mut().find(|noted| **noted == *call) {
        noted.status = Some(response.status);
    }
    Ok(response)
}
