"""Headers: flat lists of names and values, as they are on the wire, and what authors read and write."""


def header_in(headers, name):
    """The value of a header in a flat list, the first of several; None when there is none. `name` in lower case."""
    for at in range(0, len(headers), 2):
        if headers[at].lower() == name:
            return headers[at + 1]
    return None


def header_record(headers):
    """A dictionary by names in lower case; several values of a name are joined."""
    record = {}
    for name, value in zip(headers[::2], headers[1::2]):
        name = name.lower()
        record[name] = value if name not in record else record[name] + ("; " if name == "cookie" else ", ") + value
    return record


def header_list(given):
    """
    Headers as authors write them, a mapping or pairs, as a flat list: a list of values repeats its header, None leaves it out.
    """
    headers = []
    for name, value in given.items() if hasattr(given, "items") else given or ():
        for one in value if isinstance(value, (list, tuple)) else (value,):
            if one is not None:
                headers += [str(name), one if isinstance(one, str) else str(one)]
    return headers


def add_default_header(headers, name, value):
    """Adds a header unless there is one of this name, which is in lower case."""
    if header_in(headers, name) is None:
        headers += [name, value]


def go_name(name):
    """A name as Go's HTTP library writes it: `Content-Type`."""
    return "-".join(part.capitalize() for part in name.replace("_", "-").split("-"))
