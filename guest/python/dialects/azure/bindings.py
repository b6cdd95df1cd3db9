"""Triggers, inputs and outputs of a function, as `function.json` describes them."""


def trigger_of(bindings):
    """The binding that starts the function, or None. A generic one may have any type, and says itself that it is one."""
    return next((one for one in bindings if one.get("isTrigger") or str(one.get("type", "")).lower().endswith("trigger")), None)
