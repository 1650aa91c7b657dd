//! A local AWS for the demo, with containers where a Docker engine answers.

use std::time::Duration;

use anyhow::Result;
use testkit::emulator::{Account, Emulator, Image, Mode, Settings, engine_answers, shell_image};

/// What the containers of the example are made of, unless something stands in for it.
pub(super) const PUBLIC: &str = "public.ecr.aws/docker/library/busybox:stable";

/// Long enough for resources to be seen coming, one after the other.
const DELAY: Duration = Duration::from_millis(100);

/// A local AWS, in which nothing is yet.
pub(super) struct Local {
    pub(super) account: Account,
    /// What containers are made of; nothing, if there are none.
    pub(super) image: Option<&'static str>,
    /// It lives as long as this does.
    _emulator: Emulator,
}

impl Local {
    /// Installs it if need be, and starts it.
    pub(super) fn start() -> Result<Self> {
        let image = if engine_answers() { shell_image("running containers") } else { None };
        let mode = if image.is_some() { Mode::Containers } else { Mode::Lean };
        let emulator = Emulator::start(mode)?;
        let account = emulator.account().with_public_subnets();
        let local = Self { account, image, _emulator: emulator };
        if image.is_none() {
            local.pretend();
        }
        Ok(local)
    }

    /// What is real of it, and what is not.
    pub(super) fn reality(&self) -> &'static str {
        if self.image.is_some() {
            "A Docker engine answers: tasks are containers, on volumes and with names. The load \
             balancer only seems to be there."
        } else {
            "No containers can be had, so nothing is real: tasks seem to run, and what they say is \
             made up."
        }
    }

    /// Lets the example's containers do what they would do, where there are none.
    fn pretend(&self) {
        let cook = |dish| Image::named("busybox").with_variable("DISH", dish);
        let cooks = |dish| cook(dish).logs(&[&format!("cooking {dish}")]);
        let pizza = cook("pizza").logs(&["there is no recipe for pizza"]).exits(3);
        let guest = Image::named("busybox").with_variable("PAGE", "http://page:8080/");
        let guest = guest.logs(&["today there is lentil soup"]);
        let images = vec![cooks("lentil soup"), cooks("goulash"), pizza, guest];
        self.account.set(&Settings { delay: DELAY, images, ..Settings::default() });
    }
}
