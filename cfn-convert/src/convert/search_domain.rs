//! How `db` is found, where Cloud Map knows it as `db.shop.local`.

use ecs_validate::{OperatingSystem, SearchDomain};

use super::container::ContainerDefinition;
use super::helper;
use super::namespace::domain;
use super::shell::quoted;
use super::task_definition::Task;
use crate::value::{Pseudo, Value};

/// The variable that many resolvers read.
const VARIABLE: &str = "LOCALDOMAIN";

/// Writes the domain into `/etc/resolv.conf`, which all containers of a task have
/// in common. Windows has no such file.
pub(crate) fn helper<'a>(task: &mut Task<'a>) -> Option<ContainerDefinition<'a>> {
    let wanted = match task.service.search_domain {
        SearchDomain::InitContainer => task.service.platform.system == OperatingSystem::Linux,
        SearchDomain::Variable | SearchDomain::None => false,
    };
    if !wanted {
        return None;
    }
    let own = format!(".compute.internal {}", domain(&task.shared.project.name));
    let line = Value::Pseudo(Pseudo::Region).around("echo 'search ", &quoted(&own)[1..]);
    let name = helper::name(task, &task.service.name, "ResolvConf");
    Some(helper::helper(task, name, line.then(" >> /etc/resolv.conf")))
}

/// The variable of every container, if that is how the domain is made known.
pub(crate) fn variable(task: &Task<'_>) -> Option<(String, Value<String>)> {
    match task.service.search_domain {
        SearchDomain::Variable => {
            let own = format!(".compute.internal {}", domain(&task.shared.project.name));
            Some((VARIABLE.to_owned(), Value::Pseudo(Pseudo::Region).then(&own)))
        }
        SearchDomain::InitContainer | SearchDomain::None => None,
    }
}
