#!/usr/bin/env python3
"""Tells a DingTalk group of Trailwatch's events, through a robot with a webhook. Needs nothing but Python.

    [[notify]]
    name = "dingtalk"
    command = ["/path/to/dingtalk.py"]
    debounce = "10s"

DINGTALK_WEBHOOK is the robot's address; DINGTALK_SECRET its secret, where it asks for signed messages. A robot that asks
for a keyword finds "Trailwatch" in every message.
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.parse
import urllib.request


def address():
    url, secret = os.environ["DINGTALK_WEBHOOK"], os.environ.get("DINGTALK_SECRET")
    if not secret:
        return url
    stamp = str(round(time.time() * 1000))
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    sign = urllib.parse.quote_plus(base64.b64encode(digest))
    return f"{url}{'&' if '?' in url else '?'}timestamp={stamp}&sign={sign}"


def main():
    events = [json.loads(line) for line in sys.stdin if line.strip()]
    content = "\n".join("Trailwatch: " + event["text"] for event in events)
    message = json.dumps({"msgtype": "text", "text": {"content": content}}).encode()
    request = urllib.request.Request(address(), message, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as response:
        answer = json.load(response)
    if answer.get("errcode", 0) != 0:
        sys.exit(f"DingTalk refused the message: {answer}")


main()
