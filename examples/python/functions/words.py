"""Counts the words of what is posted, as an AWS Lambda function would."""

import base64
import json
import logging
from collections import Counter

from text import words_of

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def lambda_handler(event, context):
    body = event.get("body") or ""
    if event["isBase64Encoded"]:
        body = base64.b64decode(body).decode()
    words = words_of(body)
    logger.info("counted", extra={"words": len(words), "left_ms": context.get_remaining_time_in_millis()})
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"words": len(words), "most": Counter(words).most_common(3)}),
    }
