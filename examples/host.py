#!/usr/bin/env python3
"""A host of the drift laboratory: bin/lab run --host 'python3 examples/host.py'. It reads a JSON object a line, and answers each tick with one."""
import json, random, sys

clock = 0                                   # the logical clock: the part worth solving
inbox = []
for line in sys.stdin:
    said = json.loads(line)
    if said["kind"] == "start":             # who I am, whom I know, how likely an internal event is
        me, others, p = said["host"], said["others"], said["prob_internal"]
        chance = random.Random(said["seed"] * 1000 + me)
        print(json.dumps({"kind": "ready"}), flush=True)
    elif said["kind"] == "message":         # into the inbox: this is no event
        inbox.append(said)
    elif said["kind"] == "stop":
        break
    elif said["kind"] == "tick":            # exactly one event, and one line
        if inbox:
            message = inbox.pop(0)
            clock = max(clock, message["logical_clock_time"]) + 1
            event = {"event_type": "RECEIVE", "message": message["id"]}
        else:
            clock += 1
            event = {"event_type": "INTERNAL"}
            if chance.random() >= p:
                target = chance.randrange(len(others) + 1)
                event = {"event_type": "SEND", "to": others if target == 0 else [others[target - 1]]}
        event["logical_clock_time"] = clock
        event["message_queue_size"] = len(inbox)
        print(json.dumps(event), flush=True)
