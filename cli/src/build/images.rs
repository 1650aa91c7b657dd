//! From what shall be built to images that tasks can pull.

use ecs_apply::{Aws, Held, Repository, hold, repository, repository_name};
use indexmap::IndexMap;

use super::arguments::{Invocation, Target, invocation};
use super::docker::Docker;
use super::error::BuildError;
use super::push::Door;
use super::wish::Wish;
use crate::error::CliError;
use crate::ui::Ui;

/// The tag that the engine keeps the last image of a service by, so that the next build
/// finds its layers.
const KEPT: &str = "ecs-cli";

/// Where images go, and who needs them.
pub(crate) struct Site<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) docker: &'a Docker,
    /// The project's name.
    pub(crate) project: &'a str,
    /// The stack's name.
    pub(crate) stack: &'a str,
    /// What the stack has now, by service.
    pub(crate) before: &'a IndexMap<String, String>,
    /// What somebody named instead of building it, by service.
    pub(crate) given: &'a IndexMap<String, String>,
    /// What tasks run on, by service: `linux/arm64`.
    pub(crate) platforms: &'a IndexMap<String, String>,
    /// No other run has this number.
    pub(crate) number: u64,
}

/// An image on its way.
struct Draft<'a> {
    wish: &'a Wish,
    /// What the engine calls it until it is pushed. Another run builds under another
    /// name, so that neither pushes what the other has built.
    name: String,
    invocation: Invocation,
    platform: &'a str,
}

/// Builds what shall be built, and pushes it. Gives the images by service, each with its
/// digest; nothing is pushed before all is built.
pub(crate) async fn build(
    site: &Site<'_>,
    wishes: &[Wish],
    ui: &mut Ui,
) -> Result<IndexMap<String, String>, CliError> {
    let drafts = drafts(site, wishes)?;
    let pushed = match build_all(site, &drafts, ui).await {
        Ok(ids) => push_all(site, &drafts, &ids, ui).await,
        Err(error) => Err(error.into()),
    };
    for draft in &drafts {
        site.docker.untag(&draft.name).await;
    }
    pushed
}

/// How each image is built. What Docker cannot do is told before it does the rest.
fn drafts<'a>(site: &Site<'a>, wishes: &'a [Wish]) -> Result<Vec<Draft<'a>>, BuildError> {
    let name = |wish: &Wish| (wish.service.clone(), local(site, wish, &number(site)));
    let mut images = site.given.clone();
    images.extend(wishes.iter().map(name));
    let draft = |wish: &'a Wish| {
        let name = images[&wish.service].clone();
        let platform = site.platforms.get(&wish.service).map_or("linux/amd64", String::as_str);
        let target = Target {
            builder: site.docker.builder,
            name: &name,
            platform,
            inherited: &site.docker.environment,
            images: &images,
        };
        let invocation = invocation(wish, &target)?;
        Ok(Draft { wish, name, invocation, platform })
    };
    wishes.iter().map(draft).collect()
}

fn number(site: &Site<'_>) -> String {
    format!("{KEPT}-{:x}", site.number)
}

fn local(site: &Site<'_>, wish: &Wish, tag: &str) -> String {
    format!("{}:{tag}", repository_name(site.project, &wish.service))
}

/// What identifies the images, in the order of the drafts.
async fn build_all(
    site: &Site<'_>,
    drafts: &[Draft<'_>],
    ui: &mut Ui,
) -> Result<Vec<String>, BuildError> {
    let docker = site.docker;
    let mut ids = Vec::new();
    for Draft { wish, name, invocation, platform } in drafts {
        ui.tell(&format!("building {} for {platform}\n", wish.service));
        let worked = docker.build(invocation.clone()).await?;
        let id = if worked { docker.id(name).await? } else { None };
        ids.push(id.ok_or_else(|| BuildError::Failed { service: wish.service.clone() })?);
        docker.tag(name, &local(site, wish, KEPT)).await?;
    }
    Ok(ids)
}

async fn push_all(
    site: &Site<'_>,
    drafts: &[Draft<'_>],
    ids: &[String],
    ui: &mut Ui,
) -> Result<IndexMap<String, String>, CliError> {
    let mut door = None;
    let mut images = IndexMap::new();
    for (draft, id) in drafts.iter().zip(ids) {
        let service = &draft.wish.service;
        let repository = repository(site.aws, site.project, service).await?;
        let digest = match site.aws.image_digest(&repository, id).await? {
            Some(digest) => digest,
            None => push(site, draft, &repository, id, &mut door, ui).await?,
        };
        let image = repository.pinned(&digest);
        let before = site.before.get(service);
        if before != Some(&image) {
            let before = before.and_then(|image| repository.digest_of(image));
            let held = Held { before, now: &digest };
            hold(site.aws, &repository, site.project, site.stack, &held).await?;
        }
        ui.tell(&format!("{service} is {image}\n"));
        for service in draft.wish.shared_with.iter().chain([service]) {
            images.insert(service.clone(), image.clone());
        }
    }
    Ok(images)
}

/// Pushes an image under what identifies its content, and gives the digest that it has
/// then.
async fn push(
    site: &Site<'_>,
    draft: &Draft<'_>,
    repository: &Repository,
    id: &str,
    door: &mut Option<Door>,
    ui: &mut Ui,
) -> Result<String, CliError> {
    let service = || draft.wish.service.clone();
    let door = match door {
        Some(door) => door,
        None => door.insert(Door::open(site.docker, site.aws, repository).await?),
    };
    let name = repository.tagged(id);
    ui.tell(&format!("pushing {} to {}\n", draft.wish.service, repository.address));
    let worked =
        site.docker.tag(&draft.name, &name).await? && door.push(site.docker, &name).await?;
    site.docker.untag(&name).await;
    // Somebody else may have been quicker, and a tag cannot be given twice.
    match site.aws.image_digest(repository, id).await? {
        Some(digest) => Ok(digest),
        None if worked => {
            let repository = repository.address.clone();
            Err(BuildError::NotArrived { service: service(), repository }.into())
        }
        None => Err(BuildError::NotPushed { service: service() }.into()),
    }
}
