"""What the files about CloudFormation's operations have in common."""


def value(parameters, name):
    """MiniStack's parameters are lists, as in a query."""
    given = parameters.get(name, "")
    return given[0] if isinstance(given, list) else given


def succeeded(answer):
    return answer[0] < 400


def changed(answer, change):
    """An answer whose text is changed."""
    status, headers, body = answer
    text = body.decode() if isinstance(body, bytes) else body
    return status, headers, change(text).encode()
