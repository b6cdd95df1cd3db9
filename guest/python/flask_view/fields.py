"""Dictionaries with several values a name, as Flask's requests and responses have them."""

from ..header_fields import header_list


class MultiDict(dict):
    """`args`, `form`, `files`: `[name]` and `get` give the first value of a name, `getlist` all."""

    def __init__(self, pairs=()):
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def __getitem__(self, name):
        try:
            return super().__getitem__(name)[0]
        except KeyError:
            raise BadRequestKey(name) from None

    def __iter__(self):
        # Being here, it has `dict(…)` ask for items instead of taking the lists.
        return super().__iter__()

    def get(self, name, default=None, type=None):
        """The first value, as `type` makes it; the default when it can't."""
        if name not in self:
            return default
        if type is None:
            return self[name]
        try:
            return type(self[name])
        except (ValueError, TypeError):
            return default

    def getlist(self, name, type=None):
        """All values."""
        values = super().get(name, [])
        return list(values) if type is None else [type(value) for value in values]

    def items(self, multi=False):
        """Pairs of names and first values; `multi`: all."""
        for name, values in super().items():
            for value in values if multi else values[:1]:
                yield name, value

    def values(self):
        """First values."""
        return (values[0] for values in super().values())

    def lists(self):
        """Pairs of names and all their values."""
        return ((name, list(values)) for name, values in super().items())

    def to_dict(self, flat=True):
        """A plain dictionary."""
        return dict(self.items()) if flat else dict(self.lists())


class BadRequestKey(KeyError):
    """The request has no such field: a client's error, 400."""


class Headers:
    """Headers whose names may be written in any case. Those of a request are given as the flat list of the wire."""

    def __init__(self, given=None, flat=None):
        self.flat = list(flat) if flat is not None else header_list(given)

    def _values(self, name):
        return [value for key, value in self if key.lower() == name.lower()]

    def __iter__(self):
        return iter(list(zip(self.flat[::2], self.flat[1::2])))

    def __len__(self):
        return len(self.flat) // 2

    def __contains__(self, name):
        return bool(self._values(name))

    def __getitem__(self, name):
        values = self._values(name)
        if not values:
            raise BadRequestKey(name)
        # Flask's requests come by WSGI, which joins what is repeated.
        return ",".join(values) if name.lower() != "set-cookie" else values[0]

    def __setitem__(self, name, value):
        del self[name]
        self.add(name, value)

    def __delitem__(self, name):
        kept = [pair for pair in self if pair[0].lower() != name.lower()]
        self.flat = [text for pair in kept for text in pair]

    def __repr__(self):
        return "Headers(%r)" % list(self)

    def __str__(self):
        return "".join("%s: %s\r\n" % pair for pair in self) + "\r\n"

    def get(self, name, default=None, type=None):
        """A header's value."""
        if name not in self:
            return default
        try:
            return self[name] if type is None else type(self[name])
        except (ValueError, TypeError):
            return default

    def getlist(self, name):
        """All values of a header."""
        return self._values(name)

    get_all = getlist

    def add(self, name, value, **parameters):
        """One more; `filename="a b"` becomes a parameter of the value."""
        more = "".join('; %s="%s"' % (key.replace("_", "-"), text) for key, text in parameters.items())
        self.flat += [str(name), str(value) + more]

    add_header = add

    def set(self, name, value, **parameters):
        """In place of all others of the name."""
        del self[name]
        self.add(name, value, **parameters)

    def setdefault(self, name, default):
        """Adds a header where there is none."""
        if name not in self:
            self.add(name, default)
        return self[name]

    def extend(self, given):
        """More of them."""
        self.flat += header_list(given)

    def update(self, given):
        """In place of those that have the same names."""
        more = header_list(given)
        for name in more[::2]:
            del self[name]
        self.flat += more

    def remove(self, name):
        """All of a name."""
        del self[name]

    def pop(self, name, *default):
        """Takes a header out."""
        if name not in self and default:
            return default[0]
        value = self[name]
        del self[name]
        return value

    def keys(self):
        """Names."""
        return [name for name, _ in self]

    def values(self):
        """Values."""
        return [value for _, value in self]

    def items(self):
        """Pairs."""
        return list(self)

    def to_wsgi_list(self):
        """Pairs."""
        return list(self)
