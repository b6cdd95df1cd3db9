"""The variables that SCF sets."""

import logging
import os
import sys

NAMESPACE = "default"
APP_ID = "0"
UIN = "0"


def set_variables(instance):
    """The region only where the author did not. What is logged at INFO is shown, as SCF does."""
    os.environ.setdefault("TENCENTCLOUD_REGION", "ap-guangzhou")
    os.environ.update(
        {
            "SCF_FUNCTIONNAME": instance["function"],
            "SCF_FUNCTIONVERSION": instance["version"],
            "SCF_NAMESPACE": NAMESPACE,
            "SCF_RUNTIME": "Python%d.%d" % sys.version_info[:2],
            "TENCENTCLOUD_APPID": APP_ID,
            "TENCENTCLOUD_RUNENV": "SCF",
            "TENCENTCLOUD_UIN": UIN,
            "USER_CODE_ROOT": instance["codeDir"] + "/",
        }
    )
    logging.getLogger().setLevel(logging.INFO)
