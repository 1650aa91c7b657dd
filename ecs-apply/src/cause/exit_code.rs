//! What the exit codes of containers mean.

/// Of what was killed: for want of memory, or because it did not end when it was told
/// to.
pub(super) const KILLED: i32 = 137;

/// Of what was told to end. Nobody but ECS does that, for the sake of another container.
pub(super) const TOLD: i32 = 143;

/// What an exit code means, and what to do about it.
pub(super) fn meaning(code: i32) -> (&'static str, &'static str) {
    match code {
        0 => (
            "it had nothing more to do, but tasks of a service shall keep running",
            "let its command run in the foreground; what ends by design belongs to a service \
             that others wait for with `service_completed_successfully`",
        ),
        1 | 2 => (
            "its program reports an error of its own",
            "its last lines say more; compare its variables, and what it connects to, with \
             where it works",
        ),
        125 => ("it could not be set up", "check `user`, `working_dir` and mounts"),
        126 => (
            "its command is no program that may be run",
            "check `command` and `entrypoint`, and that the file may be executed in the image",
        ),
        127 => (
            "its command does not exist in the image",
            "check `command` and `entrypoint`: a line that needs a shell is written \
             `sh -c \"…\"`",
        ),
        132 => (
            "it used an instruction that this processor lacks",
            "build the image for the processor that `platform` names",
        ),
        134 => ("it aborted itself", "its last lines say more"),
        135 => ("it used memory wrongly", "its last lines say more"),
        136 => ("it calculated what cannot be", "its last lines say more"),
        KILLED => (
            "it was killed, most often for want of memory",
            "raise `deploy.resources.limits.memory`; if it was told to end first, it may need \
             a longer `stop_grace_period`",
        ),
        139 => (
            "it used memory that is not its own",
            "its last lines may say more; an image for another processor can do this, too",
        ),
        141 => ("nobody read what it wrote", "its last lines say more"),
        TOLD => (
            "it was told to end",
            "see what ended it: another container of its task, or a limit of time",
        ),
        255 => (
            "its program failed, or could not be run at all",
            "its last lines say more; an image for another processor ends like this",
        ),
        _ => ("its program reports an error of its own", "its last lines say more"),
    }
}
