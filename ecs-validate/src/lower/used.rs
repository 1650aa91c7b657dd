//! What exists already and no service uses is left out: a template would ask for it
//! all the same.

use std::collections::HashSet;

use crate::project::{EcsProject, SecretSource, SecurityGroup};
use crate::service::{Container, Logging, SecretRef};

/// Leaves out networks and secrets of others that nobody here uses. File systems are
/// given their doors in any case.
pub(crate) fn keep_used(project: &mut EcsProject) {
    let EcsProject { services, networks, secrets, .. } = project;
    let in_use: HashSet<&String> = services.iter().flat_map(|service| &service.networks).collect();
    networks.retain(|network| match network.security_group {
        SecurityGroup::New => true,
        SecurityGroup::Existing(_) => in_use.contains(&network.name),
    });
    let containers = || services.iter().flat_map(|service| &service.containers);
    let in_use: HashSet<&String> = containers().flat_map(secrets_of).collect();
    secrets.retain(|secret| match secret.source {
        SecretSource::Parameters { .. } => true,
        SecretSource::Existing(_) => in_use.contains(&secret.name),
    });
}

fn secrets_of(container: &Container) -> impl Iterator<Item = &String> {
    let options = match &container.logging {
        Logging::Driver { secret_options, .. } | Logging::FireLens { secret_options, .. } => {
            Some(secret_options)
        }
        Logging::CloudWatch { .. } | Logging::None => None,
    };
    let options = options.into_iter().flat_map(|options| options.values());
    let variables = container.secret_variables.iter().map(|variable| &variable.source);
    let named = variables.chain(options).filter_map(|source| match source {
        SecretRef::Project(name) => Some(name),
        SecretRef::Arn(_) => None,
    });
    container.secret_files.iter().map(|file| &file.secret).chain(named)
}

#[cfg(test)]
mod tests {
    use crate::check::check;
    use crate::facts::Facts;
    use crate::testing::loaded;

    #[test]
    fn what_nobody_uses_is_not_asked_for() {
        let text = "
services:
  web:
    image: nginx
    x-aws-secrets: {TOKEN: used}
networks:
  other: {external: true}
secrets:
  used: {external: true}
  unused: {external: true}
";
        let project = check(&loaded(text), &Facts::none()).project.unwrap();
        let names: Vec<_> = project.networks.iter().map(|network| &network.name[..]).collect();
        assert_eq!(names, ["default"]);
        let names: Vec<_> = project.secrets.iter().map(|secret| &secret.name[..]).collect();
        assert_eq!(names, ["used"]);
    }
}
