"""Containers of tasks, as much like those of Amazon as the engine of this machine makes
them: with their entry point, user, folders and health check, started after those that
they wait for, and known to others by the names of their services."""

import time

from ministack.core.container_reaper import own_labels
from ministack.services import ecs, servicediscovery

from private import need, replace

_docker = need(ecs, "_get_docker")
_tasks = need(ecs, "_tasks")
_is_active = need(ecs, "_task_is_active")
_discovery_services = need(servicediscovery, "_services")
_namespaces = need(servicediscovery, "_namespaces")

# How a setting of a container definition is called by Docker's SDK for Python.
_SAME = {
    "entryPoint": "entrypoint",
    "readonlyRootFilesystem": "read_only",
    "user": "user",
    "workingDirectory": "working_dir",
}

_SECOND = 1_000_000_000


class NotStarted(Exception):
    """A container that others wait for did not do what they wait for."""


def install():
    replace(ecs, "_build_run_kwargs", _complete)
    replace(ecs, "_cleanup_task_resources", _with_space)


def _complete(original):
    """MiniStack asks for these right before it starts a container."""

    def arguments(definition, task_definition, *rest):
        task_arn = rest[5]
        _wait_for_others(definition, _tasks.get(task_arn, {}))
        given = original(definition, task_definition, *rest)
        given.update(_settings(definition))
        given.pop("volumes", None)
        given["mounts"] = _mounts(definition, task_definition, task_arn)
        given.update(_network(_tasks.get(task_arn, {}), given))
        return given

    return arguments


def _settings(definition):
    given = {name: definition[key] for key, name in _SAME.items() if definition.get(key)}
    if (definition.get("linuxParameters") or {}).get("initProcessEnabled"):
        given["init"] = True
    check = definition.get("healthCheck")
    if check:
        given["healthcheck"] = {
            "test": check["command"],
            "interval": check.get("interval", 30) * _SECOND,
            "timeout": check.get("timeout", 5) * _SECOND,
            "retries": check.get("retries", 3),
            "start_period": check.get("startPeriod", 0) * _SECOND,
        }
    return given


# --- folders ---


def _mounts(definition, task_definition, task_arn):
    """The space of a task begins empty and ends with it; a file system stays until this
    emulator ends."""
    from docker.types import Mount

    volumes = {it["name"]: it for it in task_definition.get("volumes") or []}
    return [
        Mount(
            target=point["containerPath"],
            source=_source(volumes[point["sourceVolume"]], task_arn),
            type="volume",
            read_only=bool(point.get("readOnly")),
            no_copy=True,
            labels=own_labels("ecs"),
        )
        for point in definition.get("mountPoints") or []
    ]


def _source(volume, task_arn):
    """Docker's name for a volume."""
    system = volume.get("efsVolumeConfiguration")
    if not system:
        return f"{_task_id(task_arn)}-{volume['name']}"
    access = (system.get("authorizationConfig") or {}).get("accessPointId", "")
    port = own_labels("ecs")["ministack.instance"].rsplit(":", 1)[-1]
    return f"emulator-{port}-{system['fileSystemId']}-{access}"


def _task_id(task_arn):
    return task_arn.rsplit("/", 1)[-1]


def _with_space(original):
    """The space of a task goes when its containers have gone."""

    def clean_up(task, docker_client, *rest, **more):
        original(task, docker_client, *rest, **more)
        docker_client = docker_client or _docker()
        if docker_client:
            _remove_volumes(docker_client, _task_id(task.get("taskArn", "")))

    return clean_up


def _remove_volumes(docker_client, prefix):
    for volume in docker_client.volumes.list(filters={"name": prefix}) if prefix else []:
        try:
            volume.remove()
        except Exception:
            # A container of the task still ends. This emulator removes what is left.
            pass


def remove_everything():
    """Removes what only this emulator has used."""
    docker_client = _docker()
    if not docker_client:
        return
    label = {"label": f"ministack.instance={own_labels('ecs')['ministack.instance']}"}
    for container in docker_client.containers.list(all=True, filters=label):
        _quietly(lambda: container.remove(force=True, v=True))
    for volume in docker_client.volumes.list(filters=label):
        _quietly(volume.remove)
    for network in docker_client.networks.list(filters=label):
        _quietly(network.remove)


def _quietly(work):
    try:
        work()
    except Exception as reason:
        print(f"left behind: {reason}", flush=True)


# --- names ---


def _network(task, given):
    """Services find each other by name: the containers of a cluster share a network, in
    which each has the names of its service."""
    names = _names_of(task)
    if not names or "network_mode" in given:
        return {}
    docker_client = _docker()
    cluster = task["clusterArn"].split(":")[4] + "-" + task["clusterArn"].rsplit("/", 1)[-1]
    port = own_labels("ecs")["ministack.instance"].rsplit(":", 1)[-1]
    network = f"emulator-{port}-{cluster}"
    if not docker_client.networks.list(names=[network]):
        docker_client.networks.create(network, labels=own_labels("ecs"), check_duplicate=True)
    endpoint = docker_client.api.create_endpoint_config(aliases=names)
    return {"network": network, "networking_config": {network: endpoint}}


def _names_of(task):
    group, cluster = task.get("group", ""), task.get("clusterArn", "").rsplit("/", 1)[-1]
    service = ecs._services.get(f"{cluster}/{group.removeprefix('service:')}") or {}
    names = []
    for registry in service.get("serviceRegistries") or []:
        entry = _discovery_services.get(registry.get("registryArn", "").rsplit("/", 1)[-1]) or {}
        namespace = _namespaces.get(_namespace_id(entry)) or {}
        names += [entry["Name"], f"{entry['Name']}.{namespace['Name']}"] if entry and namespace else []
    return names


def _namespace_id(entry):
    return entry.get("NamespaceId") or (entry.get("DnsConfig") or {}).get("NamespaceId", "")


# --- order ---


def _wait_for_others(definition, task):
    for other in definition.get("dependsOn") or []:
        _wait_for(task, other["containerName"], other["condition"])


def _wait_for(task, name, condition):
    """Until a container has started, is healthy or has ended, as is asked for."""
    index, container = _container(task, name)
    while _is_active(task["taskArn"], task):
        container.reload()
        state = container.attrs["State"]
        has_ended = state["Status"] == "exited"
        if condition == "START":
            return
        if condition == "HEALTHY" and state.get("Health", {}).get("Status") == "healthy":
            return
        if has_ended and condition in ("SUCCESS", "COMPLETE"):
            _note_end(task, index, state["ExitCode"])
            if condition == "SUCCESS" and state["ExitCode"] != 0:
                raise NotStarted(f"{name} exited with {state['ExitCode']}")
            return
        if condition == "HEALTHY" and (has_ended or state.get("Health", {}).get("Status") == "unhealthy"):
            raise NotStarted(f"{name} is not healthy")
        time.sleep(0.1)


def _container(task, name):
    """MiniStack keeps the ids of containers in the order in which they were started,
    which is the order of the task definition."""
    index = [it["name"] for it in task["containers"]].index(name)
    return index, _docker().containers.get(task["_docker_ids"][index])


def _note_end(task, index, exit_code):
    task["containers"][index].update(lastStatus="STOPPED", exitCode=exit_code)
