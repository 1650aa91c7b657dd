//! The images of services that are built: what comes of building them now, what somebody
//! names, or what the stack has already.

use compose_model::Loaded;
use ecs_apply::{Aws, Stack};
use indexmap::IndexMap;

use crate::aws_args::attempt_number;
use crate::build::{self, Docker, Site, Wish, wishes};
use crate::error::CliError;
use crate::process::Process;
use crate::ui::Ui;

use super::Purpose;

/// What stands where an image will be that nobody has built yet.
const LATER: &str = "built by `up --build`";

/// The images of services that are built.
pub(super) struct Images {
    /// What somebody named, by service.
    given: IndexMap<String, String>,
    wishes: Vec<Wish>,
    /// Who builds; nobody, if nothing is built.
    docker: Option<Docker>,
}

/// Where the images are needed.
pub(super) struct Place<'a> {
    pub(super) aws: &'a Aws,
    /// The project's name.
    pub(super) project: &'a str,
    /// The stack's name.
    pub(super) stack: &'a str,
    pub(super) found: Option<&'a Stack>,
    /// What tasks run on, by service.
    pub(super) platforms: &'a IndexMap<String, String>,
    /// The parameters of the template that are images, by service.
    pub(super) parameters: &'a IndexMap<String, String>,
}

impl Images {
    /// None is built.
    pub(super) fn given(given: IndexMap<String, String>) -> Self {
        Self { given, wishes: Vec::new(), docker: None }
    }

    /// Those of services with `build` are built, also where `image` names one: the project
    /// becomes one in which they have no name yet. Somebody who only looks builds nothing.
    pub(super) async fn built(
        given: IndexMap<String, String>,
        loaded: &mut Loaded,
        purpose: Purpose,
        process: &Process,
        ui: &mut Ui,
    ) -> Result<Self, CliError> {
        let wishes = wishes(loaded, &|service| given.contains_key(service))?;
        if wishes.is_empty() {
            ui.note("no service has `build`, so there is nothing to build");
        }
        for service in wishes.iter().flat_map(|wish| wish.shared_with.iter().chain([&wish.service]))
        {
            let service = &mut loaded.project.services[service];
            service.image = None;
            // They are for the registry that the name would lead to.
            service.extensions.remove("x-aws-pull_credentials");
        }
        let docker = match purpose {
            Purpose::Do if !wishes.is_empty() => Some(Docker::find(process).await?),
            Purpose::Do | Purpose::Show => None,
        };
        Ok(Self { given, wishes, docker })
    }

    /// The images that are parameters of the template, by service, except those that
    /// nobody knows.
    pub(super) async fn find(
        &self,
        place: &Place<'_>,
        purpose: Purpose,
        ui: &mut Ui,
    ) -> Result<IndexMap<String, String>, CliError> {
        let mut images = before(place);
        if purpose == Purpose::Show {
            for service in place.parameters.keys().filter(|it| !self.given.contains_key(*it)) {
                images.entry(service.clone()).or_insert_with(|| LATER.to_owned());
            }
        }
        if let Some(docker) = &self.docker {
            let site = Site {
                aws: place.aws,
                docker,
                project: place.project,
                stack: place.stack,
                before: &before(place),
                given: &self.given,
                platforms: place.platforms,
                number: attempt_number(),
            };
            images.extend(build::build(&site, &self.wishes, ui).await?);
        }
        images.extend(self.given.clone());
        Ok(images)
    }
}

/// What the stack has, by service.
fn before(place: &Place<'_>) -> IndexMap<String, String> {
    let parameters = place.found.map(|stack| &stack.parameters);
    let known = |(service, name): (&String, &String)| {
        let image = parameters?.get(name).filter(|image| *image != LATER)?;
        Some((service.clone(), image.clone()))
    };
    place.parameters.iter().filter_map(known).collect()
}
