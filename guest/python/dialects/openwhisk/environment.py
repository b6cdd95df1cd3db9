"""The variables that OpenWhisk's runtimes set."""

import os


def set_action_variables(instance):
    """Those that say which action runs. The app stands for the namespace."""
    os.environ.update(
        {
            "__OW_ACTION_NAME": "/%s/%s" % (instance["app"], instance["function"]),
            "__OW_ACTION_VERSION": instance["version"],
            "__OW_NAMESPACE": instance["app"],
        }
    )


def set_activation_variables(call):
    """Those that say which activation runs: as in OpenWhisk, the last one's when several run at a time."""
    os.environ.update(
        {
            "__OW_ACTIVATION_ID": call.message["id"],
            "__OW_TRANSACTION_ID": call.message["id"],
            "__OW_DEADLINE": str(call.message["deadline"]),
        }
    )
